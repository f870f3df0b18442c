/** The four colours of China's warnings (气象灾害预警信号发布与传播办法: 蓝黄橙红), the mildest first. */
export const COLOURS = ['blue', 'yellow', 'orange', 'red'] as const;
export type Colour = (typeof COLOURS)[number];

/** A warning whose sender did not know how grave it is counts as this. */
export const UNKNOWN_COLOUR: Colour = 'yellow';

/** Whether a warning is at least as grave. */
export const isAtLeast = (colour: Colour, least: Colour): boolean => COLOURS.indexOf(colour) >= COLOURS.indexOf(least);

/** The gravest of several, one of which nobody knows among the yellow ones; undefined where no known one is as grave as that, or there is none. */
export const gravestOf = (colours: readonly (Colour | undefined)[]): Colour | undefined => {
  const gravest = COLOURS.findLast((colour) => colours.includes(colour));
  const isKnown = gravest !== undefined && (!colours.includes(undefined) || isAtLeast(gravest, UNKNOWN_COLOUR));
  return isKnown ? gravest : undefined;
};
