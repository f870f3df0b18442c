/** What clients see of emergency alerts: issued as JSON or CAP 1.2, replaced, ended, found by place, published as CAP and Atom. */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import {
  communityCode,
  count,
  divisionCode,
  flag,
  id,
  instant,
  line,
  moment,
  named,
  near,
  page,
  paging,
  phone,
  position,
  prose,
  texts,
  textsOrText,
} from '../http/schema.ts';
import { COLOURS } from '../kernel/colour.ts';
import { roundDegrees } from '../kernel/degrees.ts';
import { ALERT_ACTIONS, ALERT_STATES, ALERT_STATUSES, LISTED_STATES, MESSAGE_TYPES, MOST_AREAS } from './alert.ts';
import { CATEGORY_WORDS, CERTAINTY_WORDS, HELP_KINDS, RESPONSE_WORDS, URGENCY_WORDS } from './words.ts';

const LONGEST_RADIUS_KM = 1000;
const MOST_CORNERS = 2000;

const category = z.enum(CATEGORY_WORDS);
const lat = z.number().check(z.gte(-90), z.lte(90), z.overwrite(roundDegrees));
const long = z.number().check(z.gte(-180), z.lte(180), z.overwrite(roundDegrees));
/** `[lat, long]` in WGS-84 degrees. */
const point = z.array(long).check(
  z.minLength(2),
  z.maxLength(2),
  z.refine(([north = 0]) => Math.abs(north) <= 90, { error: 'point' }),
);

/** A division, a polygon or a circle; under a name of the officer's own, or else of what it meets. */
const area = z
  .strictObject({
    division: z.optional(divisionCode),
    /** Its last point is its first. */
    polygon: z.optional(z.array(point).check(z.minLength(1), z.maxLength(MOST_CORNERS))),
    closed: z.optional(z.literal(true)),
    circle: z.optional(
      z.strictObject({ lat, long, radiusKm: z.number().check(z.gte(0), z.lte(LONGEST_RADIUS_KM), z.overwrite(roundDegrees)) }),
    ),
    areaDesc: z.optional(line(200)),
  })
  .check(
    z.refine(({ division, polygon, circle }) => [division, polygon, circle].filter((each) => each !== undefined).length === 1, {
      error: 'area',
    }),
  );

const alertInput = named(
  'AlertInput',
  z.strictObject({
    status: z.enum(ALERT_STATUSES),
    category: z.union([category, z.array(category).check(z.minLength(1), z.maxLength(CATEGORY_WORDS.length))]),
    event: textsOrText(100),
    /** Blue is Minor, yellow Moderate, orange Severe, red Extreme. */
    colour: z.enum(COLOURS),
    urgency: z.enum(URGENCY_WORDS),
    certainty: z.enum(CERTAINTY_WORDS),
    headline: textsOrText(300),
    description: textsOrText(5000),
    instruction: z.optional(textsOrText(5000)),
    responseTypes: z.optional(z.array(z.enum(RESPONSE_WORDS)).check(z.maxLength(RESPONSE_WORDS.length))),
    areas: z.array(area).check(z.minLength(1), z.maxLength(MOST_AREAS)),
    /** Now, without it. */
    effective: z.optional(moment),
    onset: z.optional(moment),
    expires: moment,
    contact: z.optional(line(200)),
  }),
);
export type AlertInput = z.output<typeof alertInput>;

/** Without bounds: what came as CAP is longer than what is taken here. */
const said = z.object({ 'zh-CN': z.string(), en: z.optional(z.string()) });

const summary = {
  id,
  /** `pending` waits for a second officer; `withdrawn` was ended before it went out. */
  state: z.enum(ALERT_STATES),
  status: z.enum(ALERT_STATUSES),
  messageType: z.enum(MESSAGE_TYPES),
  /** In CAP. One of ours has it from when it is issued. */
  identifier: z.optional(z.string()),
  sender: z.string(),
  senderName: z.string(),
  sent: instant,
  /** Whose officer issued it. */
  division: divisionCode,
  category: z.union([category, z.array(category)]),
  event: said,
  /** Absent where a message from elsewhere does not know. */
  colour: z.optional(z.enum(COLOURS)),
  urgency: z.enum(URGENCY_WORDS),
  certainty: z.enum(CERTAINTY_WORDS),
  responseTypes: z.array(z.enum(RESPONSE_WORDS)),
  headline: said,
  description: said,
  instruction: z.optional(said),
  effective: instant,
  onset: z.optional(instant),
  expires: instant,
  contact: z.optional(z.string()),
  /** Why it is over. */
  note: z.optional(z.string()),
  /** Those in whose place it stands, and the one that stands in its. */
  supersedes: z.array(id),
  supersededBy: z.optional(id),
  /** At this very moment: in effect, not expired, not replaced or ended. */
  active: z.boolean(),
};

