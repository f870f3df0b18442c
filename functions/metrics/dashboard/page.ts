/**
 * The public dashboard, one page of HTML made on the server: links and GET forms only, no script, so that it is light on a cheap phone and
 * works with a keyboard and a screen reader by nature. Links are relative (`?division=…`), whatever path the page is served at.
 */
import { isDivisionCode, levelOf } from '../../kernel/division.ts';
import type { Unit } from '../indicator.ts';
import { bar, legendMark, trendChart } from './chart.ts';
import type { DashboardChild, DashboardData, DashboardFigure, DashboardIndicator, DashboardStatus } from './data.ts';
import { formatsOf, partsOf, reasonOf, type Formats } from './figures.ts';
import { documentText } from './document.ts';
import { html, type Html } from '../../http/html.ts';

interface Page {
  readonly data: DashboardData;
  readonly formats: Formats;
}

interface Query {
  readonly division?: string | undefined;
  readonly month?: string;
  readonly indicator?: string;
  readonly lang?: string;
  readonly download?: 'month' | 'children' | 'series';
}

/** The place that the page is about; undefined at the start. */
const placeOf = ({ path }: DashboardData) => path.at(-1);

/** A link to the same page with something else in it. */
const hrefOf = (data: DashboardData, change: Query): string => {
  const query = { division: placeOf(data)?.code, month: data.month, indicator: data.indicator, lang: data.language, ...change };
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  return `?${new URLSearchParams(given).toString()}`;
};

/** Divisions have their Chinese name only: a voice that speaks English must know. */
const langOf = (name: string, { data }: Page): Html | undefined =>
  data.language !== 'zh-CN' && /\p{Script=Han}/u.test(name) ? html`lang="zh-CN"` : undefined;

/** Said in a word; its colour and its mark only repeat it. */
const metMark = (met: boolean | undefined, { formats: { words } }: Page): Html | undefined =>
  met === undefined ? undefined : html`<span class="${met ? 'met' : 'unmet'}">${met ? words.met : words.unmet}</span>`;

const breadcrumb = (page: Page): Html => {
  const { data, formats } = page;
  const steps = [{ code: undefined, name: formats.words.country }, ...data.path];
  return html`
    <nav class="crumbs" aria-label="${formats.words.breadcrumb}">
      <ol>
        ${steps.map(({ code, name }, index) =>
          index === steps.length - 1
            ? html`<li><span aria-current="page" ${langOf(name, page)}>${name}</span></li>`
            : html`<li><a ${langOf(name, page)} href="${hrefOf(data, { division: code })}">${name}</a></li>`,
        )}
      </ol>
    </nav>
  `;
};

const monthPicker = ({ data, formats }: Page): Html => {
  const kept = { division: placeOf(data)?.code ?? '', indicator: data.indicator, lang: data.language };
  return html`
    <form method="get">
      ${Object.entries(kept)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      <label for="month">${formats.words.month}</label>
      <select id="month" name="month">
        ${data.months.map(
          (month) => html`<option value="${month}" ${month === data.month ? html`selected` : undefined}>${formats.month(month)}</option>`,
        )}
      </select>
      <button>${formats.words.show}</button>
    </form>
  `;
};

const statusOf = ({ data, formats }: Page): Html => {
  const { words } = formats;
  const isFinal = data.status === 'final';
  return html`
    <div>
      <p class="state">
        <span class="${isFinal ? 'badge' : 'badge open'}">${isFinal ? words.final : words.provisional}</span>
        <span>${words.revision(formats.count(data.revision))}</span>
      </p>
      <p class="soft">${isFinal ? words.finalMeans : words.provisionalMeans}</p>
      ${
        data.computedAt === null
          ? undefined
          : html`<p class="soft">${words.computed} <time datetime="${data.computedAt}">${formats.moment(data.computedAt)}</time></p>`
      }
    </div>
  `;
};

const goalOf = ({ target, met, unit }: DashboardIndicator, page: Page): Html | undefined =>
  target === undefined
    ? undefined
    : html`<p class="goal"><span>${page.formats.words.target(page.formats.round(target, unit))}</span>${metMark(met, page)}</p>`;

const card = (indicator: DashboardIndicator, page: Page): Html => {
  const { data, formats } = page;
  const { words } = formats;
  const { id, name, unit, value } = indicator;
  const isChosen = id === data.indicator;
  const reason = reasonOf(indicator, unit, data.status);
  const parts = partsOf(indicator, unit, formats);
  // Seven links that all say "trend" would be told apart by the eye only.
  const heard = html` <span class="heard">${name}</span>`;
  return html`
    <li ${isChosen ? html`class="chosen"` : undefined}>
      <h3>${name}</h3>
      ${
        value === null
          ? html`<p class="big none">${indicator.suppressed === undefined ? words[reason] : words.hidden}</p>
              <p>${words[`${reason}Means`]}</p>`
          : html`<p class="big">${formats.value(value, unit)}</p>
              ${parts === undefined ? undefined : html`<p>${parts}</p>`}`
      }
      ${goalOf(indicator, page)}
      <div class="foot">
        <details>
          <summary>${words.definition}${heard}</summary>
          <p>${indicator.definition}</p>
        </details>
        ${
          isChosen
            ? html`<a href="#trend" aria-current="true">${words.chosen}${heard}</a>`
            : html`<a href="${hrefOf(data, { indicator: id })}#trend">${words.choose}${heard}</a>`
        }
      </div>
    </li>
  `;
};

