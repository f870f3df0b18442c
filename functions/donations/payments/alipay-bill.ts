/**
 * Alipay's daily bill of trades: a zip of tables in GBK, of which one has a line for each payment and each refund (业务明细); lines that begin
 * with `#` are remarks.
 */
import { inflateRawSync } from 'node:zlib';
import { fen, fromYuan } from '../../kernel/money.ts';
import { billRows } from './bill-table.ts';
import type { BillLine } from '../../data/payments.ts';

const LARGEST_BYTES = 256 * 2 ** 20;

/** The contents of a zip's files, by its central directory (APPNOTE.TXT 4.3.12, 4.3.16): stored or deflated, no zip64. Throws on others. */
const unzipped = (zip: Buffer): readonly Buffer[] => {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('the bill is no zip');
  const files: Buffer[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== 0x02014b50) throw new Error('the directory of the bill’s zip is broken');
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const local = zip.readUInt32LE(at + 42);
    // A local header has lengths of its own for the name and the extra field.
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = zip.subarray(from, from + size);
    if (method !== 0 && method !== 8) throw new Error(`a file of the bill’s zip is packed by method ${method}`);
    files.push(method === 0 ? content : inflateRawSync(content, { maxOutputLength: LARGEST_BYTES }));
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
};

/** The cells of a line; one in quotation marks may have commas, and two marks for one. */
const cellsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain = '']) =>
    (quoted === undefined ? plain : quoted.replaceAll('""', '"')).trim(),
  );

/** Headings that tell the table of trades from that of totals. */
const isHeading = (line: string): boolean => line.startsWith('支付宝交易号') && line.includes('业务类型');

/** What a bill says. Throws where it is not as a bill should be. */
export const alipayBillLines = (zip: Buffer): readonly BillLine[] => {
  const tables = unzipped(zip).map((file) => new TextDecoder('gbk').decode(file).split(/\r?\n/));
  const table = tables.find((lines) => lines.some(isHeading));
  if (table === undefined) throw new Error('the bill has no table of trades');
  const [heading = '', ...lines] = table.slice(table.findIndex(isHeading)).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return billRows(cellsOf(heading), lines.map(cellsOf)).flatMap(({ cell }): readonly BillLine[] => {
    const kind = { 交易: 'payment' as const, 退款: 'refund' as const }[cell('业务类型')];
    if (kind === undefined) return [];
    const amount = fromYuan(cell('订单金额'));
    if (amount === undefined) throw new Error('a line of the bill has no amount');
    const line = { order: cell('商户订单号'), transaction: cell('支付宝交易号'), amount: fen(Math.abs(amount)) };
    return [kind === 'payment' ? { kind, ...line } : { kind, ...line, refund: cell('退款批次号/请求号', '退款批次号') }];
  });
};
