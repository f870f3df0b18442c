/** What is read however it is written, and what is told when it is wrong. */
import { expect, test } from 'vitest';
import { colourOf, severityOf } from '../../../functions/alerts/cap/colour.ts';
import { COLOURS } from '../../../functions/kernel/colour.ts';
import { capTimeOf, momentOf, parseCapTime } from '../../../functions/alerts/cap/cap-time.ts';
import { identifierOf, isCapName } from '../../../functions/alerts/cap/identifier.ts';
import { warningsOf } from '../../../functions/alerts/cap/warnings.ts';
import { writeCap } from '../../../functions/alerts/cap/write-cap.ts';
import { epochMs, parseInstant } from '../../../functions/kernel/time.ts';
import { ALERT, CANCEL, readWell, refusal, wrongs, xml } from './support/messages.ts';

const areaOf = (inside: string): string => xml({ inInfo: `<area><areaDesc>d</areaDesc>${inside}</area>` });
const firstArea = (inside: string) => readWell(areaOf(inside)).info[0]?.area[0];

test('everything that is wrong is told at once, by its path', () => {
  const message = xml({
    inAlert: '<references>x,y</references><restriction>r</restriction><colour/>',
    info:
      '<info><language>!</language><category>met</category><event> </event><urgency/><severity>High</severity><onset>now</onset>' +
      '<web>javascript:alert(1)</web><parameter><valueName>n</valueName></parameter><resource><mimeType>m</mimeType><size>-1</size>' +
      '<derefUri>!</derefUri></resource><area><polygon>1,2 3</polygon><circle>91,0 1</circle><altitude>high</altitude></area></info><info/>',
  });
  expect(Object.keys(wrongs(message)).toSorted()).toEqual(
    [
      'references',
      'restriction',
      'colour',
      'info.0.language',
      'info.0.category.0',
      'info.0.event',
      'info.0.urgency',
      'info.0.severity',
      'info.0.certainty',
      'info.0.onset',
      'info.0.web',
      'info.0.parameter.0.value',
      'info.0.resource.0.resourceDesc',
      'info.0.resource.0.size',
      'info.0.resource.0.derefUri',
      'info.0.area.0.areaDesc',
      'info.0.area.0.polygon.0',
      'info.0.area.0.circle.0',
      'info.0.area.0.altitude',
      ...['category', 'event', 'urgency', 'severity', 'certainty'].map((each) => `info.1.${each}`),
    ].toSorted(),
  );
  expect(wrongs(xml({ info: '<info/><info/>'.repeat(50) }))).toHaveProperty('info.0.event', 'is required');
});

test.each([
  ['scope', 'Public', ['Restricted', 'Private']],
  ['status', 'Test', ['Draft', 'System']],
  ['msgType', 'Alert', ['Ack', 'Error']],
] as const)('%s is for the public', (element, right, wrong) => {
  for (const word of wrong) {
    const message = xml().replace(`<${element}>${right}<`, `<${element}>${word}<`);
    expect(wrongs(message)[element]).toMatch(/^must be (?:Public|Actual or Exercise or Test|Alert or Update or Cancel)$/);
  }
});

test('an update and a cancellation name what came before', () => {
  for (const word of ['Update', 'Cancel']) {
    const message = xml({ inAlert: '<references>b,a,2026-11-24T01:00:00.5Z</references>' }).replace('>Alert<', `>${word}<`);
    expect(readWell(message).references).toEqual([{ sender: 'b', identifier: 'a', sent: '2026-11-24T01:00:00-00:00' }]);
    expect(wrongs(xml().replace('>Alert<', `>${word}<`))).toEqual({ references: 'is required' });
  }
});

