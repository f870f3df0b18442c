import { expect } from 'vitest';
import type { Metered } from './meter.ts';

/** The engine's own count of every call is what DynamoDB's rules say. */
export const expectAgreement = ({ readings }: Metered): void => {
  expect(readings.map(({ command, table, index, reported }) => ({ command, table, index, units: reported }))).toEqual(
    readings.map(({ command, table, index, read, write }) => ({ command, table, index, units: read + write })),
  );
};
