/** Whatever a message says, it is written so that everybody reads the same. LINLI_SEED repeats a run, LINLI_LONG=1 tries more. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeCap } from '../../../functions/alerts/cap/write-cap.ts';
import { LONG, newSeed, seeded } from '../../support/faults.ts';
import { message } from './support/arbitrary.ts';
import { fixture } from './support/fixtures.ts';
import { ALERT, CANCEL, read, readWell, UPDATE } from './support/messages.ts';
import { schemaErrors } from './support/schema.ts';

const RUNS = LONG ? 3000 : 40;
const MUTATIONS = LONG ? 30_000 : 200;
const PATIENCE_MILLISECONDS = 600_000;
/** As many as libxml2 is handed at once. */
const BATCH = 100;

const expectValid = async (documents: readonly string[]): Promise<void> => {
  for (let from = 0; from < documents.length; from += BATCH) expect(await schemaErrors(documents.slice(from, from + BATCH))).toEqual([]);
};

test(
  'any message that is written is valid, and is read as the same',
  async () => {
    const seed = newSeed('messages');
    const documents: string[] = [];
    fc.assert(
      fc.property(message, (each) => {
        const document = writeCap(each);
        documents.push(document);
        expect(readWell(document)).toStrictEqual(each);
      }),
      { seed, numRuns: RUNS },
    );
    await expectValid(documents);
  },
  PATIENCE_MILLISECONDS,
);

test('what XML cannot hold is left out, and what is left is valid', async () => {
  const control = String.fromCharCode(0, 1, 8, 11, 0xd800, 0xfffe);
  const document = writeCap({ ...ALERT, note: `a${control}b\r]]>`, code: [control] });
  expect(document).toContain('<note>ab&#13;]]&gt;</note>');
  await expectValid([document]);
});

const PIECES = [
  '<',
  '>',
  '&',
  '"',
  '</info>',
  '<info>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '&#0;',
  '\0',
  '\ufeff',
  '<?x?>',
  ' xmlns=""',
  '暴',
  '<a:b/>',
  '-',
];

/** A document with a few bytes lost, doubled, moved or put in. */
const mutated = (document: Buffer, random: () => number): Buffer => {
  const upTo = (end: number): number => Math.floor(random() * end);
  let bytes = document;
  for (let left = 1 + upTo(4); left > 0; left -= 1) {
    const [at, length] = [upTo(bytes.length), 1 + upTo(random() < 0.5 ? 3 : 60)];
    const piece = random() < 0.3 ? Buffer.from([upTo(256)]) : Buffer.from(PIECES[upTo(PIECES.length)] ?? '');
    const put = [Buffer.alloc(0), piece, bytes.subarray(at, at + length), bytes.subarray(upTo(bytes.length)).subarray(0, length)][upTo(4)];
    bytes = Buffer.concat([bytes.subarray(0, at), put ?? piece, bytes.subarray(at + (random() < 0.5 ? 0 : length))]);
  }
  return bytes;
};

test(
  'a message that was damaged is refused, or read as something that is valid',
  async () => {
    const random = seeded(newSeed('damage'));
    const documents = [
      fixture('australia.cap'),
      fixture('xee.cap'),
      fixture('invalid.cap'),
      ...[ALERT, UPDATE, CANCEL].map((each) => Buffer.from(writeCap(each))),
    ];
    const survivors: string[] = [];
    for (let run = 0; run < MUTATIONS; run += 1) {
      const result = read(mutated(documents[run % documents.length] ?? Buffer.alloc(0), random));
      if (!result.ok) continue;
      const written = writeCap(result.value);
      expect(readWell(written)).toStrictEqual(result.value);
      survivors.push(written);
    }
    expect(survivors.length).toBeGreaterThan(0);
    await expectValid(survivors.slice(0, BATCH * 10));
  },
  PATIENCE_MILLISECONDS,
);