test('another version, and another root, are called by their names', () => {
  expect(wrongs(xml().replace('cap:1.2', 'cap:1.1'))['alert']).toMatch(/^is CAP 1\.1: send it as CAP 1\.2/);
  expect(wrongs(xml().replace('urn:oasis:names:tc:emergency:cap:1.2', 'http://www.incident.com/cap/1.0'))['alert']).toMatch(/^is CAP 1\.0/);
  for (const root of ['<feed/>', '<alert/>', '<alert xmlns="a"/>', xml().replaceAll(/(?<=<\/?)alert/g, 'Alert')])
    expect(wrongs(root)['alert']).toMatch(/^must be the root, in the namespace urn:oasis/);
});

test('prefixes, comments, CDATA, white space and another order change nothing', () => {
  const plain = readWell(xml({ inInfo: '<headline>a &amp; b</headline>' }));
  const prefixed = xml({ inInfo: '<headline>a &amp; b</headline>' })
    .replaceAll(/<(\/?)(\w)/g, '<$1c:$2')
    .replace('xmlns=', 'xmlns:c=');
  expect(readWell(prefixed)).toEqual(plain);
  expect(readWell(xml({ inInfo: '<headline>\n  <!-- x --><![CDATA[a & ]]><?pi?>b\t</headline>' }))).toEqual(plain);
  expect(readWell(`\ufeff<?xml version="1.0"?><?xml-stylesheet href="a.xsl"?><!-- x -->\n${prefixed}<!-- y -->\n`)).toEqual(plain);
  const turned = xml({ inInfo: '<headline>a &amp; b</headline>' })
    .replace('<identifier>a</identifier>', '')
    .replace('</alert>', '<identifier>a</identifier></alert>')
    .replace('<event>e</event>', '')
    .replace('</info>', '<event>e</event></info>');
  expect(readWell(turned)).toEqual(plain);
});

test('a signature and others’ elements are passed over; elements that CAP has not, or of another version, are wrong', () => {
  const signature =
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>x</ds:SignedInfo><identifier xmlns="urn:x">z</identifier></ds:Signature>';
  expect(readWell(xml().replace('</alert>', `${signature}</alert>`))).toEqual(readWell(xml()));
  expect(readWell(xml({ inInfo: '<x:y xmlns:x="urn:x">1</x:y>' }))).toEqual(readWell(xml()));
  expect(wrongs(xml({ inInfo: '<colour>red</colour>' }))).toEqual({ 'info.0.colour': 'is no element of CAP 1.2 here' });
  expect(wrongs(xml({ inInfo: '<headline xmlns="">x</headline>' }))).toEqual({ 'info.0.headline': 'is no element of CAP 1.2 here' });
  expect(wrongs(xml({ inInfo: '<headline xmlns="urn:oasis:names:tc:emergency:cap:1.1">x</headline>' }))).toHaveProperty([
    'info.0.headline',
  ]);
  expect(wrongs(xml({ inInfo: 'words' }))).toHaveProperty(['info.0'], 'must hold elements only, and no text');
  expect(wrongs(xml({ inInfo: '<headline><event>x</event></headline>' }))).toHaveProperty(
    ['info.0.headline'],
    'must hold text only, and no elements',
  );
  expect(wrongs(xml({ inInfo: '<headline>x</headline><headline>y</headline>' }))).toHaveProperty(
    ['info.0.headline'],
    'must be there once only',
  );
});

test('what is empty and may be left out is left out', () => {
  const message = readWell(xml({ inInfo: '<headline/><onset> </onset><web></web>', inAlert: '<note/>' }));
  expect([message, message.info[0]]).toEqual([expect.not.objectContaining({ note: expect.anything() }), readWell(xml()).info[0]]);
  expect(Object.keys(message.info[0] ?? {})).not.toContain('headline');
});

