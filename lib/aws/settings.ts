/**
 * What may differ between stages: read from `cdk.json` (context → the stage's name) and from `-c <name>=<value>` for every stage or
 * `-c <stage>:<name>=<value>` for one, checked here, and told of all that is wrong at once.
 */
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod/mini';

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

const number = (what: string, low: number, high: number) => z.coerce.number(what).check(z.int(what), z.gte(low, what), z.lte(high, what));

const flag = (what: string) =>
  z.pipe(
    z.union([z.boolean(), z.literal('true'), z.literal('false')], what),
    z.transform((value) => value === true || value === 'true'),
  );

const list = (schema: z.ZodMiniType<string, string>, what: string) =>
  z.pipe(
    z.pipe(
      z.union([z.array(z.string()), z.string()], what),
      z.transform((value: string | string[]): string[] =>
        (typeof value === 'string' ? value.split(',') : value).map((each) => each.trim()).filter((each) => each !== ''),
      ),
    ),
    z.array(schema),
  );

const isHttps = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === 'https:';
const https = (what: string) => z.string(what).check(z.refine(isHttps, what));
const isContact = (text: string): boolean => isHttps(text) || /^mailto:[^\s@]+@[^\s@]+$/.test(text);
const isOrigin = (text: string): boolean => text === '*' || (URL.canParse(text) && new URL(text).origin === text);

const RETENTION_DAYS = Object.values(RetentionDays).filter((each) => typeof each === 'number');
const isRetention = (days: unknown): days is RetentionDays => RETENTION_DAYS.some((each) => each === days);

const what = {
  account: 'must be the 12 digits of an AWS account, or absent for that of the credentials in use',
  region: 'must be a region such as ap-southeast-1 or cn-north-1, or absent for that of the credentials in use',
  oidcIssuer: 'must be the https URL of the OpenID provider, exactly as in the "iss" claim of its tokens',
  oidcAudience: 'must be the "aud" claim of the tokens that are accepted',
  allowedOrigins: 'must be origins such as https://app.example.gov.cn, separated by commas, or *',
  throttle: 'must be a whole number of requests a second, 1 to 10000',
  messageGateway: "must be the https URL of the city's own message gateway",
  emailSender: 'must be an email address of an identity that is verified with Amazon SES',
  smsSender: 'must be the id of a pool or a phone number of AWS End User Messaging: pool-… or phone-…',
  vapidSubject: 'must be a mailto: or https: address at which push services reach you',
  publicUrl: 'must be the https URL at which people reach the interface',
  alarmEmail: 'must be an email address',
  logRetentionDays: `must be a number of days that CloudWatch knows: ${RETENTION_DAYS.filter((days) => days !== RetentionDays.INFINITE).join(', ')}`,
  secretVersion: 'must be a whole number, 1 or more: one more than now rotates the secret',
  flag: 'must be true or false',
  streams: 'must name the stream of a restored table by the name of the table: {"serviceRequests": "arn:…"}',
} as const;

const schema = z.strictObject({
  account: z.optional(z.string(what.account).check(z.regex(/^\d{12}$/, what.account))),
  region: z.optional(z.string(what.region).check(z.regex(REGION, what.region))),
  /** Neither has a default: see `lib/aws/issuer.ts`. */
  oidcIssuer: z.optional(https(what.oidcIssuer)),
  oidcAudience: z.optional(z.string(what.oidcAudience).check(z.minLength(1, what.oidcAudience))),
  /** Web pages of these origins may call the interface; none unless said. */
  allowedOrigins: z._default(list(z.string().check(z.refine(isOrigin, what.allowedOrigins)), what.allowedOrigins), []),
  /** Requests a second, on the average and at once, over the whole interface. */
  throttleRate: z._default(number(what.throttle, 1, 10_000), 200),
  throttleBurst: z._default(number(what.throttle, 1, 10_000), 400),
  messageGateway: z.optional(https(what.messageGateway)),
  /** What of the messages to people does not go through the gateway. Both need a region, and not one of China's: there is neither there. */
  emailSender: z.optional(z.email(what.emailSender)),
  smsSender: z.optional(z.string(what.smsSender).check(z.regex(/^(?:pool|phone)-[0-9a-f]+$/, what.smsSender))),
  /** Its account is in the secret `notifications/wechat`, the key of Web Push in `notifications/vapid`. */
  wechat: z._default(flag(what.flag), false),
  vapidSubject: z.optional(z.string(what.vapidSubject).check(z.refine(isContact, what.vapidSubject))),
  publicUrl: z.optional(https(what.publicUrl)),
  alarmEmail: z.optional(z.email(what.alarmEmail)),
  /** 网络安全法 asks for no less than six months of network logs. */
  logRetentionDays: z._default(
    z.pipe(z.coerce.number(what.logRetentionDays), z.custom<RetentionDays>(isRetention, what.logRetentionDays)),
    RetentionDays.ONE_YEAR,
  ),
  /** Tables, secrets and logs outlive their stack. */
  retain: z._default(flag(what.flag), true),
  secretVersion: z._default(number(what.secretVersion, 1, 10_000), 1),
  /** Whether what the secret before the last rotation made is still accepted: false where that secret has leaked. */
  acceptPreviousSecret: z._default(flag(what.flag), true),
  /** A table that was restored has another stream than CloudFormation knows of (docs/runbooks/deploy.md). */
  streams: z._default(z.record(z.string(), z.string(), what.streams), {}),
});

export type Settings = Readonly<z.output<typeof schema>> & { readonly stage: string };

/** A setting is not what it should be; the message says what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const NAMES: readonly string[] = Object.keys(schema.def.shape);
const INSTEAD = `it may be one of ${NAMES.join(', ')}`;

/** The settings of one stage. Throws one error that names every setting that is wrong, and what it should be. */
export const readSettings = (stage: string, context: Readonly<Record<string, unknown>>): Settings => {
  const own = context[stage] ?? {};
  if (typeof own !== 'object' || own === null || Array.isArray(own))
    throw new SettingsError(`cdk.json: context → ${stage} must be an object of settings; ${INSTEAD}.`);
  const prefix = `${stage}:`;
  const given = {
    ...own,
    ...Object.fromEntries(NAMES.filter((name) => context[name] !== undefined).map((name) => [name, context[name]])),
    ...Object.fromEntries(
      Object.entries(context)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    ),
  };
  const parsed = schema.safeParse(given);
  const wrong = parsed.success
    ? []
    : parsed.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => `  ${key} is no setting: ${INSTEAD}`)
          : [`  ${issue.path.join('.')} ${issue.message}`],
      );
  if (parsed.success && (parsed.data.oidcIssuer === undefined) !== (parsed.data.oidcAudience === undefined)) {
    wrong.push('  oidcIssuer and oidcAudience go together: set both');
  }
  if (parsed.success) {
    const { region, emailSender, smsSender } = parsed.data;
    const isThere = region !== undefined && !region.startsWith('cn-');
    for (const [name, value] of Object.entries({ emailSender, smsSender }))
      if (value !== undefined && !isThere)
        wrong.push(`  ${name} needs a region outside China: in China's there is no such service, and messages go through messageGateway`);
  }
  if (!parsed.success || wrong.length > 0) {
    throw new SettingsError(
      `The settings of the stage ${stage} are not right:\n${wrong.join('\n')}\nSet them in cdk.json (context → ${stage}), or with -c ${stage}:<name>=<value>.`,
    );
  }
  return { stage, ...parsed.data };
};
