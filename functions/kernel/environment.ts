/**
 * The only place that reads `process.env`. CDK and the local system write the same names from the same declarations.
 */

/** `serviceRequests` → `TABLE_SERVICE_REQUESTS`. */
export const tableVariable = (table: string): string => `TABLE_${table.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

export const VARIABLES = {
  /** One secret for cursors, keyed hashes and derived secrets. */
  secret: 'LINLI_SECRET',
  /** The secret before the last rotation: still accepted, no longer used. */
  previousSecret: 'LINLI_SECRET_PREVIOUS',
  oidcIssuer: 'OIDC_ISSUER',
  oidcAudience: 'OIDC_AUDIENCE',
  bus: 'LINLI_BUS',
  /** The bucket of objects: pictures, exports. */
  objects: 'LINLI_OBJECTS',
  /** Tells the figures of two stages in one account apart. */
  stage: 'LINLI_STAGE',
  /** `off` on one machine: limits would only be in the way. */
  limits: 'LINLI_LIMITS',
  /** Where messages to people are handed over, https; absent: they are not. */
  messageGateway: 'LINLI_MESSAGE_GATEWAY',
  /** Kinds of channels that are carried without that gateway: JSON, `{"email": {"from": "…"}, …}`; absent: none. */
  carriers: 'LINLI_CARRIERS',
  /** Where people reach the interface, https; absent: answers have links to where they were asked, and letters none to end them. */
  publicUrl: 'LINLI_PUBLIC_URL',
  /** What the names of this stage's secrets begin with: keys of payment providers, of what carries messages, and the vault. */
  secretsPrefix: 'LINLI_SECRETS_PREFIX',
  /** On one machine: a file with these secrets, JSON by name. */
  secretsFile: 'LINLI_SECRETS_FILE',
  /** Personal attributes that reactions need, which the relay lets through: JSON, `{<event type>: [attribute]}`. */
  relayNeeds: 'LINLI_RELAY_NEEDS',
  dynamoDbEndpoint: 'AWS_ENDPOINT_URL_DYNAMODB',
  awsAccessKeyId: 'AWS_ACCESS_KEY_ID',
  awsProfile: 'AWS_PROFILE',
  /** Lambda's own. */
  awsRegion: 'AWS_REGION',
  dataFolder: 'LINLI_DATA',
  port: 'PORT',
  host: 'HOST',
  api: 'LINLI_API',
  token: 'LINLI_TOKEN',
  allowedOrigins: 'LINLI_ALLOWED_ORIGINS',
  /** On one machine: the port that objects are put to and read from, a free one unless said, and the address that others know it by. */
  objectsPort: 'LINLI_OBJECTS_PORT',
  objectsUrl: 'LINLI_OBJECTS_URL',
  /** Set by npm in what it runs. */
  npmScript: 'npm_lifecycle_event',
  language: 'LANG',
} as const;

export interface Environment {
  /** The value of a name that must be there; a bug of deployment where it is not. */
  required(name: string): string;
  optional(name: string): string | undefined;
  /** The physical name of a declared table. */
  table(name: string): string;
}

const HINTS: Readonly<Record<string, string>> = {
  [VARIABLES.secret]: 'set it to at least 32 random characters, the same for every function of the stage',
  [VARIABLES.objects]: 'name the beginning of the keys in `objects` of the operation, reaction or schedule that keeps bytes',
  [VARIABLES.secretsPrefix]:
    'say `payments: true` in the operation, reaction or schedule that speaks to payment providers, `carries: true` in one that sends, `vault` in one that uses it',
  [VARIABLES.oidcIssuer]: 'set it to the URL of the OpenID provider whose tokens are accepted, as in its "iss" claim',
  [VARIABLES.oidcAudience]: 'set it to the "aud" claim of the tokens that are accepted',
};

/** Reads from `source`, the process's own environment unless told otherwise. */
export const environmentFrom = (source: Readonly<Record<string, string | undefined>> = process.env): Environment => {
  const optional = (name: string): string | undefined => (source[name] === '' ? undefined : source[name]);
  const required = (name: string): string => {
    const value = optional(name);
    if (value !== undefined) return value;
    const hint =
      HINTS[name] ??
      (name.startsWith('TABLE_') ? 'name the table in `uses` of the operation, reaction or schedule that reads it' : 'set it');
    throw new Error(`The environment variable ${name} is missing: ${hint}.`);
  };
  // Every call asks, and the process's own environment answers slowly.
  const tables = new Map<string, string>();
  const table = (name: string): string => {
    const known = tables.get(name) ?? required(tableVariable(name));
    tables.set(name, known);
    return known;
  };
  return { optional, required, table };
};