test('text comes in NFC, without control characters, and keeps the wide space that begins a paragraph', () => {
  expect(readWell(xml({ inInfo: '<headline>e\u0301</headline>' })).info[0]?.headline).toBe('é');
  expect(readWell(xml({ inInfo: '<description>\n　　一。&#13;\n　　二。 </description>' })).info[0]?.description).toBe(
    '　　一。\n　　二。',
  );
  expect(wrongs(xml({ inInfo: '<headline>a\u0085b</headline>' }))).toHaveProperty(['info.0.headline'], 'must not hold control characters');
  expect(wrongs(xml({ inInfo: `<headline>a${'\u0301'.repeat(40)}</headline>` }))).toHaveProperty(['info.0.headline']);
  expect(wrongs(`<?xml version="1.1"?>${xml({ inInfo: '<headline>&#1;</headline>' })}`)).toHaveProperty(['info.0.headline']);
});

test.each([
  ['2026-11-24T09:00:00+08:00', '2026-11-24T09:00:00+08:00'],
  ['2026-11-24T01:00:00Z', '2026-11-24T01:00:00-00:00'],
  ['2026-11-24T01:00:00-00:00', '2026-11-24T01:00:00-00:00'],
  ['2026-11-24T01:00:00+00:00', '2026-11-24T01:00:00+00:00'],
  ['2026-11-24T01:00:59.9994567-03:30', '2026-11-24T01:00:59-03:30'],
  ['2026-12-31T24:00:00+14:00', '2027-01-01T00:00:00+14:00'],
])('the moment %s is kept as %s', (text, kept) => {
  const time = parseCapTime(text);
  expect(time).toBe(kept);
  expect(time === undefined ? undefined : momentOf(time)).toBe(Math.floor((parseInstant(text) ?? 0) / 1000) * 1000);
});

test('what is no moment with an offset is none', () => {
  const none = ['2026-11-24', '2026-11-24T09:00:00', '2026-02-30T09:00:00Z', '2026-11-24T09:00+08:00', '2026-11-24T09:00:60Z'];
  for (const text of [...none, '2026-11-24T09:00:00+14:01', '2026-11-24T09:00:00,08:00', 'now', '', '0001-01-01T00:00:00Z'])
    expect([text, parseCapTime(text)]).toEqual([text, undefined]);
  expect(capTimeOf(epochMs(Date.UTC(2026, 10, 24, 1, 0, 0, 999)))).toBe('2026-11-24T09:00:00+08:00');
});

test('polygons are read with any spacing, of any points on the Earth: what they bound is judged where they are issued', () => {
  const triangle = [
    [30, 104],
    [31, 104],
    [31, 105.5],
    [30, 104],
  ];
  for (const text of ['30,104 31,104 31,105.5 30,104', ' 30 , 104\n\t31,+104.0   31. ,105.50 30,104 '])
    expect(firstArea(`<polygon>${text}</polygon>`)?.polygon).toEqual([triangle]);
  expect(firstArea('<polygon>-0,-0 0,1 1,1 0,0</polygon>')?.polygon[0]?.[0]).toEqual([0, 0]);
  const said = (text: string): string | undefined => wrongs(areaOf(`<polygon>${text}</polygon>`))['info.0.area.0.polygon.0'];
  for (const text of ['30,104', '30,104 31,104 30,104', '30,104 31,104 31,105 32,104'])
    expect(firstArea(`<polygon>${text}</polygon>`)?.polygon[0]).toHaveLength(text.split(' ').length);
  expect(firstArea('<polygon></polygon><polygon> </polygon><circle/>')).toMatchObject({ polygon: [], circle: [] });
  for (const text of [
    '30,104 91,104 31,105 30,104',
    '30 104 31 104 31 105 30 104',
    '30,104 31,181 31,105 30,104',
    '1e1,2 3,4 5,6 1e1,2',
    '30,104,31,104',
  ])
    expect(said(text)).toMatch(/^must be “latitude,longitude” pairs/);
  const many = Array.from({ length: 10_000 }, (_, index) => `${index / 1000},1`).join(' ');
  expect(said(`0,0 ${many}`)).toMatch(/10000 points or fewer/);
});

