/** Writes CAP 1.2: valid by its schema, elements in its order. */
import { inXml } from '../../kernel/xml.ts';
import { CAP_NAMESPACE, type CapAlert, type CapArea, type CapInfo, type CapPair, type CapResource } from './cap.ts';

/** Elements with their names: each holds a text, or others. */
type Element = readonly [name: string, content: string | readonly Element[]];

const part = (name: string, text: string | undefined): readonly Element[] => (text === undefined ? [] : [[name, text]]);
const parts = <T>(name: string, values: readonly T[], content: (value: T) => Element[1]): readonly Element[] =>
  values.map((value) => [name, content(value)]);

const same = (text: string): string => text;

/** As XML Schema's decimals are, without an exponent. */
const decimal = (value: number): string => {
  const text = String(value);
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text;
};
const maybeDecimal = (value: number | undefined): string | undefined => (value === undefined ? undefined : decimal(value));

const pair = ({ valueName, value }: CapPair): readonly Element[] => [...part('valueName', valueName), ...part('value', value)];

const resource = ({ resourceDesc, mimeType, size, uri, derefUri, digest }: CapResource): readonly Element[] => [
  ...part('resourceDesc', resourceDesc),
  ...part('mimeType', mimeType),
  ...part('size', maybeDecimal(size)),
  ...part('uri', uri),
  ...part('derefUri', derefUri),
  ...part('digest', digest),
];

const area = ({ areaDesc, polygon, circle, geocode, altitude, ceiling }: CapArea): readonly Element[] => [
  ...part('areaDesc', areaDesc),
  ...parts('polygon', polygon, (points) => points.map((point) => point.map(decimal).join(',')).join(' ')),
  ...parts('circle', circle, ({ lat, long, radiusKm }) => `${decimal(lat)},${decimal(long)} ${decimal(radiusKm)}`),
  ...parts('geocode', geocode, pair),
  ...part('altitude', maybeDecimal(altitude)),
  ...part('ceiling', maybeDecimal(ceiling)),
];

const info = (each: CapInfo): readonly Element[] => [
  ...part('language', each.language),
  ...parts('category', each.category, same),
  ...part('event', each.event),
  ...parts('responseType', each.responseType, same),
  ...part('urgency', each.urgency),
  ...part('severity', each.severity),
  ...part('certainty', each.certainty),
  ...part('audience', each.audience),
  ...parts('eventCode', each.eventCode, pair),
  ...part('effective', each.effective),
  ...part('onset', each.onset),
  ...part('expires', each.expires),
  ...part('senderName', each.senderName),
  ...part('headline', each.headline),
  ...part('description', each.description),
  ...part('instruction', each.instruction),
  ...part('web', each.web),
  ...part('contact', each.contact),
  ...parts('parameter', each.parameter, pair),
  ...parts('resource', each.resource, resource),
  ...parts('area', each.area, area),
];

const alert = (message: CapAlert): readonly Element[] => [
  ...part('identifier', message.identifier),
  ...part('sender', message.sender),
  ...part('sent', message.sent),
  ...part('status', message.status),
  ...part('msgType', message.msgType),
  ...part('source', message.source),
  ...part('scope', message.scope),
  ...part('addresses', message.addresses),
  ...parts('code', message.code, same),
  ...part('note', message.note),
  ...part(
    'references',
    message.references.length === 0
      ? undefined
      : message.references.map(({ sender, identifier, sent }) => `${sender},${identifier},${sent}`).join(' '),
  ),
  ...part('incidents', message.incidents),
  ...parts('info', message.info, info),
];

/** A carriage return that is not escaped comes back as a line feed. */
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
const escaped = (text: string): string => inXml(text).replaceAll(/[&<>\r]/g, (character) => ESCAPES[character] ?? '');

const written = ([name, content]: Element, indent: string): string =>
  typeof content === 'string'
    ? `${indent}<${name}>${escaped(content)}</${name}>\n`
    : `${indent}<${name}>\n${content.map((each) => written(each, `${indent}  `)).join('')}${indent}</${name}>\n`;

export const writeCap = (message: CapAlert): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="${CAP_NAMESPACE}">\n${alert(message)
    .map((each) => written(each, '  '))
    .join('')}</alert>\n`;
