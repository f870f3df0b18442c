/** Degrees to 7 decimals: about a centimetre. */
const DECIMALS = 7;
export const roundDegrees = (degrees: number): number => Number(degrees.toFixed(DECIMALS));
