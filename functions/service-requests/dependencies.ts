/** What the use cases of this domain work with. */
import type { Runtime } from '../data/runtime.ts';
import { catalogueReader, type CatalogueReader } from '../catalogue/reader.ts';
import { divisionsReader, type DivisionsReader } from '../divisions/reader.ts';
import type { Call } from '../http/call.ts';
import { actingFor } from '../http/principal.ts';
import { mediaReader, type MediaReader } from '../media/reader.ts';
import { providersReader, type ProvidersReader } from '../providers/reader.ts';
import { serviceRequestRepository, type ServiceRequestRepository } from './repository.ts';
import type { Caller, ServiceRequest } from './service-request.ts';
import type { Terms } from './transitions.ts';

export interface Dependencies {
  readonly requests: ServiceRequestRepository;
  readonly catalogue: CatalogueReader;
  readonly divisions: DivisionsReader;
  readonly media: MediaReader;
  readonly providers: ProvidersReader;
}

export const dependencies = ({ database, objects }: Pick<Runtime, 'database' | 'objects'>): Dependencies => ({
  requests: serviceRequestRepository(database),
  catalogue: catalogueReader(database),
  divisions: divisionsReader(database),
  media: mediaReader({ database, objects }),
  providers: providersReader(database),
});

/** The call of somebody whose claim to a provider is held against the register. Nobody else is looked up. */
export const registered = async <C extends Pick<Call, 'caller' | 'runtime'>>(call: C): Promise<C> => {
  const { caller, runtime } = call;
  const id = actingFor(caller);
  if (caller === undefined || id === undefined) return call;
  const provider = await providersReader(runtime.database).read(id);
  const known: Caller = { ...caller, barredFrom: (work) => (provider === undefined ? 'removed' : provider.bar(work)) };
  return { ...call, caller: known };
};

/** The terms that a request was made under. A version is never removed. */
export const termsOf = async (
  { catalogue }: Pick<Dependencies, 'catalogue'>,
  { service, serviceVersion }: Pick<ServiceRequest, 'service' | 'serviceVersion'>,
): Promise<Terms> => {
  const terms = await catalogue.findVersion(service, serviceVersion);
  if (terms === undefined) throw new Error(`version ${serviceVersion} of the service ${service} is not there`);
  return terms;
};
