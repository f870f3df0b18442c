/** The ways in by which people ask and answer. */
export const CHANNELS = ['app', 'web', 'phone', 'counter', 'proxy'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Those that only a worker or dispatcher of the place may record. */
export const OFFLINE_CHANNELS: ReadonlySet<Channel> = new Set(['phone', 'counter', 'proxy']);
