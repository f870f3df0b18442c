/** Where bytes lie: what somebody has just put, pictures that were made fit to be seen, exports. Nobody reads or puts anything but through links that end soon. */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, HttpMethods, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { isIncluded, type ObjectRight, type ObjectUses } from '../../functions/data/object-store.ts';
import { accept, acceptPattern } from './accept.ts';
import { physicalName } from './names.ts';
import type { Settings } from './settings.ts';

const READ_OBJECT = ['s3:GetObject'] as const;
const PUT_OBJECT = ['s3:PutObject'] as const;
const WRITE_OBJECT = [...PUT_OBJECT, 's3:AbortMultipartUpload'] as const;
const DELETE_OBJECT = ['s3:DeleteObject'] as const;
const ACTIONS: Readonly<Record<ObjectRight, readonly string[]>> = {
  link: READ_OBJECT,
  put: PUT_OBJECT,
  read: READ_OBJECT,
  drop: [...PUT_OBJECT, ...DELETE_OBJECT],
  write: [...READ_OBJECT, ...WRITE_OBJECT],
  remove: [...READ_OBJECT, ...WRITE_OBJECT, ...DELETE_OBJECT],
};

/** What is put and never looked at again goes by itself, should our own cleaning not come by. */
const UPLOADS_KEPT = Duration.days(2);
const UPLOADS = 'uploads/';
const RECEIVED = 'received/';
const RECEIVED_KEPT = Duration.days(15);
const EXPORTS_KEPT = Duration.days(8);
const EXPORTS = 'exports/';
const PREFLIGHT_KEPT = Duration.minutes(10);

/** Names of buckets are taken the world over. By name, and not by an export: each stack can be deployed without the others. */
export const objectBucketName = ({ account, region }: Stack, stage: string): string =>
  `${physicalName(stage, 'objects')}-${account}-${region}`;

export class ObjectBucket extends Construct {
  constructor(scope: Construct, id: string, { stage, retain, allowedOrigins }: Settings) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      bucketName: objectBucketName(Stack.of(this), stage),
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      // No versions: a picture that is taken away for good must be gone, and not lie on under an older one.
      versioned: false,
      lifecycleRules: [
        { id: 'abandoned-parts', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { id: 'abandoned-uploads', prefix: UPLOADS, expiration: UPLOADS_KEPT },
        // As long as an event is parked that tells of them.
        { id: 'never-looked-at', prefix: RECEIVED, expiration: RECEIVED_KEPT },
        { id: 'old-exports', prefix: EXPORTS, expiration: EXPORTS_KEPT },
      ],
      ...(allowedOrigins.length === 0
        ? {}
        : {
            cors: [
              {
                allowedOrigins: [...allowedOrigins],
                allowedMethods: [HttpMethods.GET, HttpMethods.HEAD, HttpMethods.PUT],
                allowedHeaders: ['content-type'],
                maxAge: PREFLIGHT_KEPT.toSeconds(),
              },
            ],
          }),
      removalPolicy: retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    accept(
      bucket,
      'AwsSolutions-S1',
      'Nobody but our own functions signs a link; who asked for one is in the log of the request that answered with it. A log of every picture shown would cost more than the pictures, and hold more about people.',
    );
    // Told to EventBridge by the bucket itself: the construct library would add a function of its own with rights over every bucket.
    const { defaultChild } = bucket.node;
    if (!CfnBucket.isCfnBucket(defaultChild)) throw new Error('a bucket is made of a CfnBucket');
    defaultChild.addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled', true);
  }
}

/** The actions that declared uses stand for, on keys that begin so and nothing else. */
export const grantObjects = (role: Role, stage: string, uses: ObjectUses): void => {
  const stack = Stack.of(role);
  const arn = (resource: string): string => stack.formatArn({ service: 's3', region: '', account: '', resource });
  const name = objectBucketName(stack, stage);
  for (const [prefix, right] of Object.entries(uses)) {
    const objects = arn(`${name}/${prefix}*`);
    role.addToPrincipalPolicy(new PolicyStatement({ actions: [...ACTIONS[right]], resources: [objects] }));
    acceptPattern(role, objects, 'Objects are named by ids; the right ends with the beginning of their keys.');
  }
  // Without it S3 answers 403 for what is not there, as if we might not read it: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  const read = Object.entries(uses).filter(([, right]) => isIncluded('read', right));
  if (read.length > 0)
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [arn(name)],
        conditions: { StringLike: { 's3:prefix': read.map(([prefix]) => `${prefix}*`) } },
      }),
    );
};
