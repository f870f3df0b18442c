/**
 * Grants in the form of the 360Giving Data Standard (https://standard.threesixtygiving.org), so that they can be compared with those of other
 * funders. Amounts are in yuan. Of a person who received nothing is told but that it was one: neither name nor the reason, which may tell
 * who it was (“Guide for grants to individuals”: title and description are generic).
 */
import { createHash } from 'node:crypto';
import { inYuan, type Fen } from '../kernel/money.ts';
import type { Texts } from '../kernel/texts.ts';
import { dayOf, fromInstant, type Day, type Instant } from '../kernel/time.ts';

export interface PaidGrant {
  readonly id: string;
  readonly amount: Fen;
  readonly purpose: { readonly code: string; readonly name: Texts } | undefined;
  readonly recipient: { readonly kind: 'organisation' | 'person'; readonly name?: string | undefined };
  readonly reason: string;
  readonly paidAt: Instant;
  readonly reportedAt?: Instant | undefined;
  readonly administrative: boolean;
}

export interface FundShown {
  readonly id: string;
  readonly name: Texts;
  readonly division: { readonly code: string; readonly name: string };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** A grant as the standard has it. Exactly one kind of recipient is there. */
export interface ThreeSixtyGrant {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly currency: 'CNY';
  readonly amountAwarded: number;
  readonly amountDisbursed: number;
  readonly awardDate: Day;
  readonly recipientOrganization?: readonly [Named];
  readonly recipientIndividual?: Named;
  readonly fundingOrganization: readonly [Named];
  readonly grantProgramme?: readonly [{ readonly code: string; readonly title: string }];
  readonly beneficiaryLocation: readonly [{ readonly name: string; readonly countryCode: 'CN'; readonly geoCode: string }];
  readonly dateModified: Instant;
  readonly dataSource: string;
}

/** A package of them. The standard wants one grant at least: a fund that has paid none has nothing valid to show. */
export interface ThreeSixtyPackage {
  readonly title: string;
  readonly publisher: { readonly identifier: string; readonly name: string };
  readonly grants: readonly ThreeSixtyGrant[];
}

export interface ThreeSixtyOptions {
  /** Where this package can be had: an absolute URL. */
  readonly source: string;
  /**
   * What 360Giving has registered for the publisher, before every id of theirs. Our ids are random, so that they are unique with any; without
   * a registration the package is valid, and taken into 360Giving's own register only with one.
   */
  readonly prefix?: string;
}

const PREFIX = '360G-linli';
const PERSON = '个人（不公开姓名）';
const ORGANISATION = '未具名单位';
const ADMINISTRATIVE = { code: 'administrative', title: '管理费用' };
/** The standard: “under 140 characters”. */
const TITLE_LENGTH = 139;
const HASH_LENGTH = 16;

/** Whole characters, not halves of them. */
const shortened = (text: string): string => {
  const characters = Array.from(text);
  return characters.length <= TITLE_LENGTH ? text : `${characters.slice(0, TITLE_LENGTH - 1).join('')}…`;
};

/** The same for the same name, in letters that an id may have: we know no number of theirs. */
const organisation = (prefix: string, name: string): Named => ({
  id: `${prefix}-ORG-${createHash('sha256').update(name.normalize('NFC').trim()).digest('hex').slice(0, HASH_LENGTH)}`,
  name,
});

const programmeOf = ({ purpose, administrative }: PaidGrant): { readonly code: string; readonly title: string } | undefined => {
  if (administrative) return ADMINISTRATIVE;
  return purpose === undefined ? undefined : { code: purpose.code, title: purpose.name['zh-CN'] };
};

/** The grants that a fund has paid. They come in the order given; an award is dated by the day in Shanghai on which it was paid. */
export const threeSixtyGiving = (
  grants: readonly PaidGrant[],
  fund: FundShown,
  { source, prefix = PREFIX }: ThreeSixtyOptions,
): ThreeSixtyPackage => {
  const fundName = fund.name['zh-CN'];
  const funder: Named = { id: `${prefix}-FUND-${fund.id}`, name: fundName };
  const shown = (grant: PaidGrant): ThreeSixtyGrant => {
    const { id, amount, recipient, reason, paidAt, reportedAt } = grant;
    const programme = programmeOf(grant);
    const isPerson = recipient.kind === 'person';
    const name = isPerson ? PERSON : (recipient.name ?? ORGANISATION);
    const title = shortened(`${programme?.title ?? fundName}：${name}`);
    // Made from digits: the number in JSON is the amount in yuan to the fen.
    const yuan = Number(inYuan(amount));
    return {
      id: `${prefix}-${id}`,
      title,
      description: isPerson ? `${fundName}拨付给个人的款项${programme === undefined ? '' : `，用途：${programme.title}`}。` : reason,
      currency: 'CNY',
      amountAwarded: yuan,
      amountDisbursed: yuan,
      awardDate: dayOf(fromInstant(paidAt)),
      ...(isPerson
        ? { recipientIndividual: { id: `${prefix}-IND-${id}`, name } }
        : { recipientOrganization: [recipient.name === undefined ? { id: `${prefix}-ORG-${id}`, name } : organisation(prefix, name)] }),
      fundingOrganization: [funder],
      ...(programme === undefined ? {} : { grantProgramme: [programme] }),
      // Without a type of code: the standard's list has those of the United Kingdom only.
      beneficiaryLocation: [{ name: fund.division.name, countryCode: 'CN', geoCode: fund.division.code }],
      dateModified: reportedAt ?? paidAt,
      dataSource: source,
    };
  };
  return { title: `${fundName}：已拨付款项`, publisher: { identifier: funder.id, name: fundName }, grants: grants.map(shown) };
};
