/** The four colours of China's warnings (气象灾害预警信号发布与传播办法: 蓝黄橙红), the mildest first. */
export const COLOURS = ['blue', 'yellow', 'orange', 'red'] as const;
export type Colour = (typeof COLOURS)[number];

/** Whether a warning is at least as grave. */
export const isAtLeast = (colour: Colour, least: Colour): boolean => COLOURS.indexOf(colour) >= COLOURS.indexOf(least);
