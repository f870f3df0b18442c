/**
 * WeChat Pay's daily bill (交易账单): headings, a line for each payment and each refund with a backtick before every cell, then two lines of
 * totals. https://pay.weixin.qq.com/docs/merchant/apis/jsapi-payment/get-trade-bill.html
 */
import { fromYuan } from '../../kernel/money.ts';
import { billRows } from './bill-table.ts';
import type { BillLine } from '../../data/payments.ts';

const TOTALS = '总交易单数';

/** What a bill says, `REVOKED` and failed refunds left out: no money moved. Throws where it is not as a bill should be. */
export const wechatBillLines = (text: string): readonly BillLine[] => {
  const [first = '', ...rest] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const end = rest.findIndex((line) => line.startsWith(TOTALS));
  if (end < 0) throw new Error('the bill has no totals: it is not whole');
  const cells = rest.slice(0, end).map((line) => {
    if (!line.startsWith('`')) throw new Error('a line of the bill does not begin with a backtick');
    return line.slice(1).split(',`');
  });
  return billRows(first.split(','), cells).flatMap(({ cell }): readonly BillLine[] => {
    const state = cell('交易状态');
    const refunds = state === 'REFUND';
    if (cell('货币种类') !== 'CNY') throw new Error('a line of the bill is in another currency');
    if ((!refunds && state !== 'SUCCESS') || (refunds && cell('退款状态') === 'FAIL')) return [];
    // Coupons lessen what is settled; what was ordered, and what was asked to be refunded, is what our books have.
    const amount = fromYuan(refunds ? cell('申请退款金额', '退款金额') : cell('订单金额', '总金额', '应结订单金额'));
    if (amount === undefined) throw new Error('a line of the bill has no amount');
    const line = { order: cell('商户订单号'), transaction: cell('微信订单号'), amount };
    return [refunds ? { kind: 'refund', ...line, refund: cell('商户退款单号') } : { kind: 'payment', ...line }];
  });
};
