import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amountInWords } from '../../functions/donations/amount-in-words.ts';
import { fen, fromYuan, type Fen } from '../../functions/kernel/money.ts';

const of = (yuan: string): string => amountInWords(fromYuan(yuan) ?? fen(Number.NaN));

test.for([
  // 五（一）: a 0 between digits.
  ['1409.50', '人民币壹仟肆佰零玖元伍角'],
  // 五（二）: several 0 between digits are one 零.
  ['6007.14', '人民币陆仟零柒元壹角肆分'],
  // 五（三）: a 0 of 万 or 元 may be left out; these are the rules' second forms, or the first where that leaves 零 out.
  ['1680.32', '人民币壹仟陆佰捌拾元叁角贰分'],
  ['107000.53', '人民币壹拾万柒仟元伍角叁分'],
  // 五（四）: a 0 of 角 before 分.
  ['16409.02', '人民币壹万陆仟肆佰零玖元零贰分'],
  ['325.04', '人民币叁佰贰拾伍元零肆分'],
] as const)('the rules’ own example %s', ([yuan, words]) => {
  expect(of(yuan)).toBe(words);
});

test.for([
  ['0', '人民币零元整'],
  ['0.01', '人民币壹分'],
  ['0.10', '人民币壹角'],
  ['0.32', '人民币叁角贰分'],
  ['1', '人民币壹元整'],
  ['10', '人民币壹拾元整'],
  ['15', '人民币壹拾伍元整'],
  ['20.05', '人民币贰拾元零伍分'],
  ['100.10', '人民币壹佰元壹角'],
  ['1050', '人民币壹仟零伍拾元整'],
  ['10000', '人民币壹万元整'],
  ['10001', '人民币壹万零壹元整'],
  ['100100', '人民币壹拾万零壹佰元整'],
  ['1000000', '人民币壹佰万元整'],
  ['10001000', '人民币壹仟万壹仟元整'],
  ['20300405.06', '人民币贰仟零叁拾万零肆佰零伍元零陆分'],
  ['100000000', '人民币壹亿元整'],
  ['100000001', '人民币壹亿零壹元整'],
  ['100001000', '人民币壹亿零壹仟元整'],
  ['100010000', '人民币壹亿零壹万元整'],
  ['1000000005.50', '人民币壹拾亿零伍元伍角'],
  ['9999999999.99', '人民币玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分'],
  ['10000000000', '人民币壹佰亿元整'],
] as const)('%s', ([yuan, words]) => {
  expect(of(yuan)).toBe(words);
});

const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const UNITS: Readonly<Record<string, number>> = { 拾: 10, 佰: 100, 仟: 1000 };

/** A number below 10,000 in words. */
const sectionOf = (words: string): number => {
  let sum = 0;
  for (const [, digit = '', unit = ''] of words.matchAll(/([壹贰叁肆伍陆柒捌玖])([拾佰仟]?)/g))
    sum += DIGITS.indexOf(digit) * (UNITS[unit] ?? 1);
  return sum;
};

/** Reads words back by their grammar alone; undefined where they have another form. */
const read = (words: string): number | undefined => {
  const parts = /^人民币(?:(?:([^亿万元]+)亿)?(?:([^亿万元]+)万)?([^亿万元]*)元)?(整)?(?:零?([^零])角)?(?:零?([^零])分)?$/.exec(words);
  if (parts === null) return undefined;
  const [, hundredMillions = '', tenThousands = '', ones = '', , jiao = '零', cents = '零'] = parts;
  const yuan = sectionOf(hundredMillions) * 10 ** 8 + sectionOf(tenThousands) * 10 ** 4 + sectionOf(ones);
  return yuan * 100 + DIGITS.indexOf(jiao) * 10 + DIGITS.indexOf(cents);
};

/** Amounts whose digits are often 0: there the rules are. */
const amounts: fc.Arbitrary<Fen> = fc
  .tuple(
    fc.integer({ min: 1, max: 12 }),
    fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 9 })), { minLength: 12, maxLength: 12 }),
  )
  .map(([length, digits]) => fen(Number(digits.slice(0, length).join(''))));

test('words are read back as the amount', () => {
  fc.assert(
    fc.property(amounts, (amount) => {
      expect(read(amountInWords(amount))).toBe(amount);
    }),
    { numRuns: 5000 },
  );
});

test('整 stands after 元 alone; no 零 is doubled, leads, or ends; no unit is without its number', () => {
  fc.assert(
    fc.property(
      amounts.filter((amount) => amount > 0),
      (amount) => {
        const words = amountInWords(amount);
        expect(words.endsWith('元整')).toBe(amount % 100 === 0);
        expect(words).not.toMatch(/零零|人民币零|零[亿万元角分整]|零$|亿万|[元角分].*元/);
        expect(words).toMatch(/^人民币[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整]+$/);
        // Where 角 is 0 and 分 is not, 零 stands between 元 and 分.
        if (amount > 100 && amount % 100 > 0 && amount % 100 < 10) expect(words).toMatch(/元零.分$/);
      },
    ),
    { numRuns: 5000 },
  );
});

test('a 零 stands wherever digits are lacking within four, or four are lacking at once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 999 }), (above, below) => {
      expect(amountInWords(fen((above * 10_000 + below) * 100))).toContain('万零');
      expect(amountInWords(fen((((above % 99) + 1) * 10 ** 8 + below) * 100))).toContain('亿零');
    }),
  );
});

test('what no bill has is not put in words', () => {
  for (const amount of [-1, 10 ** 12 + 1]) expect(() => amountInWords(fen(amount))).toThrow('no amount');
});
