/** A figure beside its goal, and docs/benchmarks.md. */

export interface Figure {
  readonly what: string;
  /** What cannot be gone below, where that is known. */
  readonly limit: string;
  readonly goal: number;
  readonly stop: number;
  readonly measured: number;
  readonly unit: '' | ' KB' | ' s' | ' ×' | ' WRU' | ' RRU';
  readonly digits: number;
  /** Why, where the goal is known to be out of reach. */
  readonly why?: string;
}

const shown = (figure: Figure, value: number): string => `${value.toFixed(figure.digits)}${figure.unit}`;

/** Met, or by how much not. */
export const verdictOf = (figure: Figure): string => {
  const { measured, goal, stop } = figure;
  if (measured <= goal) return 'met';
  const over = `${((measured / goal - 1) * 100).toFixed(0)} % over`;
  return measured <= stop ? over : `**${over}, past the stop**`;
};

/** A table, its head first, padded as the formatter pads it. */
export const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((cells) => cells[column]?.length ?? 0)));
  const [head, ...others] = rows.map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  return [head ?? '', `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...others];
};

const reasonsOf = (figures: readonly Figure[]): readonly string[] => [
  ...new Set(figures.flatMap((each) => (each.why === undefined || each.measured <= each.goal ? [] : [each.why]))),
];

/** A table of figures, and below it why some miss their goal. */
export const tableOf = (figures: readonly Figure[]): string =>
  [
    ...aligned([
      ['figure', 'limit', 'goal', 'stop at', 'measured', ''],
      ...figures.map((each) => [
        each.what,
        each.limit,
        `≤ ${shown(each, each.goal)}`,
        shown(each, each.stop),
        shown(each, each.measured),
        verdictOf(each),
      ]),
    ]),
    ...reasonsOf(figures).map((each) => `\n${each}`),
  ].join('\n');
