/** What every page of the dashboard has around it. */
import type { Language } from '../../kernel/texts.ts';
import { html, pageText, styleSheet, type Html } from '../../http/html.ts';
import { DASHBOARD_STYLE } from './style.ts';
import { DASHBOARD_WORDS } from './words.ts';

interface Document {
  readonly language: Language;
  readonly title: string;
  /** A link to where one begins. */
  readonly start: string;
  /** A link to the same page in another language. */
  readonly inLanguage: (language: Language) => string;
  readonly main: Html;
}

/** The document, to be sent. Its one style is what the handlers' content security policy lets through. */
export const documentText = ({ language, title, start, inLanguage, main }: Document): string => {
  const words = DASHBOARD_WORDS[language];
  const other = language === 'en' ? 'zh-CN' : 'en';
  return pageText(html`
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="description" content="${words.about}" />
        <title>${title}</title>
        ${styleSheet(DASHBOARD_STYLE)}
      </head>
      <body>
        <a class="skip" href="#main">${words.skip}</a>
        <div class="band">
          <header>
            <a class="site" href="${start}">
              <svg viewBox="0 0 40 40" aria-hidden="true">
                <path d="M3 20 13 10l10 10M6 18v16h14V18M20 15l8-8 10 11M34 15v19H20M13 34v-8" />
              </svg>
              ${words.site}
            </a>
            <nav aria-label="${words.languageNav}">
              <a class="other" lang="${other}" hreflang="${other}" href="${inLanguage(other)}">${words.otherLanguage}</a>
            </nav>
          </header>
        </div>
        <main id="main" tabindex="-1">${main}</main>
        <footer><p>${words.privacy}</p></footer>
      </body>
    </html>
  `);
};
