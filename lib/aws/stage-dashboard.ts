/** One page that shows how a stage is: what callers see, what follows behind, what is stuck. */
import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, Metric, Stats, TextWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { computeMetrics } from '../../functions/metrics/reactions.ts';
import type { FunctionKind } from '../bundle.ts';
import { TABLES } from '../declarations.ts';
import { kebab } from '../kebab.ts';
import { LOGGED, loggedLines } from './logged-alarms.ts';
import { overdueMonths } from './month-not-closed.ts';
import { parkedQueueName, physicalName } from './names.ts';
import type { PublicApi } from './public-api.ts';
import { FIVE_MINUTES, RUNBOOK } from './stage-alarm.ts';
import type { StageParts } from './stage-parts.ts';

const HALF = 12;

export interface StageDashboardProps {
  readonly parts: StageParts;
  readonly api: PublicApi['metrics'];
}

export class StageDashboard extends Construct {
  constructor(scope: Construct, id: string, { parts: { settings, bundled }, api }: StageDashboardProps) {
    super(scope, id);
    const { stage } = settings;
    // Other stacks' parts are shown by their names: the dashboard holds none of them back.
    const named = (kinds: readonly FunctionKind[]): readonly string[] =>
      bundled.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
    const everything: readonly FunctionKind[] = ['api', 'relay', 'reaction', 'schedule'];
    const ofFunction = (name: string, metricName: string, statistic: string): IMetric =>
      new Metric({
        namespace: 'AWS/Lambda',
        metricName,
        dimensionsMap: { FunctionName: physicalName(stage, name) },
        statistic,
        period: FIVE_MINUTES,
        label: name,
      });
    const ofTable = (name: string, metricName: string): IMetric =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        dimensionsMap: { TableName: physicalName(stage, kebab(name)) },
        statistic: 'Sum',
        period: FIVE_MINUTES,
        label: name,
      });
    const parked = ['relays', ...named(['reaction', 'schedule'])].map(
      (name) =>
        new Metric({
          namespace: 'AWS/SQS',
          metricName: 'ApproximateNumberOfMessagesVisible',
          dimensionsMap: { QueueName: parkedQueueName(stage, name) },
          statistic: 'Maximum',
          period: FIVE_MINUTES,
          label: name,
        }),
    );
    const tables = Object.values(TABLES).map(({ name }) => name);
    const graph = (title: string, left: readonly IMetric[]): GraphWidget => new GraphWidget({ title, left: [...left], width: HALF });

    new Dashboard(this, 'Dashboard', {
      dashboardName: physicalName(stage, 'dashboard'),
      widgets: [
        [new TextWidget({ markdown: `# Linli ${stage}\nWhat each alarm means and what to do: ${RUNBOOK}`, width: 2 * HALF, height: 2 })],
        [
          graph('Requests, 4xx, 5xx', [api.requests, api.clientErrors, api.serverErrors]),
          graph('99 of 100 requests answered within, ms', [api.latency]),
        ],
        [
          graph(
            'Errors of functions',
            named(everything).map((name) => ofFunction(name, 'Errors', 'Sum')),
          ),
          graph(
            'Duration p95, ms',
            named(everything).map((name) => ofFunction(name, 'Duration', Stats.p(95))),
          ),
        ],
        [
          graph(
            'Changes wait for the bus, ms',
            named(['relay']).map((name) => ofFunction(name, 'IteratorAge', 'Maximum')),
          ),
          graph('Parked', parked),
        ],
        [
          graph('A month is not closed by 06:00 of the 1st', [overdueMonths(stage, Duration.hours(1))]),
          graph('Pieces of metrics that were worked on', [ofFunction(computeMetrics.name, 'Invocations', 'Sum')]),
        ],
        [
          graph(
            'What somebody has to look at',
            LOGGED.map(({ kind }) => loggedLines(stage, kind)),
          ),
        ],
        [
          graph(
            'Write units of tables',
            tables.map((name) => ofTable(name, 'ConsumedWriteCapacityUnits')),
          ),
          graph(
            'Read units of tables',
            tables.map((name) => ofTable(name, 'ConsumedReadCapacityUnits')),
          ),
        ],
      ],
    });
  }
}
