/** Where the stream records lie that a relay could not put on the bus: whole, for 14 days. A queue would be told only where they were. */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { DlqDestinationConfig, IEventSourceDlq, IEventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { accept, acceptPattern } from './accept.ts';
import { physicalName } from './names.ts';
import { PARKED_DAYS, ParkedQueue } from './parked-queue.ts';
import type { Settings } from './settings.ts';

/** Lambda's own place in a bucket. */
const PREFIX = 'aws/lambda/';

export interface FailedRecordsProps {
  readonly settings: Settings;
  readonly alarmTopic: ITopic;
}

export class FailedRecords extends Construct implements IEventSourceDlq {
  private readonly stage: string;

  constructor(scope: Construct, id: string, { settings: { stage, retain }, alarmTopic }: FailedRecordsProps) {
    super(scope, id);
    this.stage = stage;
    const bucket = new Bucket(this, 'Bucket', {
      bucketName: this.nameIn(Stack.of(this)),
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(PARKED_DAYS), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    accept(
      bucket,
      'AwsSolutions-S1',
      'It is empty unless something is wrong, holds nothing longer than 14 days, and each object that comes is told by an event to the queue beside it.',
    );
    // Told to EventBridge by the bucket itself: the construct library would add a function of its own with rights over every bucket.
    const { defaultChild } = bucket.node;
    if (!CfnBucket.isCfnBucket(defaultChild)) throw new Error('a bucket is made of a CfnBucket');
    defaultChild.addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled', true);

    const { queue } = new ParkedQueue(this, 'Arrivals', { stage, functionName: 'relays', kind: 'relay-parked', topic: alarmTopic });
    new Rule(this, 'Arrived', {
      ruleName: physicalName(stage, 'relay-parked'),
      description: 'A relay gave up on records: tells the queue where they lie',
      eventPattern: { source: ['aws.s3'], detailType: ['Object Created'], detail: { bucket: { name: [bucket.bucketName] } } },
      targets: [new SqsQueue(queue, { deadLetterQueue: queue })],
    });
  }

  /** Names of buckets are taken the world over. */
  private nameIn({ account, region }: Stack): string {
    return `${physicalName(this.stage, 'failed-records')}-${account}-${region}`;
  }

  bind(_mapping: IEventSourceMapping, relay: IFunction): DlqDestinationConfig {
    const stack = Stack.of(relay);
    const arn = (resource: string): string => stack.formatArn({ service: 's3', region: '', account: '', resource });
    const bucket = arn(this.nameIn(stack));
    const objects = arn(`${this.nameIn(stack)}/${PREFIX}*`);
    relay.addToRolePolicy(new PolicyStatement({ actions: ['s3:PutObject'], resources: [objects] }));
    // Lambda looks whether the bucket is there before it takes it as a destination.
    relay.addToRolePolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket] }));
    if (relay.role !== undefined) acceptPattern(relay.role, objects, 'Lambda itself names the objects, below this prefix.');
    return { destination: bucket };
  }
}
