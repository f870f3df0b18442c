/** The catalogue in DynamoDB. */
import type { ConditionFailed, Database, Item, Page, Write } from '../data/database.ts';
import type { Result } from '../kernel/result.ts';
import type { SettingName } from './contract.ts';
import type { CatalogueService } from './service.ts';
import { catalogueTable } from './table.ts';

const CURRENT = 'CURRENT';
const ALL = 'SERVICES';
const VERSION_DIGITS = 6;
const versionKey = (version: number): string => `V#${String(version).padStart(VERSION_DIGITS, '0')}`;
const serviceKey = (code: string): string => `SERVICE#${code}`;

export interface Setting extends Item {
  readonly name: SettingName;
  readonly value: unknown;
  readonly version: number;
  readonly change: 'changed';
  readonly requestId: string;
  readonly changedAt: string;
}

export const settingKey = (name: SettingName): { pk: string; sk: string } => ({ pk: `SETTING#${name}`, sk: CURRENT });

export const catalogueRepository = (database: Database) => ({
  find: (code: string): Promise<CatalogueService | undefined> => database.find(catalogueTable, { pk: serviceKey(code), sk: CURRENT }),
  read: (code: string): Promise<CatalogueService | undefined> => database.read(catalogueTable, { pk: serviceKey(code), sk: CURRENT }),
  findVersion: (code: string, version: number): Promise<CatalogueService | undefined> =>
    database.find(catalogueTable, { pk: serviceKey(code), sk: versionKey(version) }),
  /** Current versions by code, those after `after`. */
  list: (limit: number, after?: string): Promise<Page<CatalogueService>> =>
    database.query(catalogueTable, { partition: ALL, limit, after: after === undefined ? undefined : { pk: ALL, sk: after } }),
  /** Writes a version in its three places, unless somebody else has made one since `before` was read. */
  put: (service: Omit<CatalogueService, 'pk' | 'sk'>, before: CatalogueService | undefined): Promise<Result<void, ConditionFailed>> => {
    const at = (pk: string, sk: string): CatalogueService => ({ ...service, pk, sk });
    return database.write([
      {
        table: catalogueTable,
        put: at(serviceKey(service.code), CURRENT),
        condition: before === undefined ? { kind: 'absent' } : { kind: 'version', version: before.version },
      },
      { table: catalogueTable, put: at(serviceKey(service.code), versionKey(service.version)) },
      { table: catalogueTable, put: at(ALL, service.code) },
    ]);
  },
  findSetting: (name: SettingName): Promise<Setting | undefined> => database.find(catalogueTable, settingKey(name)),
  readSetting: (name: SettingName): Promise<Setting | undefined> => database.read(catalogueTable, settingKey(name)),
  findSettingVersion: (name: SettingName, version: number): Promise<Setting | undefined> =>
    database.find(catalogueTable, { ...settingKey(name), sk: versionKey(version) }),
  /** As it is now, and as this version, which stays; unless somebody else has set it since `before` was read. */
  putSetting: (setting: Setting, before: Setting | undefined): Promise<Result<void, ConditionFailed>> =>
    database.write([
      {
        table: catalogueTable,
        put: setting,
        condition: before === undefined ? { kind: 'absent' } : { kind: 'version', version: before.version },
      } satisfies Write,
      { table: catalogueTable, put: { ...setting, sk: versionKey(setting.version) } },
    ]),
});
