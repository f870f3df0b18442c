import { isMatch, type Run } from '../http/call.ts';
import { wrongField, type FieldError } from '../http/problem.ts';
import { validate } from '../http/validate.ts';
import { err, ok } from '../kernel/result.ts';
import { toInstant } from '../kernel/time.ts';
import { SETTINGS, type Attribute, type putService, type putSetting } from './contract.ts';
import { catalogueReader } from './reader.ts';
import { catalogueRepository, settingKey } from './repository.ts';

/** Every page of the catalogue carries the whole service. */
const MOST_BYTES = 100_000;
const TOO_LONG = {
  'zh-CN': `整个服务不能超过 ${MOST_BYTES} 字节，请缩短`,
  en: `make the service too long: ${MOST_BYTES} bytes in all at most`,
};

const isList = (attribute: Attribute): boolean => attribute.datatype === 'singlevaluelist' || attribute.datatype === 'multivaluelist';

const attributeErrors = (attributes: readonly Attribute[]): readonly FieldError[] =>
  attributes.flatMap((attribute, index): FieldError[] => {
    const errors: FieldError[] = [];
    if (attributes.findIndex((each) => each.code === attribute.code) !== index) {
      errors.push({
        path: `attributes.${index}.code`,
        message: { 'zh-CN': '与前面的属性重复', en: 'is the code of an attribute before it' },
      });
    }
    if (isList(attribute) !== (attribute.values !== undefined)) {
      errors.push({
        path: `attributes.${index}.values`,
        message: { 'zh-CN': '列表类属性必须有 values，其他类型不能有', en: 'belongs to lists, which must have it' },
      });
    }
    return errors;
  });

/** Makes a service, or a new version of it. */
export const put: Run<typeof putService> = async ({ runtime, params: { code }, body, ifMatch, requestId, now }) => {
  const repository = catalogueRepository(runtime.database);
  const [before, programmes] = await Promise.all([repository.read(code), catalogueReader(runtime.database).setting('programmes')]);
  if (!isMatch(ifMatch, before?.version)) return err({ code: 'preconditionFailed' });
  const errors = [
    ...attributeErrors(body.attributes),
    ...(body.programme === undefined || programmes.some((each) => each.code === body.programme)
      ? []
      : [
          {
            path: 'programme',
            message: {
              'zh-CN': '没有这个行动，请先在设置 programmes 中列出',
              en: 'is no programme: list it in the setting `programmes` first',
            },
          },
        ]),
  ];
  if (Buffer.byteLength(JSON.stringify(body)) > MOST_BYTES) errors.push({ path: 'attributes', message: TOO_LONG });
  if (errors.length > 0) return err({ code: 'invalid', errors });
  const service = {
    ...body,
    code,
    active: body.active ?? true,
    version: (before?.version ?? 0) + 1,
    change: before === undefined ? ('made' as const) : ('changed' as const),
    requestId,
    changedAt: toInstant(now),
  };
  const written = await repository.put(service, before);
  if (!written.ok) return err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  return ok({ status: before === undefined ? 201 : 200, body: service, version: service.version, location: `/v1/services/${code}` });
};

/** Sets a setting: its value is checked against the schema of its name. */
export const putSettingValue: Run<typeof putSetting> = async ({ runtime, params: { name }, body, ifMatch, requestId, now }) => {
  const checked = await validate(SETTINGS[name].schema, body.value, ['value']);
  if (!checked.ok) return err({ code: 'invalid', errors: checked.error });
  const repository = catalogueRepository(runtime.database);
  const before = await repository.readSetting(name);
  if (!isMatch(ifMatch, before?.version ?? 0)) return err({ code: 'preconditionFailed' });
  if (name === 'programmes') {
    const codes = (checked.value as readonly { code: string }[]).map((each) => each.code);
    const twice = codes.findIndex((each, index) => codes.indexOf(each) !== index);
    if (twice !== -1)
      return err(wrongField(`value.${twice}.code`, { 'zh-CN': '与前面的行动重复', en: 'is the code of a programme before it' }));
  }
  const setting = {
    ...settingKey(name),
    name,
    value: checked.value,
    version: (before?.version ?? 0) + 1,
    change: 'changed' as const,
    requestId,
    changedAt: toInstant(now),
  };
  const written = await repository.putSetting(setting, before);
  if (!written.ok) return err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  return ok({ status: 200, body: { name, value: setting.value }, version: setting.version });
};
