/** What the use cases of this domain work with. */
import type { Runtime } from '../data/runtime.ts';
import { catalogueReader, type CatalogueReader } from '../catalogue/reader.ts';
import { divisionsReader, type DivisionsReader } from '../divisions/reader.ts';
import { mediaReader, type MediaReader } from '../media/reader.ts';
import { serviceRequestRepository, type ServiceRequestRepository } from './repository.ts';
import type { ServiceRequest } from './service-request.ts';
import type { Terms } from './transitions.ts';

export interface Dependencies {
  readonly requests: ServiceRequestRepository;
  readonly catalogue: CatalogueReader;
  readonly divisions: DivisionsReader;
  readonly media: MediaReader;
}

export const dependencies = ({ database, objects }: Pick<Runtime, 'database' | 'objects'>): Dependencies => ({
  requests: serviceRequestRepository(database),
  catalogue: catalogueReader(database),
  divisions: divisionsReader(database),
  media: mediaReader({ database, objects }),
});

/** The terms that a request was made under. A version is never removed. */
export const termsOf = async (
  { catalogue }: Pick<Dependencies, 'catalogue'>,
  { service, serviceVersion }: Pick<ServiceRequest, 'service' | 'serviceVersion'>,
): Promise<Terms> => {
  const terms = await catalogue.findVersion(service, serviceVersion);
  if (terms === undefined) throw new Error(`version ${serviceVersion} of the service ${service} is not there`);
  return terms;
};
