/** What a donor is told of their gift. Pure. */
import type { CloudEvent } from '../../data/reaction.ts';
import type { Texts } from '../../kernel/texts.ts';
import type { Notice } from './notice.ts';

/** What the event carries of a gift that has changed. */
export interface ChangedDonation {
  readonly id: string;
  /** Fen. */
  readonly amount: number;
  readonly receiptNumber?: string;
}

const FEN = 100;
const yuan = (amount: number): string => (amount / FEN).toFixed(2);

/** By what happened. */
const SAID: Readonly<Record<string, (donation: ChangedDonation) => Texts>> = {
  receipted: ({ amount, receiptNumber = '' }) => ({
    'zh-CN': `感谢您捐赠 ${yuan(amount)} 元，收据已开具，编号 ${receiptNumber}。`,
    en: `Thank you for your gift of ${yuan(amount)} yuan. Its receipt is there, number ${receiptNumber}.`,
  }),
  refunded: () => ({
    'zh-CN': '您的捐赠有一笔款项已退回，详情请查看捐赠记录。',
    en: 'Money of your gift has been paid back: see the gift for how much.',
  }),
  used: () => ({
    'zh-CN': '您的捐赠已有一部分用于资助，去向请查看捐赠记录。',
    en: 'Some of your gift has been put to use: see the gift for what.',
  }),
};

/** The types of event that a donor is told of. */
export const TOLD_DONATIONS = Object.keys(SAID).map((change) => `donation.${change}`);

/** Undefined where there is nothing to say. */
export const donationNotice = ({ id, type, data: { item } }: CloudEvent<ChangedDonation>, owner: string): Notice | undefined => {
  const said = SAID[type.slice(type.indexOf('.') + 1)]?.(item);
  if (said === undefined) return undefined;
  return {
    id,
    topic: 'donations',
    sub: owner,
    subject: { 'zh-CN': '您的捐赠有新进展', en: 'News of your gift' },
    text: said,
    about: `donations/${item.id}`,
  };
};