const indicatorCards = (page: Page): Html => html`
  <section aria-labelledby="indicators">
    <h2 id="indicators">${page.formats.words.indicators}</h2>
    ${
      page.data.indicators.length === 0
        ? html`<p class="block">${page.formats.words.noIndicators}</p>`
        : html`<ul class="cards">
            ${page.data.indicators.map((indicator) => card(indicator, page))}
          </ul>`
    }
  </section>
`;

/** A value in a table's cell, what stands beside it, and its parts below; why it is not there, where it is not. */
const cell = (figure: DashboardFigure, unit: Unit, status: DashboardStatus, formats: Formats, beside?: Html): Html => {
  if (figure.value === null) return html`<span class="soft">${formats.words[reasonOf(figure, unit, status)]}</span>`;
  return html`<div class="sum"><b>${formats.value(figure.value, unit)}</b>${beside}</div>
    ${partsOf(figure, unit, formats)}`;
};

/** The highest and the lowest of the months, the newest where several are the same. */
const extremes = (indicator: DashboardIndicator, { data, formats }: Page): string | undefined => {
  const known = data.trend.flatMap(({ month, value }) => (value === null ? [] : [{ month, value }])).toReversed();
  const sorted = known.toSorted((a, b) => b.value - a.value);
  const [most, least] = [sorted[0], known.toSorted((a, b) => a.value - b.value)[0]];
  if (most === undefined || least === undefined || most.value === least.value) return undefined;
  const { words } = formats;
  return (
    words.highest(formats.value(most.value, indicator.unit), formats.month(most.month)) +
    words.lowest(formats.value(least.value, indicator.unit), formats.month(least.month))
  );
};

