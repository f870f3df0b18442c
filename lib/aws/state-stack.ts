/** What must not be lost: tables, objects, secrets, failed records, and where alarms go. Deployed first, changed seldom, holds no code. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { TABLES } from '../declarations.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { DeclaredTable } from './declared-table.ts';
import { FailedRecords } from './failed-records.ts';
import type { GrantedTable } from './grant-table.ts';
import { ObjectBucket } from './object-bucket.ts';
import type { Settings } from './settings.ts';
import { StageSecret } from './stage-secret.ts';

export class StateStack extends Stack {
  readonly tables: ReadonlyMap<string, GrantedTable>;
  readonly alarmTopic: ITopic;
  readonly failedRecords: FailedRecords;

  constructor(scope: Construct, id: string, { settings, ...props }: StackProps & { readonly settings: Settings }) {
    super(scope, id, props);
    this.alarmTopic = new AlarmTopic(this, 'Alarms', settings).topic;
    this.tables = new Map(
      Object.values(TABLES).map((description) => [
        description.name,
        new DeclaredTable(this, description.name, { settings, description, alarmTopic: this.alarmTopic }),
      ]),
    );
    new StageSecret(this, 'Secret', settings);
    new ObjectBucket(this, 'Objects', settings);
    this.failedRecords = new FailedRecords(this, 'FailedRecords', { settings, alarmTopic: this.alarmTopic });
  }
}
