/** Every operation of the system, and how a test calls one. */
import type { OperationSpec } from '../../functions/http/operation.ts';
import { OPERATIONS } from '../../functions/reference/operations.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import type { Answer, World } from './world.ts';

export const ALL: readonly OperationSpec[] = Object.values(OPERATIONS).flat();
/** Those that are spoken to in JSON; the others speak as another standard or a payment provider does, with its rules of input and of problems. */
export const OURS: readonly OperationSpec[] = ALL.filter(({ face, raw }) => face === undefined && raw !== true);

/** Parameters as a form sends them. */
export const formOf = (parameters: unknown): string =>
  new URLSearchParams(
    Object.entries(parameters as Record<string, unknown>).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((each): [string, string] => [name, String(each)]),
    ),
  ).toString();

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;

/** A call of an operation: everything that it needs, and somebody who may. */
export interface Made {
  readonly as?: TokenClaims | undefined;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** The operation's own example without it; of one that takes it as it comes, its text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const pathOf = ({ path }: OperationSpec, { params = {}, query = {} }: Made): string => {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  return search === '' ? filled : `${filled}?${search}`;
};

/** The body that is sent: a text as it is, anything else as JSON. */
export const bodyOf = (operation: OperationSpec, made: Made): unknown =>
  operation.body === undefined && operation.raw !== true ? undefined : (made.body ?? operation.examples?.body);

export const callOperation = (
  world: World,
  operation: OperationSpec,
  made: Made,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const body = bodyOf(operation, made);
  const isForm = operation.face !== undefined && body !== undefined;
  return world.call(operation.method, pathOf(operation, made), {
    as: made.as,
    body: isForm ? formOf(body) : body,
    headers: { ...(isForm ? FORM : {}), ...made.headers, ...headers },
  });
};

export const problemsOf = ({ body }: Answer): readonly string[] => (body?.errors ?? []).map(({ path }: { path: string }) => path);

export const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** Names an answer so that a failing assertion says which call it was. */
export const told = (operation: OperationSpec, what: string, answer: Answer): string =>
  `${operation.id}, ${what}: ${answer.status} ${answer.text.slice(0, 300)}`;
