import { auditWrite } from '../../audit/writer.ts';
import type { Run } from '../../http/call.ts';
import type { FieldError } from '../../http/problem.ts';
import { err, ok } from '../../kernel/result.ts';
import { parseInstant, toInstant, type EpochMs, type Instant } from '../../kernel/time.ts';
import { located, putAs } from '../put-as.ts';
import { accountOf } from './account.ts';
import type { putServicePoint } from './contract.ts';
import { claimsAfter, type EntitlementKind } from './entitlement.ts';
import { staffView } from './view.ts';

type Inputs = readonly { readonly kind: EntitlementKind; readonly claimedAt?: string | undefined }[];

const instantOf = (text: string | undefined): Instant | undefined => {
  const at = text === undefined ? undefined : parseInstant(text);
  return at === undefined ? undefined : toInstant(at);
};

const errorsIn = (inputs: Inputs, now: EpochMs): readonly FieldError[] =>
  inputs.flatMap(({ kind, claimedAt }, index): FieldError[] => [
    ...(inputs.findIndex((each) => each.kind === kind) === index
      ? []
      : [{ path: `entitlements.${index}.kind`, message: { 'zh-CN': '与前面的重复', en: 'is claimed before it' } }]),
    ...((instantOf(claimedAt) ?? '') > toInstant(now)
      ? [{ path: `entitlements.${index}.claimedAt`, message: { 'zh-CN': '不能晚于现在', en: 'must not be later than now' } }]
      : []),
  ]);

/** Makes or replaces a service point, the facility under its id; who claims something for it, or no longer does, is written down. */
export const put: Run<typeof putServicePoint> = async (call) => {
  const { caller, params, body, now } = call;
  const { entitlements: inputs, provider, ...facts } = body;
  const errors = errorsIn(inputs, now);
  if (errors.length > 0) return err({ code: 'invalid', errors });
  const claims = inputs.map((input) => ({ ...input, claimedAt: instantOf(input.claimedAt) }));
  const written = await putAs(
    call,
    params.id,
    { ...facts, kind: 'servicePoint', location: located(body.location) },
    (before) => ok({ provider, entitlements: claimsAfter(before?.entitlements ?? [], claims, caller.sub, now) }),
    (next, before) => (claims.length > 0 || (before?.entitlements ?? []).length > 0 ? [auditWrite(accountOf(call, next, 'claim'))] : []),
  );
  if (!written.ok) return written;
  const { item, status } = written.value;
  return ok({ status, body: staffView(item), version: item.version, location: `/v1/service-points/${item.id}` });
};
