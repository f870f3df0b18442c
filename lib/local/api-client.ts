/** Calls of the API by a command: with the token that is given, or one that a local system makes, and again where the system asks for patience. */
import { setTimeout as sleep } from 'node:timers/promises';
import { VARIABLES, type Environment } from '../../functions/kernel/environment.ts';
import type { TokenClaims } from './issuer.ts';

const ATTEMPTS = 6;

/** Ends a command with a line that says what to do. */
export class Stop extends Error {}

export interface ApiClient {
  /** The body of the answer; undefined where a GET finds nothing. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** The bytes behind a link. */
  readonly fetch: (url: string) => Promise<Uint8Array>;
}

export interface ApiClientOptions {
  readonly environment: Environment;
  /** Whose token a local system is asked for, and whose must be given elsewhere. */
  readonly claims: TokenClaims;
  readonly whose: string;
  /** What the token's holder may not do, where it is refused. */
  readonly what: string;
  /** What a second run of the command does. */
  readonly again: string;
}

export const apiClient = async ({ environment, claims, whose, what, again }: ApiClientOptions): Promise<ApiClient> => {
  const api = (environment.optional(VARIABLES.api) ?? 'http://localhost:3000').replace(/\/$/, '');

  const request = async (url: string, init: RequestInit): Promise<Response> => {
    try {
      return await fetch(url, init);
    } catch {
      throw new Stop(`Nothing answers at ${api}. Start it with \`npm start\`, or set ${VARIABLES.api} to where it runs.`);
    }
  };

  const tokenOf = async (): Promise<string> => {
    const given = environment.optional(VARIABLES.token);
    if (given !== undefined) return given;
    const answer = await request(`${api}/dev/tokens`, { method: 'POST', body: JSON.stringify(claims) });
    if (!answer.ok) throw new Stop(`${api} makes no tokens itself: set ${VARIABLES.token} to ${whose}.`);
    const { token } = (await answer.json()) as { token: string };
    return token;
  };

  const token = await tokenOf();
  return {
    async call(method, path, body) {
      for (let attempt = 1; ; attempt++) {
        const answer = await request(api + path, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'accept-language': environment.optional(VARIABLES.language)?.startsWith('zh') === true ? 'zh-CN' : 'en',
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        if (answer.ok) return answer.json();
        if (answer.status === 404 && method === 'GET') return undefined;
        if (attempt < ATTEMPTS && (answer.status === 429 || answer.status >= 500)) {
          await sleep(1000 * Number(answer.headers.get('retry-after') ?? attempt));
          continue;
        }
        if (answer.status === 401)
          throw new Stop(
            `${api} does not accept the token: it has expired, or is another issuer's. Sign in again and set ${VARIABLES.token}.`,
          );
        if (answer.status === 403) throw new Stop(`The token's holder may not ${what}: ${VARIABLES.token} must be ${whose}.`);
        throw new Stop(`${method} ${path} answered ${answer.status}: ${await answer.text()}\n${again}`);
      }
    },
    async fetch(url) {
      const answer = await request(url, {});
      if (!answer.ok) throw new Stop(`The file cannot be fetched: ${answer.status}.\n${again}`);
      return new Uint8Array(await answer.arrayBuffer());
    },
  };
};

/** Runs a command; what stops it is told, and its exit status is 1. */
export const runCommand = async (run: () => Promise<boolean>): Promise<void> => {
  try {
    process.exitCode = (await run()) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
};
