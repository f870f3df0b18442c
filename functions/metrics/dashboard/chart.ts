/**
 * Charts as SVG, drawn on the server. Text keeps its size at every width: positions across are percentages, and only the line, which has
 * no text, is stretched.
 */
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Unit } from '../indicator.ts';
import type { DashboardIndicator, DashboardMonth } from './data.ts';
import type { Formats } from './figures.ts';
import { html, type Html } from '../../http/html.ts';

/** Height of the plot, in px; below it there are two lines of text. */
const PLOT = 200;
/** Labels that fit across a phone and across a wide screen. */
const FEW_LABELS = 4;
const MANY_LABELS = 12;
/** What a line is stretched from: percent. */
const WIDTH = 100;

const rounded = (number: number): number => Math.round(number * 100) / 100;

/** Across, in percent of the plot. */
const acrossOf =
  (months: number) =>
  (index: number): number =>
    rounded(months === 1 ? WIDTH / 2 : (index / (months - 1)) * WIDTH);

/** What the axis reaches at least, however small the values are: 100 %, one, a yuan. */
const LEAST: Readonly<Record<Unit, number>> = { ratio: 1, count: 1, fen: 100 };

/** From zero always, so that a small difference looks small; rates up to 100 %. */
const scaleOf = (values: readonly number[], unit: Unit) =>
  unit === 'ratio' ? scaleLinear([0, LEAST.ratio], [PLOT, 0]) : scaleLinear([0, Math.max(...values, LEAST[unit])], [PLOT, 0]).nice(2);

const monthLabels = (months: readonly DashboardMonth[], labels: number, className: string, formats: Formats): Html => {
  const across = acrossOf(months.length);
  const step = Math.ceil(months.length / labels);
  // Counted from the end: the newest month has its label.
  const shown = months.map(({ month }, index) => ({ month, index })).filter(({ index }) => (months.length - 1 - index) % step === 0);
  return html`
    <g class="${className}">
      ${shown.map(({ month, index }, position) => {
        const isNewYear = shown[position - 1]?.month.slice(0, 4) !== month.slice(0, 4);
        return html`
          <text x="${across(index)}%" y="${PLOT + 28}">${formats.shortMonth(month)}</text>
          ${isNewYear ? html`<text x="${across(index)}%" y="${PLOT + 52}">${formats.year(month)}</text>` : undefined}
        `;
      })}
    </g>
  `;
};

interface TrendChart {
  readonly indicator: DashboardIndicator;
  readonly trend: readonly DashboardMonth[];
  /** The month whose value is written beside its point. */
  readonly month: string;
  readonly formats: Formats;
}

/** A line with a gap where a month has no value, a point for each value (hollow while provisional), dashes at the target. */
export const trendChart = ({ indicator, trend, month, formats }: TrendChart): Html => {
  const { unit, target } = indicator;
  const { words } = formats;
  const values = trend.flatMap(({ value }) => (value === null ? [] : [value]));
  const y = scaleOf(target === undefined ? values : [...values, target], unit);
  const across = acrossOf(trend.length);
  const points = trend.map((each, index) => ({ ...each, x: across(index), y: each.value === null ? null : rounded(y(each.value)) }));
  const shown = points.flatMap((point) => (point.value === null || point.y === null ? [] : [{ ...point, value: point.value, y: point.y }]));
  const chosen = shown.find((point) => point.month === month);
  const [first, last] = [trend[0]?.month ?? month, trend.at(-1)?.month ?? month];
  type Point = (typeof points)[number];
  const path = line<Point>(
    (point) => point.x,
    (point) => point.y ?? 0,
  ).defined((point) => point.y !== null);
  const shade = area<Point>(
    (point) => point.x,
    PLOT,
    (point) => point.y ?? 0,
  ).defined((point) => point.y !== null);
  // A count has no half.
  const ticks = y.ticks(2).filter((tick) => unit === 'ratio' || Number.isInteger(tick));
  return html`
    <svg class="trend" role="img" aria-labelledby="chart-title" aria-describedby="chart-desc">
      <title id="chart-title">${words.chart(indicator.name, formats.month(first), formats.month(last))}</title>
      <desc id="chart-desc">${words.chartDetail(String(trend.length), String(trend.length - shown.length))}</desc>
      ${ticks.map(
        (tick) => html`
          <line class="grid" x2="100%" y1="${rounded(y(tick))}" y2="${rounded(y(tick))}" />
          <text class="tick" x="-10" y="${rounded(y(tick)) + 6}">${formats.round(tick, unit)}</text>
        `,
      )}
      ${target === undefined ? undefined : html`<line class="aim" x2="100%" y1="${rounded(y(target))}" y2="${rounded(y(target))}" />`}
      <svg width="100%" height="${PLOT}" viewBox="0 0 ${WIDTH} ${PLOT}" preserveAspectRatio="none">
        <path class="shade" d="${shade(points) ?? ''}" />
        <path class="line" d="${path(points) ?? ''}" />
      </svg>
      ${shown.map(
        (point) =>
          html`<circle
            class="${point.status === 'final' ? 'dot' : 'dot open'}"
            cx="${point.x}%"
            cy="${point.y}"
            r="${point === chosen ? 8 : 5}"
          />`,
      )}
      ${chosen === undefined ? undefined : valueLabel(chosen, formats.value(chosen.value, unit))}
      ${monthLabels(trend, FEW_LABELS, 'narrow', formats)} ${monthLabels(trend, MANY_LABELS, 'wide', formats)}
    </svg>
  `;
};

/** Above its point, below where there is no room; never over the chart's edge. */
const valueLabel = ({ x, y }: { readonly x: number; readonly y: number }, value: string): Html => {
  const anchor = x > WIDTH * 0.8 ? 'end' : x < WIDTH * 0.2 ? 'start' : 'middle';
  return html`<text class="now" text-anchor="${anchor}" x="${x}%" y="${y > 40 ? y - 16 : y + 34}">${value}</text>`;
};

/** A sample of the chart's line, for its legend. */
export const legendMark = (kind: 'target' | 'provisional' | 'gap'): Html => {
  const shape = {
    target: html`<line class="aim" x2="36" y1="9" y2="9" />`,
    provisional: html`<circle class="dot open" cx="18" cy="9" r="5" />`,
    gap: html`<path class="line" d="M0 9h11M25 9h11" />`,
  }[kind];
  return html`<svg class="mark" viewBox="0 0 36 18" aria-hidden="true">${shape}</svg>`;
};

/**
 * A bar across its cell, and the target's mark in it. Its value stands beside it in words, which is why it is no image of its own: a
 * hundred of them would be read out for nothing.
 */
export const bar = (value: number, most: number, target: number | undefined): Html => {
  const across = scaleLinear([0, Math.max(most, target ?? 0) || 1], [0, WIDTH]).clamp(true);
  return html`
    <svg aria-hidden="true">
      <rect width="${rounded(across(value))}%" height="12" />
      ${target === undefined ? undefined : html`<line x1="${rounded(across(target))}%" x2="${rounded(across(target))}%" y2="12" />`}
    </svg>
  `;
};