const placed = z.union([
  z.object({ division: divisionCode, areaDesc: z.string() }),
  z.object({ polygon: z.array(z.array(z.number())), areaDesc: z.string() }),
  z.object({ circle: z.object({ lat: z.number(), long: z.number(), radiusKm: z.number() }), areaDesc: z.string() }),
]);

const help = named(
  'NearbyHelp',
  z.object({
    id: z.string(),
    kind: z.enum(HELP_KINDS),
    name: texts(100),
    community: communityCode,
    location: position,
    capacity: z.optional(count),
    openingHours: z.optional(line(200)),
    barrierFree: z.optional(z.boolean()),
    phone: z.optional(phone),
    /** Metres on the sphere. */
    distance: count,
  }),
);

const alertSummary = named('AlertSummary', z.object(summary));
const alert = {
  ...summary,
  areas: z.array(placed),
  /** Every earlier message of its chain, as CAP refers to it. */
  references: z.array(z.object({ sender: z.string(), identifier: z.string(), sent: instant })),
  /** Up to three shelters and three micro fire stations, nearest first. */
  facilities: z.array(help),
  /** What the caller may do with it now. */
  actions: z.array(z.enum(ALERT_ACTIONS)),
};
const alertSchema = named('Alert', z.object(alert));

const dryRunSchema = named(
  'AlertDryRun',
  z.object({
    alert: alertSchema,
    /** The message in XML. */
    cap: z.string(),
    /** How many would be told. */
    targeted: count,
    warnings: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
  }),
);

const params = z.object({ id });
const someAlert = { id: '00000000000000000000000000' };
const example = {
  status: 'actual',
  category: 'met',
  event: { 'zh-CN': '暴雨', en: 'Rainstorm' },
  colour: 'orange',
  urgency: 'expected',
  certainty: 'likely',
  headline: { 'zh-CN': '锦江区发布暴雨橙色预警', en: 'Orange warning of rainstorm for Jinjiang District' },
  description: { 'zh-CN': '预计未来 3 小时降雨量将达 50 毫米以上。', en: 'More than 50 mm of rain within 3 hours.' },
  instruction: { 'zh-CN': '请勿外出，请离开地下室。', en: 'Stay indoors and leave basements.' },
  responseTypes: ['shelter', 'avoid'],
  areas: [{ division: '510104017' }],
  expires: '2027-01-01T00:00:00+08:00',
};
const issuing = { catalogue: 'read', divisions: 'read', places: 'read', notifications: 'read' } as const;

export const issueAlert = operation({
  id: 'issueAlert',
  method: 'POST',
  path: '/v1/alerts',
  summary: 'Issues an alert, or takes one in as CAP 1.2',
  description:
    'A message of CAP keeps its identifier and every field; an Update or Cancel stands in the place of those that it refers to, by sender and ' +
    'identifier. What of it still waits is withdrawn; a Cancel of nothing else is withdrawn with it. ' +
    'Of a colour in the setting alertSecondPerson it waits, in state pending, for another officer to approve. With dryRun=true ' +
    'nothing is published or kept: what would be wrong is a warning.',
  access: 'signedIn',
  roles: ['alertOfficer'],
  query: z.strictObject({ dryRun: z.optional(flag) }),
  body: alertInput,
  documents: ['application/cap+xml'],
  responses: { 200: dryRunSchema, 201: alertSchema },
  problems: ['forbidden', 'invalid', 'conflict'],
  uses: { alerts: 'write', ...issuing },
  examples: { body: example },
});