test('circles are a place and kilometres, heights are decimals', () => {
  expect(firstArea('<circle> 30.5, 104  0 </circle><circle>-1,+2 .5</circle>')?.circle).toEqual([
    { lat: 30.5, long: 104, radiusKm: 0 },
    { lat: -1, long: 2, radiusKm: 0.5 },
  ]);
  for (const text of ['30,104', '30,104 -1', '30,104 1 2', '91,0 1', '0,0 99999', '30,104 x', '0,0 1.2.3'])
    expect(wrongs(areaOf(`<circle>${text}</circle>`))['info.0.area.0.circle.0']).toMatch(/^must be “latitude,longitude radius”/);
  expect(firstArea('<altitude>-12.50</altitude><ceiling>+7</ceiling>')).toMatchObject({ altitude: -12.5, ceiling: 7 });
  expect(writeCap(readWell(areaOf('<altitude>0.0000001</altitude>')))).toContain('<altitude>0.0000001</altitude>');
});

test('names of messages and senders fit into a reference', () => {
  for (const name of ['a b', 'a,b', 'a&amp;b', 'a&lt;b', 'a\u3000b', '', 'x'.repeat(257)])
    expect(wrongs(xml().replace('<identifier>a<', `<identifier>${name}<`))).toHaveProperty('identifier');
  expect(isCapName('tag:www.rfs.nsw.gov.au2011-10-06:40184')).toBe(true);
  expect(identifierOf('51010441600000', epochMs(Date.UTC(2026, 10, 24, 16, 5, 9)), 12)).toBe('51010441600000_20261125000509_12');
  expect(isCapName(identifierOf('51010441600000', epochMs(0), 1))).toBe(true);
  expect(() => identifierOf('5101', epochMs(0), 1)).toThrow('not a sender code');
});

test('addresses are whole, and those of pages lead to pages, or lack their beginning, which is warned of', () => {
  const told = (element: string): readonly string[] => Object.keys(wrongs(xml({ inInfo: element })));
  const resource = (uri: string): string => `<resource><resourceDesc>d</resourceDesc><mimeType>m</mimeType><uri>${uri}</uri></resource>`;
  for (const text of ['https://例子.cn/预警?a=1&amp;b=2#c', 'HTTP://u@a.cn:8080'])
    expect(readWell(xml({ inInfo: `<web>${text}</web>${resource(text)}` })).info[0]?.web).toBe(text.replace('&amp;', '&'));
  for (const text of ['map.png', 'ftp://a.cn/x', '../x?y', 'urn:x:y'])
    expect(readWell(xml({ inInfo: resource(text) })).info[0]?.resource[0]?.uri).toBe(text);
  for (const text of ['ftp://a.cn/x', 'urn:x:y', 'data:,x']) expect(told(`<web>${text}</web>`)).toEqual(['info.0.web']);
  for (const text of ['www.rfs.nsw.gov.au', '../x?y']) {
    const message = readWell(xml({ inInfo: `<web>${text}</web>` }));
    expect(message.info[0]?.web).toBe(text);
    expect(warningsOf(message, epochMs(0)).map(({ code, path }) => `${code} ${path}`)).toContain('webPartial info.0.web');
  }
  for (const text of ['a b', 'http://a:/', 'http://a:b', 'http://[::1]/', '1:2', 'a#b#c', '%zz', 'http://a/[', 'http://'])
    expect([text, told(`<web>${text}</web>${resource(text)}`)]).toEqual([text, ['info.0.web', 'info.0.resource.0.uri']]);
});

