/**
 * 大写金额, as the People's Bank has it for bills: 《支付结算办法》附录一《正确填写票据和结算凭证的基本规定》 二至五.
 */
import Nzh from 'nzh/cn';
import { inYuan, type Fen } from '../kernel/money.ts';

/** As bills have it at most: ten thousand million yuan. */
const MOST = 10 ** 12;

/**
 * `140950` → `人民币壹仟肆佰零玖元伍角`. Ends in 整 where it ends with yuan; the rules leave that open after 角, and their own examples do
 * without. Where they allow 零 to be written or left out (a 0 of 万 or 元 before another digit), it is left out.
 * Throws for what is negative, or more than 10^12 fen.
 */
export const amountInWords = (amount: Fen): string => {
  if (amount < 0 || amount > MOST) throw new Error(`no amount that is put in words: ${amount}`);
  // It reads `10.00` as an amount that does not end with yuan.
  return Nzh.toMoney(inYuan(amount).replace(/\.00$/, ''));
};
