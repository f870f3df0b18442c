/** What clients see of the ways in which people want to be told, and of what. */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import { count, divisionCode, id, instant, line, named, page, paging, timeOfDay } from '../http/schema.ts';
import { COLOURS } from '../kernel/colour.ts';
import { CHANNEL_KINDS, CHANNEL_STATUSES } from './channels/channel.ts';
import { MOST_CHANNELS, MOST_SUBSCRIPTIONS, TOPICS } from './person.ts';

const kind = z.enum(CHANNEL_KINDS);
const ADDRESS_LENGTH = 2048;
const KEY_LENGTH = 100;

/** A text, or as `PushSubscription.toJSON()` of a browser has it; what makes it one of its kind is a rule of its own. */
const address = z.union([
  line(ADDRESS_LENGTH),
  z.strictObject({
    endpoint: line(ADDRESS_LENGTH),
    /** Browsers always say so, and it is passed over: whether a subscription is still good, its push service says. */
    expirationTime: z.optional(z.nullable(z.number())),
    keys: z.strictObject({ p256dh: line(KEY_LENGTH), auth: line(KEY_LENGTH) }),
  }),
]);

const listedChannel = {
  id,
  kind,
  status: z.enum(CHANNEL_STATUSES),
  addedAt: instant,
  /** Its code is taken until then. */
  verifyBy: z.optional(instant),
  actions: z.array(z.literal('verify')),
};
const channelSchema = named(
  'Channel',
  z.object({
    ...listedChannel,
    /** As it was given; of a push subscription its endpoint alone, since its keys are of use to nobody but us. */
    address: z.union([z.string(), z.object({ endpoint: z.string() })]),
    /** Of a webhook: what comes to it is signed with this, in the form of Standard Webhooks. Another after a rotation, and signed by both for a while. */
    secret: z.optional(z.string()),
  }),
);

/** One's own channels; those that are not verified count once they are. */
const channels = z.array(id).check(z.maxLength(MOST_CHANNELS));

const subscriptions = named(
  'AlertSubscriptions',
  z.strictObject({
    subscriptions: z
      .array(
        z.strictObject({
          /** Alerts that hold at it, above it or within it. */
          division: divisionCode,
          minimumColour: z.enum(COLOURS),
          channels,
        }),
      )
      .check(z.maxLength(MOST_SUBSCRIPTIONS)),
  }),
);
const preferences = named(
  'NotificationPreferences',
  z.strictObject({
    channels,
    topics: z.array(z.enum(TOPICS)).check(z.maxLength(TOPICS.length)),
    /** In Asia/Shanghai, over midnight where `to` is the smaller; alerts come all the same. */
    quietHours: z.optional(z.strictObject({ from: timeOfDay, to: timeOfDay })),
  }),
);

const params = z.object({ id });
const example = { params: { id: '00000000000000000000000ZZZ' } };
/** Whoever guesses has five tries for each time that it is added. */
const ADDING = { per: 'caller', count: 10, window: 3600 } as const;

export const addChannel = operation({
  id: 'addChannel',
  method: 'POST',
  path: '/v1/me/channels',
  summary: 'A way in which the caller wants to be told; it gets a code, and nothing else until that has been sent back',
  description:
    'The code is the last six digits of the message, and valid for 15 minutes and five tries. An address that is not verified may be added again, and gets another; one that is verified is 409, but for a push subscription with renewed keys, which replace the old ones and are verified anew. At most 10 channels. Webhooks are for providers and administrators.',
  access: 'signedIn',
  body: z.strictObject({ kind, address }),
  responses: { 201: channelSchema },
  problems: ['forbidden', 'conflict'],
  limit: ADDING,
  uses: { notifications: 'remove' },
  examples: { body: { kind: 'email', address: 'wang@example.cn' } },
});

export const listChannels = operation({
  id: 'listChannels',
  method: 'GET',
  path: '/v1/me/channels',
  summary: 'The caller’s channels without their addresses, in the order in which they were added',
  access: 'signedIn',
  query: z.strictObject(paging),
  responses: { 200: page(z.object(listedChannel)) },
  problems: ['cursorInvalid'],
  uses: { notifications: 'read' },
});

export const readChannel = operation({
  id: 'readChannel',
  method: 'GET',
  path: '/v1/me/channels/{id}',
  summary: 'A channel of the caller’s',
  access: 'signedIn',
  params,
  responses: { 200: channelSchema },
  uses: { notifications: 'read' },
  examples: example,
});

export const verifyChannel = operation({
  id: 'verifyChannel',
  method: 'POST',
  path: '/v1/me/channels/{id}/verify',
  summary: 'Shows by its code that the channel reaches the caller; from then on it is used',
  access: 'signedIn',
  params,
  body: z.strictObject({ code: z.string().check(z.regex(/^\d{6}$/)) }),
  responses: { 200: channelSchema },
  problems: ['wrongState'],
  ifMatch: true,
  uses: { notifications: 'remove' },
  examples: { ...example, body: { code: '123456' } },
});

