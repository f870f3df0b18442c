/** What is wrong with what was asked of the dashboard, and a way on. Pure. */
import { PROBLEMS, type Failure } from '../../http/problem.ts';
import { isDivisionCode } from '../../kernel/division.ts';
import { inLanguage, type Language } from '../../kernel/texts.ts';
import { documentText } from './document.ts';
import { html, type Html } from '../../http/html.ts';
import { DASHBOARD_WORDS, type Words } from './words.ts';

export interface Asked {
  /** As it was sent: it may be anything. */
  readonly query: URLSearchParams;
  readonly language: Language;
}

/** Parameters as the reader knows them; another goes by its own name. */
const nameOf = (path: string, words: Words): string =>
  new Map(Object.entries({ division: words.place, month: words.month })).get(path) ?? path;

const said = ({ code, errors = [] }: Failure, { query, language }: Asked, words: Words): { title: string; means: Html } => {
  if (code === 'notFound')
    return { title: words.noDivision, means: html`<p class="lead">${words.noDivisionMeans(query.get('division') ?? '')}</p>` };
  if (code === 'invalid')
    return {
      title: words.wrongAddress,
      means: html`
        <ul class="lead">
          ${errors.map(({ path, message }) => html`<li>${words.wrongPart(nameOf(path, words), inLanguage(message, language))}</li>`)}
        </ul>
      `,
    };
  return { title: inLanguage(PROBLEMS[code].title, language), means: html`<p class="lead">${words.tryLater}</p>` };
};

/** Where the reader can go on: the division that was asked for, where only something else was wrong, and the start. */
const waysOn = ({ code, errors = [] }: Failure, { query, language }: Asked, words: Words): readonly { href: string; text: string }[] => {
  const division = query.get('division') ?? '';
  const isPlaceRight = code !== 'notFound' && isDivisionCode(division) && !errors.some(({ path }) => path === 'division');
  return [
    ...(isPlaceRight
      ? [{ href: `?${new URLSearchParams({ division, lang: language }).toString()}`, text: words.divisionByCode(division) }]
      : []),
    { href: `?lang=${language}`, text: words.country },
  ];
};

/** The page in place of the one that was asked for. */
export const problemPage = (failure: Failure, asked: Asked): string => {
  const { language, query } = asked;
  const words = DASHBOARD_WORDS[language];
  const { title, means } = said(failure, asked, words);
  return documentText({
    language,
    title: `${title} | ${words.site}`,
    start: `?lang=${language}`,
    inLanguage: (lang) => `?${new URLSearchParams([...[...query].filter(([name]) => name !== 'lang'), ['lang', lang]]).toString()}`,
    main: html`
      <h1>${title}</h1>
      ${means}
      <section class="block" aria-labelledby="on">
        <h2 id="on">${words.goOn}</h2>
        <ul class="places">
          ${waysOn(failure, asked, words).map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>`)}
        </ul>
      </section>
    `,
  });
};
