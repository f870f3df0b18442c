/** A table as its domain declares it. What holds a city's records is never lost by a deployment: it is protected, and backed up to any second. */
import { Annotations, RemovalPolicy } from 'aws-cdk-lib';
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
import type { IndexDescription, TableDescription } from '../../functions/data/table.ts';
import type { GrantedTable } from './grant-table.ts';
import { kebab, physicalName } from './names.ts';
import type { Settings } from './settings.ts';
import { FIVE_MINUTES, StageAlarm } from './stage-alarm.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Projection.html */
export const MOST_PROJECTED = { index: 20, table: 100 } as const;

const isList = (project: IndexDescription['project']): project is readonly string[] => project !== 'keys' && project.length > 0;

/** Why DynamoDB would refuse the lists of attributes that a table's indexes project; undefined where it takes them. */
export const projectionTooLong = ({ name, indexes }: TableDescription): string | undefined => {
  const lists = Object.entries(indexes).flatMap(([index, { project }]) => (isList(project) ? [{ index, length: project.length }] : []));
  const long = lists.filter(({ length }) => length > MOST_PROJECTED.index).map(({ index, length }) => `${index} ${length}`);
  const total = lists.reduce((sum, { length }) => sum + length, 0);
  if (long.length === 0 && total <= MOST_PROJECTED.table) return undefined;
  return `The table ${name} projects more attributes by name than DynamoDB takes (${MOST_PROJECTED.index} an index, ${MOST_PROJECTED.table} a table; here ${[...long, `together ${total}`].join(', ')}): its indexes hold whole items instead, which costs more with each write. Put what lists show into fewer attributes.`;
};

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
    const tooLong = projectionTooLong(description);
    if (tooLong !== undefined) Annotations.of(this).addWarningV2('linli:projection', tooLong);
    const globalSecondaryIndexes = Object.entries(indexes).map(
      ([indexName, { partition, sort, project }]): GlobalSecondaryIndexPropsV2 => ({
        indexName,
        partitionKey: text(partition),
        sortKey: text(sort),
        ...(!isList(project)
          ? { projectionType: ProjectionType.KEYS_ONLY }
          : tooLong === undefined
            ? { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...project] }
            : { projectionType: ProjectionType.ALL }),
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
