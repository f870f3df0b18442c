/** A reaction: a rule on the bus for exactly its types of event, its function, and the queue on which the whole event is parked in the end. */
import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { EventField, Rule, RuleTargetInput, type EventPattern, type IEventBus } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Construct } from 'constructs';
import { OBJECTS_SOURCE, patternOf, type ReactionDeclaration } from '../../functions/data/reaction.ts';
import type { Bundled } from '../bundle.ts';
import { LinliFunction } from './linli-function.ts';
import { physicalName } from './names.ts';
import { objectBucketName } from './object-bucket.ts';
import { ParkedQueue } from './parked-queue.ts';
import { FIVE_MINUTES, StageAlarm } from './stage-alarm.ts';
import type { StageParts } from './stage-parts.ts';

/** Lambda's own most: a minute and two minutes after. Three tries of a large one are over in 18 minutes; the rest is for when there is no room to run it. */
const FUNCTION_RETRIES = 2;
const FUNCTION_AGE = Duration.hours(6);
/** While Lambda takes no events at all. */
const DELIVERY_AGE = Duration.hours(24);

/** S3's own event (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html) in the shape of all others, so that no function knows two. */
const uploaded = (type: string): RuleTargetInput => {
  const key = EventField.fromPath('$.detail.object.key');
  const time = EventField.time;
  return RuleTargetInput.fromObject({
    version: '0',
    id: EventField.eventId,
    'detail-type': type,
    source: OBJECTS_SOURCE,
    account: EventField.account,
    time,
    region: EventField.fromPath('$.region'),
    resources: [],
    detail: {
      specversion: '1.0',
      id: EventField.eventId,
      source: OBJECTS_SOURCE,
      type,
      subject: key,
      time,
      datacontenttype: 'application/json',
      data: { version: 1, changed: [], item: { key } },
    },
  });
};

export interface ReactionRuleProps {
  readonly parts: StageParts;
  readonly bundled: Bundled;
  readonly declaration: ReactionDeclaration;
  readonly bus: IEventBus;
}

export class ReactionRule extends Construct {
  constructor(scope: Construct, id: string, { parts, bundled, declaration, bus }: ReactionRuleProps) {
    super(scope, id);
    const { stage } = parts.settings;
    const { name, on, size, uploads } = declaration;
    const reaction = new LinliFunction(this, 'Reaction', { parts, bundled, size: size === 'large' ? 'largeReaction' : 'reaction' });
    const { queue } = new ParkedQueue(this, 'Events', { stage, functionName: name, kind: 'events-parked', topic: parts.alarmTopic });
    reaction.function.configureAsyncInvoke({
      retryAttempts: FUNCTION_RETRIES,
      maxEventAge: FUNCTION_AGE,
      onFailure: new SqsDestination(queue),
    });
    const [type] = on;
    const { 'detail-type': type_, detail } = patternOf(declaration);
    const delivery = { deadLetterQueue: queue, maxEventAge: DELIVERY_AGE };
    const objects: EventPattern = {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [objectBucketName(Stack.of(this), stage)] }, object: { key: [{ prefix: uploads }] } },
    };
    const rule =
      uploads === undefined || type === undefined
        ? new Rule(this, 'Rule', {
            ruleName: physicalName(stage, name),
            eventBus: bus,
            eventPattern: { detailType: [...type_], ...(detail === undefined ? {} : { detail }) },
            targets: [new LambdaFunction(reaction.function, delivery)],
          })
        : // What S3 tells comes on the account's own bus, and on no other.
          new Rule(this, 'Rule', {
            ruleName: physicalName(stage, name),
            eventPattern: objects,
            targets: [new LambdaFunction(reaction.function, { ...delivery, event: uploaded(type) })],
          });
    new StageAlarm(this, 'Lost', {
      stage,
      kind: 'events-lost',
      subject: name,
      metric: new MathExpression({
        expression: 'FILL(rule, 0) + FILL(function, 0)',
        usingMetrics: {
          rule: new Metric({
            namespace: 'AWS/Events',
            metricName: 'InvocationsFailedToBeSentToDlq',
            dimensionsMap: { ...(uploads === undefined ? { EventBusName: bus.eventBusName } : {}), RuleName: rule.ruleName },
            statistic: 'Sum',
            period: FIVE_MINUTES,
          }),
          function: reaction.function.metric('DestinationDeliveryFailures', { statistic: 'Sum', period: FIVE_MINUTES }),
        },
        label: 'events lost',
        period: FIVE_MINUTES,
      }),
      above: 0,
      topic: parts.alarmTopic,
    });
  }
}
