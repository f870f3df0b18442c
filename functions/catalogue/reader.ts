/** What other domains may ask of the catalogue. */
import type { Database } from '../data/database.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { SettingName, SettingValue } from './contract.ts';
import { catalogueRepository } from './repository.ts';
import { isOfferedIn, type CatalogueService } from './service.ts';
import { INITIAL_SETTINGS } from './settings.ts';

interface Versioned<N extends SettingName> {
  readonly version: number;
  readonly value: SettingValue<N>;
}

export interface CatalogueReader {
  /** The service as it is now, where it is offered there. */
  offered(code: string, place: DivisionCode): Promise<CatalogueService | undefined>;
  /** The service as it is now, wherever it is offered. */
  current(code: string): Promise<CatalogueService | undefined>;
  /** The version that a request was made under. */
  findVersion(code: string, version: number): Promise<CatalogueService | undefined>;
  /** Whether it can be asked for there; anywhere, where no place is named. */
  isOffered(service: CatalogueService, place: DivisionCode | undefined): boolean;
  /** Every service that is offered, for matching names. */
  all(): Promise<readonly CatalogueService[]>;
  setting<N extends SettingName>(name: N): Promise<SettingValue<N>>;
  /** The same, and how often it has been set, counted from 1. */
  versioned<N extends SettingName>(name: N): Promise<Versioned<N>>;
  /** The same as it was in a version; undefined where there was none. */
  settingVersion<N extends SettingName>(name: N, version: number): Promise<Versioned<N> | undefined>;
}

const PAGE = 1000;

export const catalogueReader = (database: Database): CatalogueReader => {
  const repository = catalogueRepository(database);
  const told = <N extends SettingName>(
    name: N,
    stored: { readonly version: number; readonly value: unknown } | undefined,
  ): Versioned<N> => {
    // Its own schema checked it when it was put; the initial value is of that type by declaration.
    const value = (stored === undefined ? INITIAL_SETTINGS[name] : stored.value) as SettingValue<N>;
    return { version: (stored?.version ?? 0) + 1, value };
  };
  const versioned = async <N extends SettingName>(name: N) => told(name, await repository.findSetting(name));
  return {
    async offered(code, place) {
      const service = await repository.find(code);
      return service !== undefined && isOfferedIn(service, place) ? service : undefined;
    },
    current: repository.find,
    isOffered: (service, place) => (place === undefined ? service.active : isOfferedIn(service, place)),
    findVersion: repository.findVersion,
    async all() {
      const services: CatalogueService[] = [];
      for (let after: string | undefined, more = true; more;) {
        const page = await repository.list(PAGE, after);
        services.push(...page.items);
        after = services.at(-1)?.code;
        more = page.after !== undefined;
      }
      return services;
    },
    setting: async (name) => (await versioned(name)).value,
    versioned,
    async settingVersion(name, version) {
      if (version === 1) return told(name, undefined);
      const stored = await repository.findSettingVersion(name, version - 1);
      return stored === undefined ? undefined : told(name, stored);
    },
  };
};
