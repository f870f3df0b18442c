/** What the gateway writes down of each request: no query string, no header, no body, and the route instead of the path, whose ids may be a person's. */
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

const FIELDS = {
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  // 网络安全法 asks for logs by which an attack can be traced.
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  error: '$context.error.responseType',
  durationMs: '$context.responseLatency',
  integrationMs: '$context.integrationLatency',
  bytes: '$context.responseLength',
} as const;

export const accessLogFormat = (): AccessLogFormat => AccessLogFormat.custom(JSON.stringify(FIELDS));

/** Matches the lines of requests that the stage's throttling turned away. */
export const THROTTLED_PATTERN = '{ $.status = "429" }';
