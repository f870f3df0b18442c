/** The one reader of a table's stream, which puts each change of an entity on the bus. */
import { Duration, Stack } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import type { Bundled } from '../bundle.ts';
import { personalNeeds } from '../declarations.ts';
import { acceptPattern } from './accept.ts';
import type { FailedRecords } from './failed-records.ts';
import type { GrantedTable } from './grant-table.ts';
import { LinliFunction } from './linli-function.ts';
import { kebab } from '../kebab.ts';
import { physicalName } from './names.ts';
import { StageAlarm } from './stage-alarm.ts';
import type { StageParts } from './stage-parts.ts';

const BATCH = 100;
/** With Lambda's pauses between them, some minutes; what still fails is parked whole. */
const RETRIES = 10;
const LATE_MS = 5 * 60 * 1000;

export interface TableRelayProps {
  readonly parts: StageParts;
  readonly bundled: Bundled;
  readonly source: GrantedTable;
  readonly bus: IEventBus;
  readonly failedRecords: FailedRecords;
}

export class TableRelay extends Construct {
  constructor(scope: Construct, id: string, { parts, bundled, source, bus, failedRecords }: TableRelayProps) {
    super(scope, id);
    const { description, table } = source;
    const nouns = new Set(description.entities.map(({ noun }) => noun));
    // Who reacts to things of several tables may need what only some of them have.
    const isPersonal = (name: string): boolean => (description.attributes[name]?.personal ?? 'none') !== 'none';
    const needs = Object.entries(personalNeeds())
      .filter(([type]) => nouns.has(type.split('.')[0] ?? ''))
      .map(([type, names]) => [type, names.filter(isPersonal)] as const)
      .filter(([, names]) => names.length > 0);
    const relay = new LinliFunction(this, 'Relay', {
      parts,
      bundled,
      environment: { [VARIABLES.bus]: bus.eventBusName, [VARIABLES.relayNeeds]: JSON.stringify(Object.fromEntries(needs)) },
    });
    const stream = parts.settings.streams[description.name] ?? table.tableStreamArn;
    if (stream === undefined) throw new Error(`the table ${description.name} has entities and no stream`);
    relay.role.addToPrincipalPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }));
    relay.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        resources: [stream],
      }),
    );
    // Asked for when Lambda takes up the stream; it names streams and opens none.
    const streams = Stack.of(this).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: `${physicalName(parts.settings.stage, kebab(description.name))}/stream/*`,
    });
    relay.role.addToPrincipalPolicy(new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: [streams] }));
    acceptPattern(
      relay.role,
      streams,
      'dynamodb:ListStreams is asked of all streams of this one table; each is named by the moment it began.',
    );

    new EventSourceMapping(this, 'Stream', {
      target: relay.function,
      eventSourceArn: stream,
      // A relay that comes to a table with changes behind it tells them, too.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH,
      maxBatchingWindow: Duration.seconds(0),
      bisectBatchOnError: true,
      retryAttempts: RETRIES,
      reportBatchItemFailures: true,
      // Only what may be an entity: idempotency records and counters wake nobody.
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.or('INSERT', 'MODIFY'),
          dynamodb: {
            Keys: {
              pk: { S: [...new Set(description.entities.map(({ partitionPrefix }) => partitionPrefix))].map((prefix) => ({ prefix })) },
            },
          },
        }),
      ],
      onFailure: failedRecords,
      supportS3OnFailureDestination: true,
    });
    new StageAlarm(this, 'Behind', {
      stage: parts.settings.stage,
      kind: 'relay-behind',
      subject: bundled.name,
      metric: relay.function.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(1) }),
      above: LATE_MS,
      periods: [3, 5],
      topic: parts.alarmTopic,
    });
  }
}