test.each([
  ['ISO-8859-1', Buffer.from('caf\u00e9', 'latin1'), 'café'],
  ['ISO-8859-15', Buffer.from([0x63, 0xa4, 0xe9]), 'c€é'],
  ['Shift_JIS', Buffer.from([0x96, 0x5c, 0x89, 0x4a]), '暴雨'],
  ['GBK', Buffer.from([0xb1, 0xa9, 0xd3, 0xea]), '暴雨'],
  ['gb2312', Buffer.from([0xb1, 0xa9, 0xd3, 0xea]), '暴雨'],
  ['GB18030', Buffer.from([0xb1, 0xa9, 0x81, 0x39, 0xee, 0x39]), '暴㐀'],
  ['UTF-8', Buffer.from('暴雨🌧'), '暴雨🌧'],
  // Turned into UTF-8 on the way, and still declared as what it was.
  ['GBK', Buffer.from('暴雨'), '暴雨'],
  ['iso-8859-1', Buffer.from('暴雨é'), '暴雨é'],
  ['utf-16', Buffer.from('暴雨'), '暴雨'],
])('%s is read', (encoding, bytes, text) => {
  const [before = '', after = ''] = xml({ inInfo: '<headline>|</headline>' }).split('|');
  const message = Buffer.concat([Buffer.from(`<?xml version='1.0' encoding="${encoding}"?>${before}`), bytes, Buffer.from(after)]);
  expect(readWell(message).info[0]?.headline).toBe(text);
});

test('UTF-16 is read in both orders, with a mark or without', () => {
  const document = `<?xml version="1.0" encoding="UTF-16"?>${xml({ inInfo: '<headline>暴雨🌧</headline>' })}`;
  for (const mark of ['', '\ufeff']) {
    const little = Buffer.from(mark + document, 'utf16le');
    expect(readWell(little).info[0]?.headline).toBe('暴雨🌧');
    expect(readWell(Buffer.from(little).swap16()).info[0]?.headline).toBe('暴雨🌧');
  }
});

test('an encoding that is not known, or that the bytes are not in, is refused', () => {
  const declared = (encoding: string, text: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`<?xml version="1.0" encoding="${encoding}"?><a>`), text, Buffer.from('</a>')]);
  for (const encoding of ['utf-7', 'x-user-defined', 'ebcdic-cp-us', 'constructor', 'utf-32'])
    expect(refusal(declared(encoding, Buffer.from('x')))).toMatch(/encoding/);
  expect(refusal(declared('utf-8', Buffer.from([0xb1, 0xa9, 0xd3, 0xea])))).toMatch(/encoding/);
  expect(refusal(declared('gbk', Buffer.from([0xff, 0xff])))).toMatch(/encoding/);
  expect(refusal(Buffer.from([0xff, 0xfe, 0x00]))).toMatch(/encoding/);
});

test('each colour is a severity, and each severity but Unknown a colour', () => {
  expect(COLOURS.map(severityOf)).toEqual(['Minor', 'Moderate', 'Severe', 'Extreme']);
  expect(COLOURS.map(severityOf).map(colourOf)).toEqual(COLOURS);
  expect(colourOf('Unknown')).toBeUndefined();
});

test('a good message has no warnings; what would serve residents badly is told', () => {
  const now = epochMs(Date.UTC(2026, 10, 24, 2));
  const found = (...message: Parameters<typeof warningsOf>): readonly string[] =>
    warningsOf(...message).map(({ code, path }) => `${code} ${path}`);
  expect(found(ALERT, now)).toEqual([]);
  expect(found(ALERT, epochMs(Date.UTC(2026, 10, 24, 13)))).toEqual(['expiresPast info.0.expires', 'expiresPast info.1.expires']);
  const bare = readWell(
    xml({ inInfo: `<headline>${'🌧'.repeat(141)}</headline><area><areaDesc>d</areaDesc></area>` }).replace('>Minor<', '>Unknown<'),
  );
  expect(found(bare, now)).toEqual([
    'headlineLong info.0.headline',
    'instructionMissing info.0.instruction',
    'expiresMissing info.0.expires',
    'severityUnknown info.0.severity',
    'areaUnplaced info.0.area.0',
  ]);
  expect(found(readWell(xml()), now)).toEqual(
    ['headlineMissing headline', 'instructionMissing instruction', 'expiresMissing expires', 'areaMissing area'].map((each) =>
      each.replace(' ', ' info.0.'),
    ),
  );
  expect(found(CANCEL, now)).toEqual(['infoMissing info']);
  expect(found({ ...ALERT, msgType: 'Cancel' }, now)).toEqual([]);
});
