/** A table as its domain declares it. What holds a city's records is never lost by a deployment: it is protected, and backed up to any second. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
  type GlobalSecondaryIndexPropsV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { TableDescription } from '../../functions/data/table.ts';
import type { GrantedTable } from './grant-table.ts';
import { kebab } from '../kebab.ts';
import { physicalName } from './names.ts';
import type { Settings } from './settings.ts';
import { FIVE_MINUTES, StageAlarm } from './stage-alarm.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

export interface DeclaredTableProps {
  readonly settings: Settings;
  readonly description: TableDescription;
  readonly alarmTopic: ITopic;
}

export class DeclaredTable extends Construct implements GrantedTable {
  readonly description: TableDescription;
  readonly table: TableV2;

  constructor(scope: Construct, id: string, { settings, description, alarmTopic }: DeclaredTableProps) {
    super(scope, id);
    const { stage, retain } = settings;
    const { name, indexes, ttl, entities } = description;
    const globalSecondaryIndexes = Object.entries(indexes).map(
      ([indexName, { partition, sort, project }]): GlobalSecondaryIndexPropsV2 => ({
        indexName,
        partitionKey: text(partition),
        sortKey: text(sort),
        ...(project === 'keys'
          ? { projectionType: ProjectionType.KEYS_ONLY }
          : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...project] }),
      }),
    );
    this.description = description;
    this.table = new TableV2(this, 'Table', {
      tableName: physicalName(stage, kebab(name)),
      partitionKey: text('pk'),
      sortKey: text('sk'),
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      // The account's own key for DynamoDB: its use is in CloudTrail, and no function needs a right of its own for it.
      encryption: TableEncryptionV2.awsManagedKey(),
      ...(entities.length === 0 ? {} : { dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES }),
      ...(ttl === undefined ? {} : { timeToLiveAttribute: ttl }),
      globalSecondaryIndexes,
      removalPolicy: retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });

    const places = [{}, ...Object.keys(indexes).map((index) => ({ GlobalSecondaryIndexName: index }))];
    const metric = (metricName: string, dimensions: Readonly<Record<string, string>>): Metric =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        dimensionsMap: { TableName: this.table.tableName, ...dimensions },
        statistic: 'Sum',
        period: FIVE_MINUTES,
      });
    const sum = (metrics: readonly Metric[], label: string): MathExpression =>
      new MathExpression({
        expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
        usingMetrics: Object.fromEntries(metrics.map((each, index) => [`m${index}`, each])),
        label,
        period: FIVE_MINUTES,
      });
    // An alarm takes ten metrics: of five places at most, reads and writes.
    const throttles = places.flatMap((place) => [metric('ReadThrottleEvents', place), metric('WriteThrottleEvents', place)]);
    for (let start = 0; start < throttles.length; start += 10) {
      new StageAlarm(this, start === 0 ? 'Throttled' : `Throttled${start / 10 + 1}`, {
        stage,
        kind: 'table-throttled',
        subject: `${kebab(name)}-table${start === 0 ? '' : `-${start / 10 + 1}`}`,
        metric: sum(throttles.slice(start, start + 10), 'throttled calls'),
        above: 0,
        periods: [2, 3],
        topic: alarmTopic,
      });
    }
    const operations = ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems'];
    new StageAlarm(this, 'SystemErrors', {
      stage,
      kind: 'table-errors',
      subject: `${kebab(name)}-table`,
      metric: sum(
        operations.map((operation) => metric('SystemErrors', { Operation: operation })),
        'system errors',
      ),
      above: 5,
      topic: alarmTopic,
    });
  }
}