export const listAlerts = operation({
  id: 'listAlerts',
  method: 'GET',
  path: '/v1/alerts',
  summary: 'What covers a place: alerts at, above or within it, newest first; those of the whole country without a division',
  description:
    'With active=true those that are active at this moment, a page at a time of those that last longest, each page newest first; with ' +
    'active=false the others. Of very long alerts a page has fewer, some 2 MB. Officers see with state=pending what waits in their division for approval.',
  access: 'optional',
  query: z.strictObject({
    division: z.optional(divisionCode),
    active: z.optional(flag),
    state: z.optional(z.enum(LISTED_STATES)),
    ...paging,
  }),
  responses: { 200: page(alertSummary) },
  problems: ['cursorInvalid', 'forbidden'],
  uses: { alerts: 'read' },
  examples: { query: { division: '510104' } },
});

export const readAlert = operation({
  id: 'readAlert',
  method: 'GET',
  path: '/v1/alerts/{id}',
  summary: 'An alert, with the shelters and micro fire stations nearest to its middle; with near, nearest to there',
  access: 'optional',
  params,
  query: z.strictObject({ near: z.optional(near) }),
  responses: { 200: alertSchema },
  problems: ['notFound'],
  uses: { alerts: 'read', places: 'read' },
  examples: { params: someAlert },
});

export const updateAlert = operation({
  id: 'updateAlert',
  method: 'POST',
  path: '/v1/alerts/{id}/updates',
  summary: 'Issues another alert in the place of this one, and all that came before it',
  description: 'For officers whose division covers the issuer’s. One that has expired, is over or has been replaced is 409.',
  access: 'signedIn',
  roles: ['alertOfficer'],
  params,
  body: alertInput,
  responses: { 201: alertSchema },
  problems: ['notFound', 'forbidden', 'invalid', 'wrongState'],
  ifMatch: true,
  uses: { alerts: 'write', ...issuing },
  examples: { params: someAlert, body: { ...example, colour: 'yellow' } },
});

export const cancelAlert = operation({
  id: 'cancelAlert',
  method: 'POST',
  path: '/v1/alerts/{id}/cancel',
  summary: 'Ends an alert by another that says so, at once, whatever its colour; one that waits is withdrawn',
  description:
    '201 with the alert that ends it, for officers whose division covers the issuer’s. One that still waits for a second officer has never gone ' +
    'out: it is withdrawn, nothing is published, and the answer is 200 with that alert itself. One that has expired, is over or has been replaced is 409.',
  access: 'signedIn',
  roles: ['alertOfficer'],
  params,
  body: z.strictObject({ reason: z.optional(prose(500)) }),
  responses: { 200: alertSchema, 201: alertSchema },
  problems: ['notFound', 'forbidden', 'wrongState'],
  ifMatch: true,
  uses: { alerts: 'write', divisions: 'read' },
  examples: { params: someAlert, body: { reason: '降雨已结束' } },
});

export const approveAlert = operation({
  id: 'approveAlert',
  method: 'POST',
  path: '/v1/alerts/{id}/approve',
  summary: 'Issues an alert that waits for a second officer; nobody approves their own',
  access: 'signedIn',
  roles: ['alertOfficer'],
  params,
  body: z.strictObject({}),
  responses: { 200: alertSchema },
  problems: ['notFound', 'forbidden', 'wrongState'],
  ifMatch: true,
  uses: { alerts: 'remove' },
  examples: { params: someAlert, body: {} },
});

export const readCapAlert = operation({
  id: 'readCapAlert',
  method: 'GET',
  path: '/cap/alerts/{file}',
  summary: 'An alert as CAP 1.2, `<id>.xml`',
  access: 'public',
  params: z.object({ file: z.string().check(z.regex(/^[0-9A-Z]{20,32}\.xml$/)) }),
  responses: { 200: z.string() },
  media: ['application/cap+xml'],
  tag: 'content',
  problems: ['notFound'],
  uses: { alerts: 'read' },
  examples: { params: { file: `${someAlert.id}.xml` } },
});

export const readCapFeed = operation({
  id: 'readCapFeed',
  method: 'GET',
  path: '/cap/feed.atom',
  summary: 'The newest 50 messages at, above or within a place as an Atom feed (RFC 4287), each with a link to its CAP',
  access: 'public',
  query: z.strictObject({ division: z.optional(divisionCode) }),
  responses: { 200: z.string() },
  media: ['application/atom+xml; charset=utf-8'],
  tag: 'content',
  uses: { alerts: 'read' },
  examples: { query: { division: '510104' } },
});

export const alertOperations = {
  issueAlert,
  listAlerts,
  readAlert,
  updateAlert,
  cancelAlert,
  approveAlert,
  readCapAlert,
  readCapFeed,
};
