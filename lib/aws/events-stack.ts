/** What follows from a change, as far as the bus, and what follows from the clock. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { SCHEDULES, TABLES } from '../declarations.ts';
import type { FailedRecords } from './failed-records.ts';
import { kebab } from '../kebab.ts';
import { LoggedAlarms } from './logged-alarms.ts';
import { MonthNotClosed } from './month-not-closed.ts';
import { physicalName } from './names.ts';
import { ScheduledFunction } from './scheduled-function.ts';
import { FIVE_MINUTES, StageAlarm } from './stage-alarm.ts';
import { bundledAs, tableNamed, type StageParts } from './stage-parts.ts';
import { TableRelay } from './table-relay.ts';

export interface EventsStackProps extends StackProps {
  readonly parts: StageParts;
  readonly failedRecords: FailedRecords;
}

export class EventsStack extends Stack {
  readonly bus: IEventBus;

  constructor(scope: Construct, id: string, { parts, failedRecords, ...props }: EventsStackProps) {
    super(scope, id, props);
    const { stage } = parts.settings;
    this.bus = new EventBus(this, 'Bus', { eventBusName: physicalName(stage, 'bus') });
    for (const [domain, { name, entities }] of Object.entries(TABLES)) {
      if (entities.length > 0) {
        new TableRelay(this, `${domain}-relay`, {
          parts,
          bundled: bundledAs(parts, `${domain}-relay`),
          source: tableNamed(parts.tables, name),
          bus: this.bus,
          failedRecords,
        });
      }
    }

    const groupName = physicalName(stage, 'schedules');
    const group = new CfnScheduleGroup(this, 'Schedules', { name: groupName });
    for (const declaration of SCHEDULES) {
      const name = kebab(declaration.name);
      new ScheduledFunction(this, name, { parts, bundled: bundledAs(parts, name), declaration, group });
    }
    new StageAlarm(this, 'Undelivered', {
      stage,
      kind: 'schedule-undelivered',
      metric: new Metric({
        namespace: 'AWS/Scheduler',
        metricName: 'InvocationDroppedCount',
        dimensionsMap: { ScheduleGroup: groupName },
        statistic: 'Sum',
        period: FIVE_MINUTES,
      }),
      above: 0,
      topic: parts.alarmTopic,
    });
    new LoggedAlarms(this, 'Logged', { stage, topic: parts.alarmTopic });
    new MonthNotClosed(this, 'MonthNotClosed', { stage, topic: parts.alarmTopic });
  }
}
