/** The catalogue as GeoReport v2 shows it: services, and what each asks for. */
import type { Attribute } from '../../catalogue/contract.ts';
import { catalogueReader } from '../../catalogue/reader.ts';
import type { CatalogueService } from '../../catalogue/service.ts';
import { divisionsReader } from '../../divisions/reader.ts';
import type { Run } from '../../http/call.ts';
import { err, ok } from '../../kernel/result.ts';
import { inLanguage, type Language, type Texts } from '../../kernel/texts.ts';
import type { DefinitionRecord, listServices as listDeclaration, readService as readDeclaration, ServiceRecord } from './contract.ts';
import { idOfFile } from './file.ts';
import { jurisdictionOf } from './place.ts';

const GROUPS: Readonly<Record<CatalogueService['group'], Texts>> = {
  welfare: { 'zh-CN': '为民服务', en: 'Welfare' },
  convenience: { 'zh-CN': '便民服务', en: 'Convenience' },
  safety: { 'zh-CN': '安民服务', en: 'Safety' },
};

/** FixMyStreet keeps reports to itself whose service has this keyword. */
const NOT_PUBLIC = 'private';

const recordOf = ({ code, name, description, keywords, group, visibility }: CatalogueService, language: Language): ServiceRecord => ({
  service_code: code,
  service_name: inLanguage(name, language),
  description: inLanguage(description, language),
  // Each asks for the community at least.
  metadata: true,
  type: 'realtime',
  keywords: [...keywords, ...(visibility === 'public' ? [] : [NOT_PUBLIC])].join(','),
  group: inLanguage(GROUPS[group], language),
});

/** What can be sent in beside the attributes of the service. */
export const COMMUNITY = 'community';
export const CLIENTS_OWN_ID = 'fixmystreet_id';

const OWN: readonly { readonly code: string; readonly description: Texts; readonly automated?: 'server_set' }[] = [
  {
    code: COMMUNITY,
    description: {
      'zh-CN': '社区（12 位区划代码）；不填则按位置取最近的社区',
      en: 'Community (12-digit division code); without it the one nearest to the position',
    },
  },
  {
    code: CLIENTS_OWN_ID,
    description: { 'zh-CN': '客户端自己的编号；同一编号只受理一次', en: 'The client’s own id; the same one is taken once' },
    automated: 'server_set',
  },
];

const attributeOf = (attribute: Attribute, order: number, language: Language): DefinitionRecord['attributes'][number] => ({
  variable: true,
  code: attribute.code,
  datatype: attribute.datatype,
  required: attribute.required,
  datatype_description: attribute.datatypeDescription === undefined ? null : inLanguage(attribute.datatypeDescription, language),
  order,
  description: inLanguage(attribute.description, language),
  ...(attribute.values === undefined
    ? {}
    : { values: attribute.values.map(({ key, name }) => ({ key, name: inLanguage(name, language) })) }),
});

const definitionOf = ({ code, attributes }: CatalogueService, language: Language): DefinitionRecord => {
  const own = attributes.toSorted((a, b) => a.order - b.order);
  return {
    service_code: code,
    attributes: [
      // Orders are positive, and unique in a service.
      ...own.map((attribute, index) => attributeOf(attribute, index + 1, language)),
      ...OWN.filter((each) => own.every((attribute) => attribute.code !== each.code)).map(
        ({ code: name, description, automated }, index) => ({
          variable: automated === undefined,
          code: name,
          datatype: 'string' as const,
          required: false,
          datatype_description: null,
          order: own.length + index + 1,
          description: inLanguage(description, language),
          ...(automated === undefined ? {} : { automated }),
        }),
      ),
    ],
  };
};

const IN_LANGUAGE = { headers: { vary: 'Accept-Language' } };

/** What is confidential is neither asked for nor shown here. */
export const isShown = ({ visibility }: Pick<CatalogueService, 'visibility'>): boolean => visibility !== 'confidential';

export const listServices: Run<(typeof listDeclaration)['xml']> = async ({ runtime, query, language }) => {
  const jurisdiction = await jurisdictionOf(divisionsReader(runtime.database), query.jurisdiction_id);
  if (!jurisdiction.ok) return jurisdiction;
  const catalogue = catalogueReader(runtime.database);
  const offered = (await catalogue.all()).filter((service) => isShown(service) && catalogue.isOffered(service, jurisdiction.value));
  return ok({ status: 200, body: offered.map((service) => recordOf(service, language)), ...IN_LANGUAGE });
};

export const readService: Run<typeof readDeclaration> = async ({ runtime, params, query, language }) => {
  const code = idOfFile(params.file);
  const jurisdiction = await jurisdictionOf(divisionsReader(runtime.database), query.jurisdiction_id);
  if (!jurisdiction.ok) return jurisdiction;
  const catalogue = catalogueReader(runtime.database);
  const service = code === undefined ? undefined : await catalogue.current(code);
  if (service === undefined || !isShown(service) || !catalogue.isOffered(service, jurisdiction.value)) return err({ code: 'notFound' });
  return ok({ status: 200, body: definitionOf(service, language), ...IN_LANGUAGE });
};
