import { auditWrite } from '../../audit/writer.ts';
import type { Run } from '../../http/call.ts';
import type { FieldError } from '../../http/problem.ts';
import { untilWritten } from '../../http/until-written.ts';
import { ok } from '../../kernel/result.ts';
import { parseInstant, toInstant, type EpochMs, type Instant } from '../../kernel/time.ts';
import { providersReader } from '../../providers/reader.ts';
import { located, putAs } from '../put-as.ts';
import { accountOf, movesClaims } from './account.ts';
import type { putServicePoint } from './contract.ts';
import { claimsAfter, claimsTheSame, type ClaimInput } from './entitlement.ts';
import { staffView } from './view.ts';

type Inputs = readonly ClaimInput[];

const instantOf = (text: string | undefined): Instant | undefined => {
  const at = text === undefined ? undefined : parseInstant(text);
  return at === undefined ? undefined : toInstant(at);
};

const errorsIn = (inputs: Inputs, now: EpochMs): readonly FieldError[] =>
  inputs.flatMap(({ kind, claimedAt }, index): FieldError[] => [
    ...(inputs.findIndex((each) => each.kind === kind) === index
      ? []
      : [{ path: `entitlements.${index}.kind`, message: { 'zh-CN': '与前面的重复', en: 'is claimed before it' } }]),
    ...((claimedAt ?? '') > toInstant(now)
      ? [{ path: `entitlements.${index}.claimedAt`, message: { 'zh-CN': '不能晚于现在', en: 'must not be later than now' } }]
      : []),
  ]);

/**
 * Makes or replaces a service point, the facility under its id. Who claims something for it, or no longer does, is written down, and who moves
 * what is claimed to where others see it.
 */
export const put: Run<typeof putServicePoint> = (call) =>
  untilWritten<typeof putServicePoint>(async () => {
    const { runtime, caller, params, body, now } = call;
    const { entitlements: inputs, provider, ...facts } = body;
    const claims = inputs?.map((input): ClaimInput =>
      typeof input === 'string' ? { kind: input } : { ...input, claimedAt: instantOf(input.claimedAt) },
    );

    /** Who runs it already may go on, whatever the register says of them meanwhile. */
    const providerErrors = async (known: string | undefined): Promise<readonly FieldError[]> =>
      provider === undefined || provider === known || (await providersReader(runtime.database).read(provider))?.isAdmitted(now) === true
        ? []
        : [{ path: 'provider', message: { 'zh-CN': '没有这个已准入的服务商', en: 'is no admitted provider' } }];

    const written = await putAs(call, params.id, {
      facts: { ...facts, kind: 'servicePoint', location: located(body.location) },
      errors: async (before) => [...(await providerErrors(before?.provider)), ...errorsIn(claims ?? [], now)],
      further: (before) => ({
        provider,
        entitlements: claims === undefined ? (before?.entitlements ?? []) : claimsAfter(before?.entitlements, claims, caller.sub, now),
      }),
      along: (next, before) => {
        if (claims !== undefined && !claimsTheSame(before?.entitlements, claims)) return [auditWrite(accountOf(call, next, 'claim'))];
        return movesClaims(next, before) ? [auditWrite(accountOf(call, next, 'move'))] : [];
      },
    });
    if (written === 'lost' || !written.ok) return written;
    const { item, status } = written.value;
    return ok({ status, body: staffView(item), version: item.version, view: 'whole', location: `/v1/service-points/${item.id}` });
  });
