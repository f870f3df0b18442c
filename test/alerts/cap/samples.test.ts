/** Real messages and our own, in and out: nothing is lost, and what goes out is valid by OASIS's schema. */
import { XMLParser } from 'fast-xml-parser';
import { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { writeCap } from '../../../functions/alerts/cap/write-cap.ts';
import { fixture } from './support/fixtures.ts';
import { ALERT, CANCEL, read, readWell, refusal, UPDATE, wrongs } from './support/messages.ts';
import { invalidOnes, schemaErrors } from './support/schema.ts';

/** Another parser than ours: every value by the names above it. */
const parser = new XMLParser({ ignoreAttributes: true, removeNSPrefix: true, parseTagValue: false, ignoreDeclaration: true });
/** Of circles, the radius is a number, however many zeros end it. */
const contents = (xml: string | Buffer): unknown => parser.parse(xml.toString().replaceAll(/(?<= \d+)\.0(?=<)/g, ''));

test('real messages go out with every value that came in, and valid', async () => {
  const came = ['australia.cap', 'wcatwc-warning.cap'].map(fixture);
  const went = came.map((each) => writeCap(readWell(each)));
  expect(went.map(contents)).toEqual(came.map(contents));
  expect(went.map(readWell)).toEqual(came.map(readWell));
  expect(await schemaErrors(went)).toEqual([]);
});

test('what the real messages say is found under the standard’s names', () => {
  expect(readWell(fixture('wcatwc-warning.cap'))).toMatchObject({
    msgType: 'Update',
    references: [{ sender: 'PAAQ', identifier: 'PAAQ-1-lqw6d6', sent: '2011-09-02T10:55:55-00:00' }],
    info: [{ category: ['Geo'], severity: 'Extreme', onset: '2011-09-02T11:36:50-00:00', area: [{ geocode: [{ value: 'AKZ185' }, {}] }] }],
  });
  expect(readWell(fixture('australia.cap')).info[1]?.area).toEqual([
    {
      areaDesc: 'Yerong Creek Structure Fire',
      polygon: [],
      circle: [{ lat: -35.3888, long: 147.0598, radiusKm: 25 }],
      geocode: [{ valueName: 'http://www.psma.com.au/?product=postcode-boundaries', value: '2642' }],
    },
  ]);
});

test('the invalid one is told what it lacks', () => {
  expect(wrongs(fixture('invalid.cap'))).toEqual({ scope: 'is required' });
});

test('the one that asks for files and addresses is refused, and nothing is opened', () => {
  const connect = vi.spyOn(Socket.prototype, 'connect');
  const fetched = vi.spyOn(globalThis, 'fetch');
  expect(refusal(fixture('xee.cap'))).toMatch(/DOCTYPE/);
  // Without its document type, what it includes is not looked for either.
  const without = fixture('xee.cap')
    .toString()
    .replace(/<!DOCTYPE[^]*?\]>/, '')
    .replaceAll('&xxe;', '');
  expect(refusal(without)).toMatch(/XInclude/);
  expect([connect.mock.calls, fetched.mock.calls]).toEqual([[], []]);
  vi.restoreAllMocks();
});

test('an alert, its update and its end, in two languages, are valid and come back as they were', async () => {
  const written = [ALERT, UPDATE, CANCEL].map(writeCap);
  expect(written.map(readWell)).toEqual([ALERT, UPDATE, CANCEL]);
  expect(await schemaErrors(written)).toEqual([]);
});

test('references are written as the standard has them, times with an offset, the namespace without a prefix', () => {
  const written = writeCap(CANCEL);
  expect(written).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1\.2">\n/);
  expect(written).toContain(
    '<references>51010441600000,51010441600000_20261124090000_1,2026-11-24T09:00:00+08:00 ' +
      '51010441600000,51010441600000_20261124120000_2,2026-11-24T12:00:00+08:00</references>',
  );
  expect(written).toContain('<sent>2026-11-24T18:00:00+08:00</sent>');
});

test('what the schema refuses is refused here, too', async () => {
  const broken = [
    /<scope>.*?<\/scope>/,
    /<event>.*?<\/event>/,
    /<areaDesc>.*?<\/areaDesc>/,
    /<mimeType>.*?<\/mimeType>/,
    /<category>.*<\/category>\n/g,
  ];
  const documents = broken.map((part) => writeCap({ ...ALERT, info: ALERT.info.slice(0, 1) }).replace(part, ''));
  documents.push(
    ...['Severe', 'Actual', 'Shelter', '1640.4', '<size>3<'].map((part) => writeCap(ALERT).replace(part, part.replace(/\w+/, 'no'))),
    writeCap(ALERT).replace('</info>', '<colour/></info>'),
  );
  expect(documents.map((each) => read(each).ok)).toEqual(documents.map(() => false));
  expect(await invalidOnes(documents)).toEqual(documents.map((_, index) => index));
});
