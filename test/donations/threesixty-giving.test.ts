/** Grants as open data: valid, to the fen, and without a trace of a person. */
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { threeSixtyGiving, type FundShown, type PaidGrant } from '../../functions/donations/threesixty-giving.ts';
import { fen, fromYuan } from '../../functions/kernel/money.ts';
import type { Instant } from '../../functions/kernel/time.ts';
import requirements from '../fixtures/360-giving/requirements.schema.json' with { type: 'json' };

const ajv = new Ajv({ allErrors: true });
addFormats.default(ajv);
const isValid = ajv.compile(requirements);

const FUND: FundShown = {
  id: '01JD0000000000000000000000',
  name: { 'zh-CN': '春熙路社区基金', en: 'Chunxi Road fund' },
  division: { code: '510104020001', name: '大科甲巷社区' },
};
const OPTIONS = { source: 'https://linli.example/v1/funds/01JD0000000000000000000000/360giving.json' };

const GRANT: PaidGrant = {
  id: '01JD4X5Y6Z7A8B9C0D1E2F3G4H',
  amount: fen(1_234_567),
  purpose: { code: 'elders', name: { 'zh-CN': '助老', en: 'Elders' } },
  recipient: { kind: 'organisation', name: '锦江区某某社会工作服务中心' },
  reason: '为 60 位独居老人提供助餐服务。',
  paidAt: '2026-11-23T16:30:00.000Z' as Instant,
  administrative: false,
};

const shown = (change: Partial<PaidGrant> = {}) => {
  const made = threeSixtyGiving([{ ...GRANT, ...change }], FUND, OPTIONS);
  const read: unknown = JSON.parse(JSON.stringify(made));
  expect([isValid(read), isValid.errors]).toEqual([true, null]);
  const [grant] = made.grants;
  if (grant === undefined) throw new Error('it is not there');
  return grant;
};

test('a grant to an organisation: who, what, when and how much', () => {
  expect(shown({ reportedAt: '2026-12-01T02:00:00.000Z' as Instant })).toEqual({
    id: '360G-linli-01JD4X5Y6Z7A8B9C0D1E2F3G4H',
    title: '助老：锦江区某某社会工作服务中心',
    description: '为 60 位独居老人提供助餐服务。',
    currency: 'CNY',
    amountAwarded: 12_345.67,
    amountDisbursed: 12_345.67,
    awardDate: '2026-11-24',
    recipientOrganization: [{ id: expect.stringMatching(/^360G-linli-ORG-[0-9a-f]{16}$/), name: '锦江区某某社会工作服务中心' }],
    fundingOrganization: [{ id: '360G-linli-FUND-01JD0000000000000000000000', name: '春熙路社区基金' }],
    grantProgramme: [{ code: 'elders', title: '助老' }],
    beneficiaryLocation: [{ name: '大科甲巷社区', countryCode: 'CN', geoCode: '510104020001' }],
    dateModified: '2026-12-01T02:00:00.000Z',
    dataSource: OPTIONS.source,
  });
});

test('of a person nothing is told but that it was one', () => {
  const grant = shown({ recipient: { kind: 'person', name: '王小明' }, reason: '王小明因尿毒症住院，家住 3 栋 2 单元。' });
  expect(JSON.stringify(grant)).not.toMatch(/王小明|尿毒症|3 栋/);
  expect(grant).toMatchObject({
    title: '助老：个人（不公开姓名）',
    description: '春熙路社区基金拨付给个人的款项，用途：助老。',
    recipientIndividual: { id: '360G-linli-IND-01JD4X5Y6Z7A8B9C0D1E2F3G4H', name: '个人（不公开姓名）' },
  });
  expect(grant.recipientOrganization).toBeUndefined();
  // Two grants to one person do not tell that it was the same.
  const other = shown({ id: '01JD4X5Y6Z7A8B9C0D1E2F3G4J', recipient: { kind: 'person', name: '王小明' } });
  expect(other.recipientIndividual?.id).not.toBe(grant.recipientIndividual?.id);
});

test('an organisation has the same id in every grant to it, and another has another', () => {
  const idOf = (name: string, id: string) => shown({ id, recipient: { kind: 'organisation', name } }).recipientOrganization?.[0].id;
  expect(idOf('甲中心', 'A1')).toBe(idOf('甲中心', 'B2'));
  expect(idOf('é协会'.normalize('NFD'), 'A1')).toBe(idOf('é协会'.normalize('NFC'), 'B2'));
  expect(idOf('甲中心', 'A1')).not.toBe(idOf('乙中心', 'A1'));
  expect(shown({ recipient: { kind: 'organisation' } }).recipientOrganization).toEqual([
    { id: '360G-linli-ORG-01JD4X5Y6Z7A8B9C0D1E2F3G4H', name: '未具名单位' },
  ]);
});

test('money without a purpose, and for the fund’s own costs', () => {
  expect(shown({ purpose: undefined })).not.toHaveProperty('grantProgramme');
  expect(shown({ purpose: undefined }).title).toBe('春熙路社区基金：锦江区某某社会工作服务中心');
  expect(shown({ purpose: undefined, administrative: true }).grantProgramme).toEqual([{ code: 'administrative', title: '管理费用' }]);
});

test('every amount is in yuan, to the fen', () => {
  expect(shown({ amount: fen(1) }).amountAwarded).toBe(0.01);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (amount) => {
      const { amountAwarded } = shown({ amount: fen(amount) });
      expect(fromYuan(JSON.stringify(amountAwarded))).toBe(amount);
    }),
  );
});

test('a long name does not make a title too long, nor halve a character', () => {
  const { title } = shown({ recipient: { kind: 'organisation', name: '𠮷'.repeat(200) } });
  expect([Array.from(title).length, title.isWellFormed(), title.endsWith('…')]).toEqual([139, true, true]);
});

test('a publisher’s own prefix stands before every id', () => {
  const made = threeSixtyGiving([GRANT, { ...GRANT, id: 'X2', recipient: { kind: 'person' } }], FUND, {
    ...OPTIONS,
    prefix: '360G-chengdu',
  });
  expect([isValid(made), isValid.errors]).toEqual([true, null]);
  expect(JSON.stringify(made)).not.toContain('360G-linli');
  expect(made.grants.map(({ id }) => id)).toEqual(['360G-chengdu-01JD4X5Y6Z7A8B9C0D1E2F3G4H', '360G-chengdu-X2']);
});

test('what the standard does not let through, the fixture does not: no grants, no recipient, two recipients, an unknown field', () => {
  const { grants, ...rest } = threeSixtyGiving([GRANT], FUND, OPTIONS);
  const [grant] = grants;
  const { recipientOrganization, ...without } = { ...grant };
  for (const wrong of [
    [],
    [without],
    [{ ...grant, recipientIndividual: { id: '360G-linli-IND-1', name: '个人（不公开姓名）' } }],
    [{ ...grant, amountAwarded: '12' }],
    [{ ...grant, amountAwarded: 0.001 }],
    [{ ...grant, awardDate: '24/11/2026' }],
    [{ ...grant, contact: 'x' }],
    [grant, grant],
  ])
    expect(isValid({ ...rest, grants: wrong })).toBe(false);
  expect(recipientOrganization).toHaveLength(1);
});
