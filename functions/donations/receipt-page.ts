/**
 * A receipt to be read and printed: one page of A5, no script, nothing loaded. It has what a 公益事业捐赠统一票据 has (《公益事业捐赠票据使用管理办法》
 * 财综〔2024〕1号 第六条, and the printed form), so that one can be written from it; it is none itself, and says so: that form has the finance
 * authority's own seal, code and paper, and nothing here looks like them.
 */
import { createHash } from 'node:crypto';
import { html, pageText, styleSheet, type Html } from '../http/html.ts';
import { inYuan, type Fen } from '../kernel/money.ts';
import { inLanguage, type Language, type Texts } from '../kernel/texts.ts';
import { dayOf, fromInstant, type Instant } from '../kernel/time.ts';

/** What stands on a receipt. It is the donor's own: their name is on it, whatever the public sees. */
export interface ReceiptShown {
  /** `<fund>-<year>-<000001>`. */
  readonly number: string;
  /** As the donor gave it; empty, or 匿名捐赠人, where none was given. */
  readonly payer: string;
  /** To the public; the receipt only remarks it. */
  readonly anonymous: boolean;
  readonly amount: Fen;
  /** 大写金额. */
  readonly amountInWords: string;
  readonly currency: 'CNY';
  readonly fund: Texts;
  readonly purpose: Texts;
  /** The name of the fund's division. */
  readonly division: string;
  /** As the contract names it; one that has no word here is shown as it is. */
  readonly channel: string;
  readonly donatedAt: Instant;
  readonly issuedAt: Instant;
  readonly checkCode: string;
  readonly reprint: boolean;
  readonly void: boolean;
  /** Its id. */
  readonly donation: string;
  /** Who checks and issues it; a line to sign on where nobody is named. */
  readonly treasurer?: string | undefined;
}

const WORDS = {
  title: { 'zh-CN': '捐赠收据', en: 'Donation receipt' },
  number: { 'zh-CN': '收据编号', en: 'Receipt number' },
  date: { 'zh-CN': '捐赠日期', en: 'Date of donation' },
  issued: { 'zh-CN': '开具日期', en: 'Date of issue' },
  payer: { 'zh-CN': '捐赠人', en: 'Donor' },
  nobody: { 'zh-CN': '匿名捐赠人', en: 'Anonymous donor' },
  caption: { 'zh-CN': '捐赠内容', en: 'What was donated' },
  project: { 'zh-CN': '捐赠项目', en: 'Project' },
  kind: { 'zh-CN': '种类（币种）', en: 'Kind (currency)' },
  money: { 'zh-CN': '货币资金（人民币 CNY）', en: 'Money (renminbi, CNY)' },
  quantity: { 'zh-CN': '数量', en: 'Quantity' },
  amount: { 'zh-CN': '金额（元）', en: 'Amount (yuan)' },
  total: { 'zh-CN': '金额合计（小写）', en: 'Total in figures' },
  inWords: { 'zh-CN': '金额合计（大写）', en: 'Total in words' },
  channel: { 'zh-CN': '支付方式', en: 'Paid by' },
  remarks: { 'zh-CN': '备注', en: 'Remarks' },
  donation: { 'zh-CN': '捐赠编号', en: 'Donation' },
  hidden: { 'zh-CN': '对外公示时匿名。', en: 'Shown to the public without a name.' },
  recipient: { 'zh-CN': '接受单位', en: 'Received by' },
  seal: { 'zh-CN': '接受单位盖章处', en: 'Seal of the recipient' },
  reviewer: { 'zh-CN': '复核人', en: 'Checked by' },
  issuer: { 'zh-CN': '开票人', en: 'Issued by' },
  unsigned: { 'zh-CN': '（签字）', en: '(signature)' },
  checkCode: { 'zh-CN': '校验码', en: 'Check code' },
  check: {
    'zh-CN':
      '怎么核对：凭捐赠编号和校验码，谁都可以在系统中查询（GET /v1/donations/捐赠编号/receipt/check?checkCode=校验码），也可以请接受单位查询；查得到，且收据编号、金额和日期都一致的才是真的。',
    en: 'To check it, anybody can ask the system with the donation and the check code (GET /v1/donations/{donation}/receipt/check?checkCode={check code}), or have the recipient ask: it is genuine where it is found, and number, amount and date are the same.',
  },
  reprint: { 'zh-CN': '补打', en: 'Reprint' },
  reprintMeans: {
    'zh-CN': '补打：本页是同一收据再次打印，不是另一笔捐赠。',
    en: 'Reprint: the same receipt printed again, not another donation.',
  },
  void: { 'zh-CN': '作废', en: 'Void' },
  voidMeans: {
    'zh-CN': '作废：捐款已全额退还或被付款人的银行收回，本收据无效。',
    en: 'Void: the donation has gone back in full, or the payer’s bank has taken it, and this receipt is no longer valid.',
  },
} as const satisfies Record<string, Record<Language, string>>;

