/** Alerts as other systems take them: each as CAP 1.2, and the newest of a place as an Atom feed (RFC 4287). */
import XMLBuilder from 'fast-xml-builder';
import type { Run } from '../http/call.ts';
import { publicOrigin } from '../http/origin.ts';
import { derivedFrom } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { fromInstant, toInstant, epochMs } from '../kernel/time.ts';
import { inXml } from '../kernel/xml.ts';
import { markedHeadline, type Alert } from './alert.ts';
import { COLOUR_NAMES } from './compose-cap.ts';
import type { readCapAlert, readCapFeed } from './contract.ts';
import { newestAlerts } from './list.ts';
import { alertRepository } from './repository.ts';

const MOST_ENTRIES = 50;
/** What is published stays as it is; it may only be found wrong. */
const CAP_KEPT = 'public, max-age=300';
const FEED_KEPT = 'public, max-age=30';
const SUFFIX = '.xml';

export const readMessage: Run<typeof readCapAlert> = async ({ runtime, params: { file } }) => {
  const found = await alertRepository(runtime.database).findCap(file.slice(0, -SUFFIX.length));
  if (found === undefined) return err({ code: 'notFound' });
  return ok({
    status: 200,
    body: found.xml,
    ...(found.issuedAt === undefined ? {} : { modified: fromInstant(found.issuedAt) }),
    headers: { 'cache-control': CAP_KEPT },
  });
};

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', textNodeName: '#', format: false });

/** The same wherever it is read (RFC 4287 §4.2.6): a UUID (RFC 9562 §5.8) that follows from what it names. */
const permanentId = (...name: readonly string[]): string => {
  const bytes = Buffer.from(derivedFrom('feed', ...name)(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return `urn:uuid:${bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`;
};

const entryOf = (alert: Alert, origin: string) => {
  const link = `${origin}/cap/alerts/${alert.id}${SUFFIX}`;
  const at = alert.issuedAt ?? alert.madeAt;
  return {
    id: permanentId('alert', alert.id),
    title: inXml(markedHeadline(alert)),
    updated: at,
    published: at,
    author: { name: inXml(alert.senderName) },
    category: [
      { '@term': alert.status },
      { '@term': alert.messageType },
      ...[alert.category].flat().map((term) => ({ '@term': term })),
      ...(alert.colour === undefined ? [] : [{ '@term': alert.colour, '@label': COLOUR_NAMES[alert.colour]['zh-CN'] }]),
    ],
    summary: inXml(alert.description['zh-CN']),
    link: { '@rel': 'alternate', '@type': 'application/cap+xml', '@href': link },
  };
};

export const readFeed: Run<typeof readCapFeed> = async ({ runtime, query, origin }) => {
  const alerts = await newestAlerts(runtime.database, query.division, MOST_ENTRIES);
  const newest = alerts[0]?.issuedAt;
  const self = `${origin}/cap/feed.atom${query.division === undefined ? '' : `?division=${query.division}`}`;
  const feed = {
    '?xml': { '@version': '1.0', '@encoding': 'utf-8' },
    feed: {
      '@xmlns': 'http://www.w3.org/2005/Atom',
      '@xml:lang': 'zh-CN',
      // Several cities' systems have a feed of the whole country: where a stage says where it is, each is its own.
      id: permanentId(publicOrigin(runtime) ?? '', query.division ?? ''),
      title: query.division === undefined ? '应急预警' : `应急预警 ${query.division}`,
      updated: newest ?? toInstant(epochMs(0)),
      link: { '@rel': 'self', '@type': 'application/atom+xml', '@href': self },
      entry: alerts.map((alert) => entryOf(alert, origin)),
    },
  };
  return ok({
    status: 200,
    body: builder.build(feed),
    ...(newest === undefined ? {} : { modified: fromInstant(newest) }),
    headers: { 'cache-control': FEED_KEPT },
  });
};