export const removeChannel = operation({
  id: 'removeChannel',
  method: 'DELETE',
  path: '/v1/me/channels/{id}',
  summary: 'The channel is used no more, and named by no subscription',
  access: 'signedIn',
  params,
  responses: { 204: null },
  problems: ['conflict'],
  ifMatch: true,
  uses: { notifications: 'remove' },
  examples: example,
});

export const readSubscriptions = operation({
  id: 'readAlertSubscriptions',
  method: 'GET',
  path: '/v1/me/alert-subscriptions',
  summary: 'Of which alerts the caller is told, and by which channels',
  access: 'signedIn',
  responses: { 200: subscriptions },
  uses: { notifications: 'read' },
});

export const putSubscriptions = operation({
  id: 'putAlertSubscriptions',
  method: 'PUT',
  path: '/v1/me/alert-subscriptions',
  summary: 'Says anew of which alerts the caller is told; who has several that an alert concerns is told once',
  access: 'signedIn',
  body: subscriptions,
  responses: { 200: subscriptions },
  problems: ['conflict'],
  ifMatch: true,
  uses: { notifications: 'remove', divisions: 'read' },
  examples: { body: { subscriptions: [{ division: '510104017001', minimumColour: 'yellow', channels: [] }] } },
});

export const readPreferences = operation({
  id: 'readNotificationPreferences',
  method: 'GET',
  path: '/v1/me/notifications',
  summary: 'Of what of their own, beside alerts, the caller is told, and when not',
  access: 'signedIn',
  responses: { 200: preferences },
  uses: { notifications: 'read' },
});

export const putPreferences = operation({
  id: 'putNotificationPreferences',
  method: 'PUT',
  path: '/v1/me/notifications',
  summary: 'Says anew of what of their own the caller is told: their requests, surveys, their donations',
  access: 'signedIn',
  body: preferences,
  responses: { 200: preferences },
  problems: ['conflict'],
  ifMatch: true,
  uses: { notifications: 'remove' },
  examples: { body: { channels: [], topics: ['requests', 'donations'], quietHours: { from: '22:00', to: '07:00' } } },
});

const UNSUBSCRIBE_PATH = '/v1/unsubscribe/{token}';
/** Sealed by us; a wrong one is nobody's. */
const token = z.object({ token: z.string().check(z.regex(/^[\w-]{40,3000}$/)) });
const asPage = { params: token, responses: { 200: z.string() }, media: ['text/html; charset=utf-8'] } as const;

export const showUnsubscribe = operation({
  id: 'showUnsubscribe',
  method: 'GET',
  path: UNSUBSCRIBE_PATH,
  summary:
    'A page with one button, in zh-CN and en: no more by this channel. It changes nothing, so that who fetches links unasked does no harm',
  access: 'public',
  ...asPage,
  tag: 'content',
  uses: {},
  examples: { params: { token: 'x'.repeat(40) } },
});

export const unsubscribe = operation({
  id: 'unsubscribe',
  method: 'POST',
  path: UNSUBSCRIBE_PATH,
  summary: 'Takes a channel out of all that is sent, without signing in: from the page, or at once by a mail client (RFC 8058)',
  access: 'public',
  raw: true,
  ...asPage,
  uses: { notifications: 'remove' },
  examples: { params: { token: 'x'.repeat(40) } },
});

/** What became of letters that the message gateway has taken. */
export const receiptsBody = z
  .array(z.strictObject({ id: z.string().check(z.maxLength(300)), status: z.enum(['delivered', 'failed', 'dead']) }))
  .check(z.maxLength(500));

export const receiveReceipts = operation({
  id: 'receiveReceipts',
  method: 'POST',
  path: '/v1/messages/receipts',
  summary: 'What the city’s message gateway says later of what it has taken, at most 500 letters at once',
  description:
    'A JSON array of `{id, status: delivered/failed/dead}`, `id` being that of the letter (`webhook-id`), signed in the form of Standard Webhooks with the key that we sign with, at most 300 seconds ago. `dead`: the address is nobody’s any more, and its channel is retired. Each letter counts once, whatever comes again; `taken` are those of alerts, all others are passed over. 503 while one of them is just being sent: nothing is lost by sending all of it again.',
  access: 'signature',
  raw: true,
  responses: { 200: z.object({ taken: count }) },
  problems: ['malformed', 'unauthenticated', 'invalid', 'busy'],
  uses: { notifications: 'remove' },
});

/** Receipts of what carries letters. */
const receiptOperations = { receiveReceipts };

export const notificationOperations = {
  addChannel,
  listChannels,
  readChannel,
  verifyChannel,
  removeChannel,
  readSubscriptions,
  putSubscriptions,
  readPreferences,
  putPreferences,
  showUnsubscribe,
  unsubscribe,
  ...receiptOperations,
};
