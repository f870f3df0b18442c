/** What the constructs of one stage share. */
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Bundled } from '../bundle.ts';
import type { GrantedTable } from './grant-table.ts';
import type { Settings } from './settings.ts';

export interface StageParts {
  readonly settings: Settings;
  /** Tables by name. */
  readonly tables: ReadonlyMap<string, GrantedTable>;
  readonly alarmTopic: ITopic;
  readonly bundled: readonly Bundled[];
}

/** The declared table of that name; a bug of a declaration where there is none. */
export const tableNamed = (tables: StageParts['tables'], name: string): GrantedTable => {
  const table = tables.get(name);
  if (table === undefined) throw new Error(`no table is named ${name}: correct \`uses\`, or add the table to lib/declarations.ts`);
  return table;
};

export const bundledAs = ({ bundled }: Pick<StageParts, 'bundled'>, name: string): Bundled => {
  const found = bundled.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no function was bundled as ${name}`);
  return found;
};
