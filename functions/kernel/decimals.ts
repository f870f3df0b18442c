/** Figures that are no whole numbers. */
const DECIMALS = 6;

/** To six decimals, as all rates and shares are told: the nearest such number to what the machine holds; never minus zero. */
export const sixDecimals = (value: number): number => Number(value.toFixed(DECIMALS)) + 0;

/** Points of a score, to two. */
export const twoDecimals = (value: number): number => Number(value.toFixed(2)) + 0;
