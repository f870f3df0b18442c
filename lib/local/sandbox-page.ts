/** The page on which somebody at this machine plays the payer. */
import { createHash } from 'node:crypto';
import { html, pageText, styleSheet, type Html } from '../../functions/http/html.ts';
import { inYuan, type Fen } from '../../functions/kernel/money.ts';
import type { Language } from '../../functions/kernel/texts.ts';

/** What the page shows of an order. */
export interface ShownOrder {
  readonly id: string;
  readonly amount: Fen;
  readonly subject: string;
  readonly returnUrl?: string | undefined;
  readonly state: 'open' | 'paid' | 'closed';
  readonly payments: number;
  /** Whether everything that it was told of has been taken. */
  readonly notified: boolean;
}

/** What a payer may press. `notify` tells again what was told. */
export const ACTIONS = ['pay', 'fail', 'twice', 'notify'] as const;
export type Action = (typeof ACTIONS)[number];

const WORDS = {
  title: { 'zh-CN': '沙箱支付', en: 'Sandbox payment' },
  notReal: { 'zh-CN': '只在本机试用，不动真钱。', en: 'For trying on this machine only: no money moves.' },
  to: { 'zh-CN': '收款', en: 'To' },
  amount: { 'zh-CN': '金额', en: 'Amount' },
  order: { 'zh-CN': '订单', en: 'Order' },
  state: { 'zh-CN': '状态', en: 'State' },
  open: { 'zh-CN': '待支付', en: 'To be paid' },
  paid: { 'zh-CN': '已支付', en: 'Paid' },
  paidTwice: { 'zh-CN': '已支付两次', en: 'Paid twice' },
  closed: { 'zh-CN': '已关闭，不能再支付', en: 'Closed: it can no longer be paid' },
  failed: { 'zh-CN': '这次支付失败了，可以再试。', en: 'The payment failed. You can try again.' },
  told: { 'zh-CN': '已通知邻里系统。', en: 'Linli has been told.' },
  untold: { 'zh-CN': '邻里系统没有收下通知。', en: 'Linli has not taken the notification.' },
  pay: { 'zh-CN': '支付', en: 'Pay' },
  fail: { 'zh-CN': '支付失败', en: 'Fail' },
  twice: { 'zh-CN': '重复支付', en: 'Pay twice' },
  notify: { 'zh-CN': '再次通知', en: 'Notify again' },
  back: { 'zh-CN': '返回', en: 'Go back' },
  unknown: { 'zh-CN': '没有这个订单。', en: 'There is no such order.' },
  other: { 'zh-CN': 'English', en: '中文' },
} as const satisfies Record<string, Record<Language, string>>;

const STYLE = `
html{font-size:112.5%}
body{margin:0;background:#f4f6f4;color:#1b2a2b;font:1rem/1.6 "PingFang SC","Noto Sans CJK SC","Microsoft YaHei",system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:30rem;margin:auto;padding:1rem}
dl{margin:0}
dt{font-weight:700}
dd{margin:0 0 .8rem}
.big{font-size:1.8rem;font-weight:700}
form{display:flex;flex-wrap:wrap;gap:.8rem}
button{font:inherit;min-height:2.75rem;padding:.3rem 1rem;border:2px solid #0b5c5a;border-radius:.4rem;background:#fff;color:#0b5c5a;cursor:pointer}
button[value=pay]{background:#0b5c5a;color:#fff;font-weight:700}
a{display:inline-block;padding:.5rem 0;color:#0b5c5a}
:focus-visible{outline:.2rem solid #1b2a2b;outline-offset:.15rem}
`;

/** What goes with each page: nothing runs in it, nothing is loaded, and its form leads back to the sandbox alone. */
export const SANDBOX_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  // Not `no-referrer`: a browser would then say `null` for where the form comes from.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

const documentText = (language: Language, main: Html): string => {
  const other = language === 'en' ? 'zh-CN' : 'en';
  return pageText(html`
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <title>${WORDS.title[language]}</title>
        ${styleSheet(STYLE)}
      </head>
      <body>
        <main>
          <h1>${WORDS.title[language]}</h1>
          <p>${WORDS.notReal[language]}</p>
          ${main}
          <p><a lang="${other}" hreflang="${other}" href="?lang=${other}">${WORDS.other[language]}</a></p>
        </main>
      </body>
    </html>
  `);
};

const actionsOf = ({ state, payments }: ShownOrder): readonly Action[] => {
  if (state === 'open') return ['pay', 'fail', 'twice'];
  if (state === 'closed') return [];
  return payments > 1 ? ['notify'] : ['twice', 'notify'];
};

/** An order, and what can be done with it; `failed` where that was just tried. */
export const orderPage = (order: ShownOrder, language: Language, failed: boolean): string => {
  const word = (key: keyof typeof WORDS): string => WORDS[key][language];
  const actions = actionsOf(order);
  return documentText(
    language,
    html`
      <dl>
        <dt>${word('to')}</dt>
        <dd>${order.subject}</dd>
        <dt>${word('amount')}</dt>
        <dd class="big">¥${inYuan(order.amount)}</dd>
        <dt>${word('order')}</dt>
        <dd>${order.id}</dd>
        <dt>${word('state')}</dt>
        <dd>
          ${word(order.payments > 1 ? 'paidTwice' : order.state)}
          ${order.payments > 0 ? html`<br />${word(order.notified ? 'told' : 'untold')}` : undefined}
          ${failed && order.state === 'open' ? html`<br />${word('failed')}` : undefined}
        </dd>
      </dl>
      ${
        actions.length === 0
          ? undefined
          : html`<form method="post" action="?lang=${language}">
              ${actions.map((action) => html`<button name="action" value="${action}">${word(action)}</button>`)}
            </form>`
      }
      ${order.returnUrl === undefined ? undefined : html`<p><a href="${order.returnUrl}">${word('back')}</a></p>`}
    `,
  );
};

/** There is none. */
export const unknownOrderPage = (language: Language): string => documentText(language, html`<p>${WORDS.unknown[language]}</p>`);
