/** The HTTP API: one route for each operation, the authorizer before those that only signed-in callers may use, one integration for each domain. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { MathExpression, Stats, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Access, Method, OperationSpec } from '../../functions/http/operation.ts';
import { ALLOWED_HEADERS, EXPOSED_HEADERS } from '../cors.ts';
import { accept } from './accept.ts';
import { accessLogFormat, THROTTLED_PATTERN } from './access-log.ts';
import type { Issuer } from './issuer.ts';
import { physicalName } from './names.ts';
import type { Settings } from './settings.ts';
import { FIVE_MINUTES, StageAlarm } from './stage-alarm.ts';

const METHODS: Readonly<Record<Method, HttpMethod>> = {
  GET: HttpMethod.GET,
  POST: HttpMethod.POST,
  PUT: HttpMethod.PUT,
  PATCH: HttpMethod.PATCH,
  DELETE: HttpMethod.DELETE,
};

/** Why no authorizer stands before a route. */
const UNGUARDED: Readonly<Record<Exclude<Access, 'signedIn'>, string>> = {
  public: 'Declared public: anybody may read it.',
  optional:
    'Declared optional: anybody may call it, and the function verifies the bearer that is sent; an authorizer would refuse a caller without one.',
  apiKey: 'Declared apiKey: the function verifies the key.',
  signature: 'Declared signature: the function verifies the signature on the raw body.',
};

const SLOW_MS = 3000;
const PREFLIGHT_KEPT = Duration.minutes(10);

export interface DomainApi {
  readonly domain: string;
  readonly function: IFunction;
  readonly operations: readonly OperationSpec[];
}

export interface PublicApiProps {
  readonly settings: Settings;
  readonly issuer: Issuer;
  readonly domains: readonly DomainApi[];
  /** The domain that answers what no route takes. */
  readonly fallback: string;
  readonly alarmTopic: ITopic;
}

export class PublicApi extends Construct {
  readonly url: string;
  readonly metrics: { readonly requests: Metric; readonly serverErrors: Metric; readonly clientErrors: Metric; readonly latency: Metric };

  constructor(scope: Construct, id: string, { settings, issuer, domains, fallback, alarmTopic }: PublicApiProps) {
    super(scope, id);
    const { stage, allowedOrigins, throttleRate, throttleBurst, retain } = settings;
    const api = new HttpApi(this, 'Api', {
      apiName: physicalName(stage, 'api'),
      createDefaultStage: false,
      ...(allowedOrigins.length === 0
        ? {}
        : {
            corsPreflight: {
              allowOrigins: [...allowedOrigins],
              allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.PUT, CorsHttpMethod.PATCH, CorsHttpMethod.DELETE],
              allowHeaders: [...ALLOWED_HEADERS],
              exposeHeaders: [...EXPOSED_HEADERS],
              maxAge: PREFLIGHT_KEPT,
            },
          }),
    });
    const authorizer = new HttpJwtAuthorizer('SignedIn', issuer.issuer, { jwtAudience: [issuer.audience] });

    for (const { domain, function: handler, operations } of domains) {
      // One permission a function: one for each route would outgrow its policy.
      const integration = new HttpLambdaIntegration(domain, handler, { scopePermissionToRoute: false });
      for (const { id: operation, method, path, access } of operations) {
        const route = new HttpRoute(this, operation, {
          httpApi: api,
          routeKey: HttpRouteKey.with(path, METHODS[method]),
          integration,
          ...(access === 'signedIn' ? { authorizer } : {}),
        });
        if (access !== 'signedIn') accept(route, 'AwsSolutions-APIG4', UNGUARDED[access]);
      }
      if (domain === fallback) {
        // `$default` has no path: the permission for every route's path does not reach it.
        const unrouted = new HttpLambdaIntegration('default', handler);
        const route = new HttpRoute(this, 'Default', { httpApi: api, routeKey: HttpRouteKey.DEFAULT, integration: unrouted });
        accept(route, 'AwsSolutions-APIG4', 'It answers what no route takes, with 404 or 405, and reads nothing.');
      }
    }

    const accessLog = new LogGroup(this, 'AccessLog', {
      // Logs below this name need no line each in the account's one resource policy for deliveries, whose length is limited.
      logGroupName: `/aws/vendedlogs/linli/${stage}/access`,
      retention: settings.logRetentionDays,
      removalPolicy: retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    const apiStage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: throttleRate, burstLimit: throttleBurst },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat() },
    });
    this.url = api.apiEndpoint;

    const period = { period: FIVE_MINUTES };
    this.metrics = {
      requests: apiStage.metricCount(period),
      serverErrors: apiStage.metricServerError(period),
      clientErrors: apiStage.metricClientError(period),
      latency: apiStage.metricLatency({ ...period, statistic: Stats.p(99) }),
    };
    new StageAlarm(this, 'ServerErrors', {
      stage,
      kind: 'api-server-errors',
      metric: new MathExpression({
        expression: '100 * errors / requests',
        usingMetrics: { errors: this.metrics.serverErrors, requests: this.metrics.requests },
        label: '5xx in 100 requests',
        period: FIVE_MINUTES,
      }),
      above: 1,
      periods: [2, 3],
      topic: alarmTopic,
    });
    new StageAlarm(this, 'Slow', {
      stage,
      kind: 'api-slow',
      metric: this.metrics.latency,
      above: SLOW_MS,
      periods: [3, 3],
      topic: alarmTopic,
    });
    const throttled = new MetricFilter(this, 'Throttled', {
      logGroup: accessLog,
      filterPattern: FilterPattern.literal(THROTTLED_PATTERN),
      metricNamespace: `Linli/${stage}`,
      metricName: 'throttledRequests',
    });
    new StageAlarm(this, 'ThrottledAlarm', {
      stage,
      kind: 'api-throttled',
      metric: throttled.metric({ statistic: 'Sum', ...period }),
      above: 10,
      periods: [2, 3],
      topic: alarmTopic,
    });
  }
}
