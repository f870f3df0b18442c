/** A provider as each caller may see it. */
import type { Principal } from '../http/principal.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { ProviderSummary, ProviderView } from './contract.ts';
import {
  admissionsInForce,
  openProviderActions,
  type Admission,
  type Provider,
  type ProviderSight,
  type ProviderStep,
} from './provider.ts';

const copied = (admissions: readonly Admission[]) =>
  admissions.map(({ services, divisions, since, until, status }) => ({
    services: [...services],
    divisions: [...divisions],
    since,
    until,
    status,
  }));

const served = (admissions: readonly Admission[]) => ({
  services: [...new Set(admissions.flatMap(({ services }) => services))],
  divisions: [...new Set(admissions.flatMap(({ divisions }) => divisions))],
});

/** As far as `sight` goes. */
export const providerView = (
  provider: Provider,
  history: readonly ProviderStep[],
  sight: Exclude<ProviderSight, 'nothing'>,
  /** Whatever its owner has applied for. */
  entries: readonly Provider[],
  caller: Principal | undefined,
  now: EpochMs,
): ProviderView => {
  const { id, name, kind, status, appliedAt, changedAt: updatedAt } = provider;
  const actions = openProviderActions(provider, caller);
  const inForce = admissionsInForce(provider, now);
  const shown = { id, name, kind, status, appliedAt, updatedAt, actions };
  if (sight === 'public') return { ...shown, ...served(inForce), admissions: copied(inForce) };
  return {
    ...shown,
    services: [...provider.services],
    divisions: [...provider.divisions],
    admissions: copied(provider.admissions),
    contact: provider.contact,
    owner: provider.owner,
    recordedBy: provider.recordedBy,
    pending: [...provider.pending],
    ...(entries.length === 0
      ? {}
      : { otherEntries: entries.filter((each) => each.id !== id).map((each) => ({ id: each.id, status: each.status })) }),
    history: history.map(({ at, action, status: then, by, note, services, divisions, until, refused, onBehalfOf, channel }) => ({
      at,
      action,
      status: then,
      by,
      note,
      services: services === undefined ? undefined : [...services],
      divisions: divisions === undefined ? undefined : [...divisions],
      until,
      refused: refused === undefined ? undefined : { services: [...refused.services], divisions: [...refused.divisions] },
      onBehalfOf,
      channel,
    })),
  };
};

/** A line of a list: of the admitted what holds now, of others what they have applied for. */
export const providerSummaryView = (provider: Provider, asAdmitted: boolean, now: EpochMs): ProviderSummary => {
  const { id, name, kind, status, appliedAt, services, divisions } = provider;
  const inForce = admissionsInForce(provider, now);
  const until = inForce
    .map((each) => each.until)
    .toSorted()
    .at(-1);
  const what = asAdmitted ? served(inForce) : { services: [...services], divisions: [...divisions] };
  return { id, name, kind, status, appliedAt, ...what, ...(until === undefined ? {} : { until }) };
};
