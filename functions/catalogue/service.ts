import type { Item } from '../data/database.ts';
import { covers, type DivisionCode } from '../kernel/division.ts';
import type { ServiceInput } from './contract.ts';

/** A version of a service as the table keeps it. */
export interface CatalogueService extends Item, Omit<ServiceInput, 'active'> {
  readonly code: string;
  readonly version: number;
  readonly active: boolean;
  readonly change: 'made' | 'changed';
  readonly requestId: string;
  readonly changedAt: string;
}

/** Whether it can be asked for in that place: at or within one of its divisions, or anywhere. */
export const isOfferedIn = (service: CatalogueService, place: DivisionCode): boolean =>
  service.active && (service.divisions === undefined || service.divisions.some((each) => covers(each, place)));
