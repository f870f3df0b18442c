/** The four colours of China's warnings (气象灾害预警信号发布与传播办法) as CAP's severities, and back. */
import { COLOURS, type Colour } from '../../kernel/colour.ts';
import type { CapSeverity } from './cap.ts';

const SEVERITY = { blue: 'Minor', yellow: 'Moderate', orange: 'Severe', red: 'Extreme' } as const satisfies Record<Colour, CapSeverity>;

export const severityOf = (colour: Colour): CapSeverity => SEVERITY[colour];

/** Undefined where the severity is Unknown. */
export const colourOf = (severity: CapSeverity): Colour | undefined => COLOURS.find((colour) => SEVERITY[colour] === severity);
