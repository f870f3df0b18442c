/** The tables that Chinese providers' bills are: a row of headings, and cells that are found by their heading, not by their place. */

export interface BillRow {
  /** The cell below the first of these headings that there is; a heading may go on in brackets: `订单金额（元）`. Throws where none is there. */
  readonly cell: (...headings: readonly string[]) => string;
}

/** Finds cells by heading. A row of another length than the headings' is one whose cells cannot be told apart: it throws. */
export const billRows = (headings: readonly string[], rows: readonly (readonly string[])[]): readonly BillRow[] => {
  const columns = new Map(headings.map((heading, index) => [heading.replace(/[（(].*$/, '').trim(), index]));
  return rows.map((cells) => {
    if (cells.length !== headings.length) throw new Error(`a line of the bill has ${cells.length} cells below ${headings.length} headings`);
    return {
      cell: (...wanted) => {
        const column = wanted.map((heading) => columns.get(heading)).find((index) => index !== undefined);
        if (column === undefined) throw new Error(`the bill has no column ${wanted.join(' or ')}`);
        return (cells[column] ?? '').trim();
      },
    };
  });
};

/** What a payer reads, without the signs that part cells in bills. */
export const withoutSeparators = (subject: string): string =>
  subject
    .replaceAll(',', '，')
    .replaceAll(/["`]/g, '’')
    .replaceAll(/\p{Cc}+/gu, ' ');
