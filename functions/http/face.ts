/**
 * An outer face: what clients of another standard send and expect, on the kit's own ground. Parameters come in the query and in a form alike;
 * blank ones are absent, unknown ones are passed over; the path's suffix decides the format; and a failure is told as that standard tells it.
 */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Language } from '../kernel/texts.ts';
import type { Failure } from './problem.ts';

export interface Face {
  readonly contentType: string;
  readonly text: (answer: unknown) => string;
  readonly refusal: (failure: Failure, language: Language) => { readonly status: number; readonly text: string };
}

/** A parameter: its value, or all of them where it was sent several times or as `name[]`. */
export type Parameters = Readonly<Record<string, string | string[]>>;

/** What a form says, and the files that come with it. */
export interface Sent {
  readonly parameters: Parameters;
  readonly files: readonly Uint8Array[];
}

const FORM = /^application\/x-www-form-urlencoded *(?:;|$)/i;
export const MULTIPART = /^multipart\/form-data *;/i;

const collect = (pairs: Iterable<readonly [string, string]>): Parameters => {
  const all = new Map<string, { readonly values: string[]; isList: boolean }>();
  for (const [sent, value] of pairs) {
    const isList = sent.endsWith('[]');
    const name = isList ? sent.slice(0, -2) : sent;
    // Optional means absent or empty, alike.
    if (value.trim() === '') continue;
    const before = all.get(name);
    if (before === undefined) all.set(name, { values: [value], isList });
    else {
      before.values.push(value);
      before.isList = true;
    }
  }
  return Object.fromEntries(
    [...all].map(([name, { values, isList }]) => {
      const [only = ''] = values;
      return [name, isList ? values : only];
    }),
  );
};

/** Percent-encoded text as pairs; undefined where it is no UTF-8. */
const pairsOf = (text: string): URLSearchParams | undefined => {
  try {
    decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
    return new URLSearchParams(text);
  } catch {
    return undefined;
  }
};

/** The parts of a form that is sent in parts; undefined where it is none. */
const partsOf = async (bytes: Buffer, contentType: string): Promise<Sent | undefined> => {
  try {
    const form = [...(await new Response(bytes, { headers: { 'content-type': contentType } }).formData())];
    // Bytes that are no text have been replaced on the way.
    const isText = !form.some(([, value]) => typeof value === 'string' && value.includes('\ufffd')) || bytes.includes('\ufffd');
    if (!isText) return undefined;
    const files = form.flatMap(([, value]) => (typeof value === 'string' ? [] : [value]));
    return {
      parameters: collect(form.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []))),
      files: await Promise.all(files.filter(({ size }) => size > 0).map((file) => file.bytes())),
    };
  } catch {
    return undefined;
  }
};

const textOf = (bytes: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** What was sent in the query and, where there is a body, in its form; the form's values stand where both have one. */
export const sentIn = async (event: APIGatewayProxyEventV2, body: Buffer): Promise<Result<Sent, Failure>> => {
  const query = pairsOf(event.rawQueryString);
  if (query === undefined) return err({ code: 'malformed' });
  const asked = collect(query);
  if (body.length === 0) return ok({ parameters: asked, files: [] });
  const contentType = event.headers['content-type'] ?? '';
  if (MULTIPART.test(contentType)) {
    const parts = await partsOf(body, contentType);
    return parts === undefined ? err({ code: 'malformed' }) : ok({ ...parts, parameters: { ...asked, ...parts.parameters } });
  }
  if (!FORM.test(contentType)) return err({ code: 'unsupportedMediaType' });
  const text = textOf(body);
  const pairs = text === undefined ? undefined : pairsOf(text);
  return pairs === undefined ? err({ code: 'malformed' }) : ok({ parameters: { ...asked, ...collect(pairs) }, files: [] });
};
