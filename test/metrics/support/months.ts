/** Figures as clients see them, and the schedules that make them. */
import { expect } from 'vitest';
import { alerts } from '../../../functions/metrics/sources/alerts.ts';
import { care } from '../../../functions/metrics/sources/care.ts';
import { donations } from '../../../functions/metrics/sources/donations.ts';
import { meals } from '../../../functions/metrics/sources/meals.ts';
import { surveys } from '../../../functions/metrics/sources/surveys.ts';
import type { TokenClaims } from '../../../lib/local/issuer.ts';
import type { Answer, World } from '../../support/world.ts';

/** Of the whole province: sees everything there. */
export const auditor: TokenClaims = { sub: 'auditor-sichuan', roles: ['auditor'], division: '51' };

/** Money, alerts, surveys, care and meals have tests of their own. */
export const OF_OTHERS: ReadonlySet<string> = new Set(
  [donations, alerts, surveys, care, meals].flatMap(({ indicators }) => indicators.map(({ id }) => id)),
);

/** Numerator and denominator by indicator, those of others left out; null of a count, undefined of what is not shown, and the label of what is hidden. */
export type Shown = Readonly<Record<string, readonly [numerator: number | null, denominator: number | null] | string>>;

interface FigureBody {
  readonly id: string;
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly suppressed?: string;
}

export const shownOf = (indicators: readonly FigureBody[]): Shown =>
  Object.fromEntries(
    indicators
      .filter(({ id }) => !OF_OTHERS.has(id))
      .map(({ id, numerator, denominator, suppressed }) => [id, suppressed ?? [numerator, denominator]]),
  );

export const metricsOf = async (
  world: World,
  division: string,
  month: string,
  as: TokenClaims | undefined = auditor,
  more = '',
): Promise<Answer['body']> => {
  const answer = await world.get(`/v1/metrics?division=${division}&month=${month}${more}`, as);
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
  return answer.body;
};

/** What everybody sees. */
export const publicMetricsOf = async (world: World, division: string, month: string, more = ''): Promise<Answer['body']> => {
  const answer = await world.get(`/v1/metrics?division=${division}&month=${month}${more}`);
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
  return answer.body;
};

/** Closes a month at 00:30 of the 1st after it, when everything so far has been recorded. */
export const close = async (world: World, month: string): Promise<void> => {
  const [year, number] = month.split('-').map(Number);
  const next = new Date(Date.UTC(year ?? 0, number ?? 0, 1)).toISOString().slice(0, 7);
  await world.settle();
  const answer = await world.schedule('monthlyMetrics', `${next}-01T00:30:00+08:00`);
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
};

export const refresh = async (world: World, time: string): Promise<void> => {
  await world.settle();
  const answer = await world.schedule('metricsRefresh', time);
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
};

/** Nothing has failed and been put by. */
export const expectNothingParked = async (world: World): Promise<void> => {
  const { body } = await world.get('/dev/parked');
  expect(body).toEqual({});
};
