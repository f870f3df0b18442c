/**
 * A public alert in the Common Alerting Protocol 1.2 (OASIS standard of 1 July 2010) as plain data: the elements of its schema under their
 * own names, in their own words. What repeats is a list, empty where there is none; what may be left out is absent.
 */
import type { CapTime } from './cap-time.ts';

export const CAP_NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2';

/** The standard has Draft and System, too: no such message is for the public. */
export const STATUSES = ['Actual', 'Exercise', 'Test'] as const;
/** The standard has Ack and Error, too: these are said to a sender, not to the public. */
export const MSG_TYPES = ['Alert', 'Update', 'Cancel'] as const;
/** The standard has Restricted and Private, too; `restriction` belongs to the first and is nowhere here. */
export const SCOPES = ['Public'] as const;
export const CATEGORIES = [
  'Geo',
  'Met',
  'Safety',
  'Security',
  'Rescue',
  'Fire',
  'Health',
  'Env',
  'Transport',
  'Infra',
  'CBRNE',
  'Other',
] as const;
export const RESPONSE_TYPES = ['Shelter', 'Evacuate', 'Prepare', 'Execute', 'Avoid', 'Monitor', 'Assess', 'AllClear', 'None'] as const;
export const URGENCIES = ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'] as const;
export const SEVERITIES = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'] as const;
export const CERTAINTIES = ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown'] as const;

export type CapStatus = (typeof STATUSES)[number];
export type CapMsgType = (typeof MSG_TYPES)[number];
export type CapCategory = (typeof CATEGORIES)[number];
export type CapResponseType = (typeof RESPONSE_TYPES)[number];
export type CapUrgency = (typeof URGENCIES)[number];
export type CapSeverity = (typeof SEVERITIES)[number];
export type CapCertainty = (typeof CERTAINTIES)[number];

/** A value of somebody's own list, which `valueName` tells. */
export interface CapPair {
  readonly valueName: string;
  readonly value: string;
}

/** An earlier message: in XML, `sender,identifier,sent`. */
export interface CapReference {
  readonly sender: string;
  readonly identifier: string;
  readonly sent: CapTime;
}

export interface CapResource {
  readonly resourceDesc: string;
  readonly mimeType: string;
  /** Bytes. */
  readonly size?: number;
  readonly uri?: string;
  /** The content itself, in base64 without white space. */
  readonly derefUri?: string;
  /** SHA-1, as it came. */
  readonly digest?: string;
}

/** Latitude and longitude in WGS-84 degrees. */
export type CapPoint = readonly [lat: number, long: number];

export interface CapCircle {
  readonly lat: number;
  readonly long: number;
  readonly radiusKm: number;
}

export interface CapArea {
  readonly areaDesc: string;
  /** Each closed, its last point its first, in what is issued. */
  readonly polygon: readonly (readonly CapPoint[])[];
  readonly circle: readonly CapCircle[];
  readonly geocode: readonly CapPair[];
  /** Feet above mean sea level; with a ceiling, the lower end. */
  readonly altitude?: number;
  readonly ceiling?: number;
}

export interface CapInfo {
  /** RFC 3066; where there is none, the standard takes `en-US`. */
  readonly language?: string;
  readonly category: readonly CapCategory[];
  readonly event: string;
  readonly responseType: readonly CapResponseType[];
  readonly urgency: CapUrgency;
  readonly severity: CapSeverity;
  readonly certainty: CapCertainty;
  readonly audience?: string;
  readonly eventCode: readonly CapPair[];
  /** Where there is none, the standard takes `sent`. */
  readonly effective?: CapTime;
  readonly onset?: CapTime;
  readonly expires?: CapTime;
  readonly senderName?: string;
  readonly headline?: string;
  readonly description?: string;
  readonly instruction?: string;
  readonly web?: string;
  readonly contact?: string;
  readonly parameter: readonly CapPair[];
  readonly resource: readonly CapResource[];
  readonly area: readonly CapArea[];
}

export interface CapAlert {
  readonly identifier: string;
  readonly sender: string;
  readonly sent: CapTime;
  readonly status: CapStatus;
  readonly msgType: CapMsgType;
  readonly source?: string;
  readonly scope: (typeof SCOPES)[number];
  /** Separated by spaces; one with spaces stands in quotes. */
  readonly addresses?: string;
  readonly code: readonly string[];
  readonly note?: string;
  /** At least one where `msgType` is Update or Cancel. */
  readonly references: readonly CapReference[];
  /** Separated by spaces; one with spaces stands in quotes. */
  readonly incidents?: string;
  readonly info: readonly CapInfo[];
}
