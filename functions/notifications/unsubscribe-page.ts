/** What who has followed the link sees: one question and one button, without a script, in both languages. */
import { createHash } from 'node:crypto';
import { html, pageText, styleSheet, type Html } from '../http/html.ts';

const WORDS = {
  ask: {
    'zh-CN': ['停止接收通知', '按下按钮后，邻里不再通过这个渠道向您发送任何通知，包括应急预警。登录后可以随时重新开启。', '不再接收'],
    en: [
      'No more messages',
      'After you press the button, Linli sends you nothing more by this channel, emergency alerts included. Signed in, you can turn it on again at any time.',
      'Send me no more',
    ],
  },
  done: {
    'zh-CN': ['已停止', '邻里不再通过这个渠道向您发送通知。登录后可以随时重新开启。', undefined],
    en: ['It is done', 'Linli sends you nothing more by this channel. Signed in, you can turn it on again at any time.', undefined],
  },
} as const;

const STYLE = `
html{font-size:112.5%}
body{margin:0;background:#f4f6f4;color:#1b2a2b;font:1rem/1.6 "PingFang SC","HarmonyOS Sans SC","Noto Sans CJK SC","Microsoft YaHei",system-ui,sans-serif}
main{max-width:34rem;margin:2rem auto;padding:1rem 1.5rem;background:#fff;border:1px solid #5a6b6a}
h1{font-size:1.4rem;line-height:1.3}
button{width:100%;min-height:3rem;padding:.5rem 1rem;border:0;background:#1b4d3e;color:#fff;font:inherit;font-weight:700}
button:focus-visible{outline:3px solid #d08700;outline-offset:2px}
`;

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Nothing runs in it or is loaded, and nobody else learns its address. */
export const UNSUBSCRIBE_HEADERS = {
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
};

/** The whole page, to be sent with {@link UNSUBSCRIBE_HEADERS}. The button sends the same form as a mail client (RFC 8058 §3.1). */
export const unsubscribePage = (state: keyof typeof WORDS): string => {
  const part = (language: 'zh-CN' | 'en', Heading: 'h1' | 'h2'): Html => {
    const [title, text] = WORDS[state][language];
    return html`<section lang="${language}">
      ${Heading === 'h1' ? html`<h1>${title}</h1>` : html`<h2>${title}</h2>`}
      <p>${text}</p>
    </section>`;
  };
  const [, , chinese] = WORDS[state]['zh-CN'];
  const [, , english] = WORDS[state].en;
  return pageText(html`
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${WORDS[state]['zh-CN'][0]} · ${WORDS[state].en[0]}</title>
        ${styleSheet(STYLE)}
      </head>
      <body>
        <main>
          ${part('zh-CN', 'h1')} ${part('en', 'h2')}
          ${
            chinese === undefined
              ? undefined
              : html`
                  <form method="post">
                    <input type="hidden" name="List-Unsubscribe" value="One-Click" />
                    <button>${chinese} <span lang="en">${english}</span></button>
                  </form>
                `
          }
        </main>
      </body>
    </html>
  `);
};