const trendSection = (indicator: DashboardIndicator, page: Page): Html | undefined => {
  const { data, formats } = page;
  const { words } = formats;
  if (data.trend.length === 0) return undefined;
  const legend = [
    ...(indicator.target === undefined
      ? []
      : [{ mark: legendMark('target'), text: words.legendTarget(formats.round(indicator.target, indicator.unit)) }]),
    ...(data.trend.some(({ status, value }) => status === 'provisional' && value !== null)
      ? [{ mark: legendMark('provisional'), text: words.legendProvisional }]
      : []),
    ...(data.trend.some(({ value }) => value === null) ? [{ mark: legendMark('gap'), text: words.legendGap }] : []),
  ];
  const summary = extremes(indicator, page);
  return html`
    <section class="block" id="trend" aria-labelledby="trend-name">
      <h2 id="trend-name">${words.trend(indicator.name)}</h2>
      ${summary === undefined ? undefined : html`<p>${summary}</p>`}
      ${trendChart({ indicator, trend: data.trend, month: data.month, formats })}
      ${
        legend.length === 0
          ? undefined
          : html`<ul class="legend">
              ${legend.map(({ mark, text }) => html`<li>${mark}${text}</li>`)}
            </ul>`
      }
      <details>
        <summary>${words.asTable}</summary>
        <table class="months">
          <caption>
            ${words.trend(indicator.name)}
          </caption>
          <thead>
            <tr>
              <th scope="col">${words.month}</th>
              <th scope="col">${words.value}</th>
              <th scope="col">${words.state}</th>
            </tr>
          </thead>
          <tbody>
            ${data.trend.toReversed().map(
              (each) => html`
                <tr>
                  <th scope="row">${formats.month(each.month)}</th>
                  <td>${cell(each, indicator.unit, each.status, formats)}</td>
                  <td>${words[each.status]}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </details>
    </section>
  `;
};

/** What the children are, by the length of their codes. */
const childrenName = ({ data, formats }: Page): string => {
  const code = data.children[0]?.code ?? '';
  return isDivisionCode(code) ? formats.words.levels[levelOf(code)] : formats.words.place;
};

const rankingSection = (indicator: DashboardIndicator, page: Page): Html | undefined => {
  const { data, formats } = page;
  const { words } = formats;
  const { unit, name } = indicator;
  if (data.children.length === 0) return undefined;
  const most = unit === 'ratio' ? 1 : Math.max(...data.children.map(({ value }) => value ?? 0));
  // Aimed at by some of them, perhaps, and not by what they are part of.
  const targetOf = ({ target }: DashboardChild): number | undefined => (unit === 'ratio' ? target : undefined);
  const barTarget = data.children.map(targetOf).find((target) => target !== undefined);
  return html`
    <section class="block ranks" aria-labelledby="ranking">
      <h2 id="ranking">${words.ranking(childrenName(page), name)}</h2>
      <table>
        <caption>
          ${barTarget === undefined ? undefined : words.barTarget(formats.round(barTarget, unit))}${words.goDown}
        </caption>
        <thead>
          <tr>
            <th scope="col"><span class="heard">${words.rank}</span></th>
            <th scope="col">${words.place}</th>
            <th scope="col">${name}</th>
          </tr>
        </thead>
        <tbody>
          ${data.children.map(
            (child) => html`
              <tr>
                <td>${child.rank ?? '–'}</td>
                <th scope="row">
                  <a ${langOf(child.name, page)} href="${hrefOf(data, { division: child.code })}">${child.name}</a>
                  ${child.value === null ? undefined : bar(child.value, most, targetOf(child))}
                </th>
                <td>${cell(child, unit, data.status, formats, metMark(child.met, page))}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </section>
  `;
};

const downloads = (indicator: DashboardIndicator | undefined, page: Page): Html => {
  const { data, formats } = page;
  const { words } = formats;
  const links = [
    { download: 'month', text: words.downloadMonth } as const,
    ...(indicator === undefined || data.trend.length === 0
      ? []
      : [{ download: 'series', text: words.downloadSeries(indicator.name) } as const]),
    ...(indicator === undefined || data.children.length === 0
      ? []
      : [{ download: 'children', text: words.ranking(childrenName(page), indicator.name) } as const]),
  ];
  return html`
    <section class="block downloads" aria-labelledby="downloads">
      <h2 id="downloads">${words.downloads}</h2>
      <ul>
        ${links.map(({ download, text }) => html`<li><a href="${hrefOf(data, { download })}">${text}</a></li>`)}
      </ul>
    </section>
  `;
};

/** On a phone the ranking is far down. */
const jumps = (chosen: DashboardIndicator | undefined, { data, formats: { words } }: Page): Html => {
  const sections = [
    { id: 'indicators', text: words.indicatorsShort, isThere: true },
    { id: 'trend', text: words.trendShort, isThere: chosen !== undefined && data.trend.length > 0 },
    { id: 'ranking', text: words.rankingShort, isThere: chosen !== undefined && data.children.length > 0 },
    { id: 'downloads', text: words.downloadsShort, isThere: true },
  ];
  return html`
    <nav class="jump" aria-label="${words.onThisPage}">
      <ul>
        ${sections.filter(({ isThere }) => isThere).map(({ id, text }) => html`<li><a href="#${id}">${text}</a></li>`)}
      </ul>
    </nav>
  `;
};

const divisionBody = (name: string, page: Page): Html => {
  const { data, formats } = page;
  const chosen = data.indicators.find(({ id }) => id === data.indicator);
  return html`
    <h1><span ${langOf(name, page)}>${name}</span> <span class="soft">${formats.month(data.month)}</span></h1>
    <div class="top">${statusOf(page)}${monthPicker(page)}</div>
    ${data.indicators.length === 0 ? undefined : jumps(chosen, page)} ${indicatorCards(page)}
    ${chosen === undefined ? undefined : html`${trendSection(chosen, page)}${rankingSection(chosen, page)}`}
    ${data.indicators.length === 0 ? undefined : downloads(chosen, page)}
  `;
};

const startBody = (page: Page): Html => {
  const { data, formats } = page;
  const { words } = formats;
  return html`
    <h1>${words.ask}</h1>
    <p class="lead">${words.about}</p>
    <section class="block" aria-labelledby="places">
      <h2 id="places">${words.choosePlace}</h2>
      ${
        data.children.length === 0
          ? html`<p>${words.noPlaces}</p>`
          : html`
              <ul class="places">
                ${data.children.map(({ code, name }) => html`<li><a ${langOf(name, page)} href="${hrefOf(data, { division: code })}">${name}</a></li>`)}
              </ul>
            `
      }
    </section>
  `;
};

/** The whole page. Pure; every text in it is escaped. */
export const dashboardPage = (data: DashboardData): string => {
  const formats = formatsOf(data.language);
  const { words } = formats;
  const page: Page = { data, formats };
  const place = placeOf(data);
  return documentText({
    language: data.language,
    title: place === undefined ? words.site : `${place.name} ${formats.month(data.month)} | ${words.site}`,
    start: hrefOf(data, { division: undefined }),
    inLanguage: (lang) => hrefOf(data, { lang }),
    main: place === undefined ? startBody(page) : html`${breadcrumb(page)} ${divisionBody(place.name, page)}`,
  });
};
