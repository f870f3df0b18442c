/** Any message that there can be. */
import * as fc from 'fast-check';
import {
  CATEGORIES,
  CERTAINTIES,
  MSG_TYPES,
  RESPONSE_TYPES,
  SEVERITIES,
  STATUSES,
  URGENCIES,
  type CapAlert,
  type CapPoint,
} from '../../../../functions/alerts/cap/cap.ts';
import type { CapTime } from '../../../../functions/alerts/cap/cap-time.ts';
import { isCapName } from '../../../../functions/alerts/cap/identifier.ts';

const NOT_TEXT = /[\p{Cc}\p{Cs}\ufffe\uffff]/gu;
/** Every character that a text may hold, those of markup more often than others. */
const anyText = fc
  .string({
    unit: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...'<>&"\' \n\tA暴　]]>'.split('')) },
      { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 1 }) },
    ),
    maxLength: 40,
  })
  .map((text) => text.replaceAll(/[^\n\t]/gu, (each) => each.replace(NOT_TEXT, '')))
  .map((text) => text.normalize('NFC').replaceAll(/^[ \t\n]+|[ \t\n]+$/g, ''));
const text = anyText.filter((each) => /\S/.test(each));
const name = anyText.map((each) => each.replaceAll(/[\s,<&]/g, '')).filter(isCapName);

const twoDigits = (value: number): string => String(value).padStart(2, '0');
const time = fc
  .tuple(fc.integer({ min: Date.UTC(1801) / 1000, max: Date.UTC(2999) / 1000 }), fc.integer({ min: -840, max: 840 }), fc.boolean())
  .map(([seconds, offset, behind]): CapTime => {
    const minutes = Math.abs(offset);
    const sign = offset === 0 ? behind : offset < 0;
    return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${sign ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}` as CapTime;
  });

/** To twelve decimals, without a zero that has a sign. */
const decimal = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map((value) => Number(value.toFixed(12)) + 0);
const point = fc.tuple(decimal(-90, 90), decimal(-180, 180)) as fc.Arbitrary<CapPoint>;
const polygon = fc.array(point, { minLength: 3, maxLength: 6 }).map((points) => [...points, ...points.slice(0, 1)]);

const some = <T>(value: fc.Arbitrary<T>, minLength = 0): fc.Arbitrary<T[]> => fc.array(value, { minLength, maxLength: 3 });
const plain = <A extends object>(fields: { [K in keyof A]: fc.Arbitrary<A[K]> }): fc.Arbitrary<A> =>
  fc.record<A>(fields, { noNullPrototype: true });
/** Those of the second are there or not. */
const record = <A extends object, B extends object>(
  required: { [K in keyof A]: fc.Arbitrary<A[K]> },
  optional: { [K in keyof B]: fc.Arbitrary<B[K]> },
): fc.Arbitrary<A & Partial<B>> =>
  fc.tuple(fc.record(required), fc.record(optional, { requiredKeys: [] })).map(([one, other]) => ({ ...one, ...other }) as A & Partial<B>);

const pair = plain({ valueName: text, value: anyText });
const web = fc.webUrl({ withQueryParameters: true, withFragments: true });
const resource = record(
  { resourceDesc: text, mimeType: text },
  {
    size: fc.nat({ max: 10 ** 9 }),
    uri: fc.oneof(web, fc.constant('map.png')),
    derefUri: fc.base64String({ minLength: 4, maxLength: 40 }),
    digest: text,
  },
);
const area = record(
  {
    areaDesc: text,
    polygon: some(polygon),
    circle: some(plain({ lat: decimal(-90, 90), long: decimal(-180, 180), radiusKm: decimal(0, 20_000) })),
    geocode: some(pair),
  },
  { altitude: decimal(-1e9, 1e9), ceiling: decimal(-1, 1) },
);
const info = record(
  {
    category: some(fc.constantFrom(...CATEGORIES), 1),
    event: text,
    responseType: some(fc.constantFrom(...RESPONSE_TYPES)),
    urgency: fc.constantFrom(...URGENCIES),
    severity: fc.constantFrom(...SEVERITIES),
    certainty: fc.constantFrom(...CERTAINTIES),
    eventCode: some(pair),
    parameter: some(pair),
    resource: some(resource),
    area: some(area),
  },
  {
    language: fc.constantFrom('zh-CN', 'en', 'x-klingon', 'zh-Hans-CN'),
    audience: text,
    effective: time,
    onset: time,
    expires: time,
    senderName: text,
    headline: text,
    description: text,
    instruction: text,
    web,
    contact: text,
  },
);
const reference = plain({ sender: name, identifier: name, sent: time });

export const message: fc.Arbitrary<CapAlert> = fc.constantFrom(...MSG_TYPES).chain((msgType) =>
  record(
    {
      identifier: name,
      sender: name,
      sent: time,
      status: fc.constantFrom(...STATUSES),
      msgType: fc.constant(msgType),
      scope: fc.constant('Public' as const),
      code: some(text),
      references: some(reference, msgType === 'Alert' ? 0 : 1),
      info: some(info),
    },
    { source: text, addresses: text, note: text, incidents: text },
  ),
);