/** Said in both languages on every receipt, whatever its own: whoever it is shown to must not take it for what it is not. */
export const STATEMENT: Readonly<Record<Language, string>> = {
  'zh-CN': '本收据是捐赠记录，不是财政部门监制的《公益事业捐赠统一票据》，不能单独作为税前扣除凭证。需要该票据的，请向接受单位索取。',
  en: 'This is a record of the donation. It is NOT the unified invoice of the finance authority for public-welfare donations (公益事业捐赠统一票据) and cannot by itself be used for tax deduction. Ask the recipient if you need that invoice.',
};

const CHANNELS: Readonly<Record<string, Texts>> = {
  wechatPay: { 'zh-CN': '微信支付', en: 'WeChat Pay' },
  alipay: { 'zh-CN': '支付宝', en: 'Alipay' },
  stripe: { 'zh-CN': '银行卡（Stripe）', en: 'Card (Stripe)' },
  bankTransfer: { 'zh-CN': '银行转账', en: 'Bank transfer' },
  cash: { 'zh-CN': '现金', en: 'Cash' },
};

/**
 * 1rem is 18 px on a screen. In print everything fits a page of A5, and every colour is dark enough for a photocopy. What is written across a
 * page is for the eye: it is said in text, too.
 */
const STYLE = `
html{font-size:112.5%;-webkit-text-size-adjust:100%;text-size-adjust:100%}
*{box-sizing:border-box}
body{margin:0;background:#f4f6f4;color:#1b2a2b;font:1rem/1.5 "PingFang SC","HarmonyOS Sans SC","Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei",
system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{position:relative;max-width:56rem;margin:1rem auto;padding:1rem 1.2rem;background:#fff;border:2px solid #1b2a2b;overflow:hidden}
h1{margin:0 0 .5rem;text-align:center;font-size:1.6rem;line-height:1.3;letter-spacing:.1em}
p,dl,dd{margin:0}
dt{font-weight:700}
.fields{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,12rem),1fr));gap:.3rem 1.2rem}
.wide{grid-column:1/-1}
table{width:100%;margin:.6rem 0;border-collapse:collapse}
caption{text-align:left;font-weight:700}
th,td{border:1px solid #1b2a2b;padding:.3rem .5rem;text-align:left;vertical-align:top}
.figure{text-align:right;white-space:nowrap}
.status{margin-bottom:.5rem;padding:.3rem .6rem;border:3px solid #9c2f1c;color:#9c2f1c;font-weight:700}
.foot{display:grid;grid-template-columns:1fr minmax(9rem,13rem);gap:.6rem 1.2rem;margin-top:.5rem}
.seal{display:flex;align-items:center;justify-content:center;min-height:6rem;padding:.4rem;border:2px dashed #5a6b6a;color:#4a5a5b;text-align:center}
.note{margin-top:.5rem}
.not{margin-top:.5rem;padding:.4rem .6rem;border:2px solid #1b2a2b;font-weight:700}
.not p+p{margin-top:.3rem}
.reprint::after,.void::after{position:absolute;inset:0;display:flex;align-items:center;justify-content:center;transform:rotate(-24deg);pointer-events:none;
color:#9c2f1c;opacity:.16;font-size:7rem;font-weight:700;white-space:nowrap}
.reprint::after{content:"补打 Reprint";content:"补打 Reprint"/""}
.void::after{content:"作废 Void";content:"作废 Void"/""}
@page{size:A5 landscape;margin:7mm}
@media print{html{font-size:8pt}body{background:#fff;line-height:1.25}main{max-width:none;margin:0;padding:2mm 3mm;break-inside:avoid}
h1{margin-bottom:.2rem}.fields{grid-template-columns:repeat(3,1fr)}table{margin:.3rem 0}th,td{padding:.15rem .4rem}.seal{min-height:5rem}
.note,.not,.foot{margin-top:.3rem}.reprint::after,.void::after{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What goes with a receipt's page: nothing runs in it, and nothing is loaded. Whoever sends it says that nobody on the way keeps it. */
export const RECEIPT_HEADERS = {
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** With thousands apart, as a bank prints it. */
const grouped = (amount: Fen): string => inYuan(amount).replaceAll(/\B(?=(?:\d{3})+\.)/g, ',');

const dayIn = (language: Language, instant: Instant): Html => {
  const moment = fromInstant(instant);
  const shown = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'zh-CN', { dateStyle: 'long', timeZone: 'Asia/Shanghai' });
  return html`<time datetime="${dayOf(moment)}">${shown.format(moment)}</time>`;
};

/** The whole page, to be sent with {@link RECEIPT_HEADERS}. */
export const receiptPage = (receipt: ReceiptShown, language: Language): string => {
  const word = (key: keyof typeof WORDS): string => WORDS[key][language];
  /** A Chinese name in an English page is said to be Chinese: a voice must know. */
  const named = (text: string): Html =>
    language !== 'zh-CN' && /\p{Script=Han}/u.test(text) ? html`<span lang="zh-CN">${text}</span>` : html`${text}`;
  const field = (key: keyof typeof WORDS, value: string | Html, isWide = false): Html => html`
    <div ${isWide ? html`class="wide"` : undefined}>
      <dt>${word(key)}</dt>
      <dd>${typeof value === 'string' ? named(value) : value}</dd>
    </div>
  `;
  const fund = inLanguage(receipt.fund, language);
  const purpose = inLanguage(receipt.purpose, language);
  const channel = CHANNELS[receipt.channel];
  const status = receipt.void ? 'void' : receipt.reprint ? 'reprint' : undefined;
  const signature = receipt.treasurer ?? word('unsigned');
  const figures = grouped(receipt.amount);
  return pageText(html`
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${word('title')} ${receipt.number}${status === undefined ? undefined : ` · ${word(status)}`}</title>
        ${styleSheet(STYLE)}
      </head>
      <body>
        <main ${status === undefined ? undefined : html`class="${status}"`}>
          <h1>${word('title')}</h1>
          ${receipt.void ? html`<p class="status">${word('voidMeans')}</p>` : undefined}
          ${receipt.reprint ? html`<p class="status">${word('reprintMeans')}</p>` : undefined}
          <dl class="fields">
            ${field('number', receipt.number)} ${field('date', dayIn(language, receipt.donatedAt))}
            ${field('issued', dayIn(language, receipt.issuedAt))}
            ${field('payer', ['', WORDS.nobody['zh-CN']].includes(receipt.payer.trim()) ? word('nobody') : receipt.payer, true)}
          </dl>
          <table>
            <caption>
              ${word('caption')}
            </caption>
            <thead>
              <tr>
                <th scope="col">${word('project')}</th>
                <th scope="col">${word('kind')}</th>
                <th scope="col">${word('quantity')}</th>
                <th scope="col" class="figure">${word('amount')}</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <td>${named(fund)} · ${named(purpose)}</td>
                <td>${word('money')}</td>
                <td>1</td>
                <td class="figure">${figures}</td>
              </tr>
              <tr>
                <th scope="row">${word('inWords')}</th>
                <td colspan="3" lang="zh-CN">${receipt.amountInWords}</td>
              </tr>
              <tr>
                <th scope="row">${word('total')}</th>
                <td colspan="3">¥${figures}</td>
              </tr>
            </tbody>
          </table>
          <div class="foot">
            <dl class="fields">
              ${field('recipient', html`${named(fund)} · ${named(receipt.division)}`, true)}
              ${field('channel', channel === undefined ? receipt.channel : inLanguage(channel, language))} ${field('reviewer', signature)}
              ${field('issuer', signature)} ${field('checkCode', receipt.checkCode)} ${field('donation', receipt.donation)}
              ${field('remarks', receipt.anonymous ? word('hidden') : '—')}
            </dl>
            <p class="seal">${word('seal')}</p>
          </div>
          <p class="note">${word('check')}</p>
          <div class="not">${(['zh-CN', 'en'] as const).map((each) => html`<p lang="${each}">${STATEMENT[each]}</p>`)}</div>
        </main>
      </body>
    </html>
  `);
};
