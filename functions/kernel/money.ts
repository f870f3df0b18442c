/** Money: whole fen of CNY, so that nothing is ever rounded. */
declare const unit: unique symbol;

/** An integer of fen; 100 are a yuan. */
export type Fen = number & { readonly [unit]: 'Fen' };

export const fen = (amount: number): Fen => {
  if (!Number.isSafeInteger(amount)) throw new Error(`no whole number of fen: ${amount}`);
  return amount as Fen;
};

/** In yuan with both decimals, as providers and bills write it: `1234.50`. Made of digits, never of a quotient. */
export const inYuan = (amount: Fen): string => {
  const digits = String(Math.abs(amount)).padStart(3, '0');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** Reads an amount in yuan with at most two decimals; undefined where the text is none. */
export const fromYuan = (text: string): Fen | undefined => {
  const [, sign, whole, part = ''] = /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : fen(Number(`${sign}${whole}${part.padEnd(2, '0')}`));
};
