/** What the owner of a provider is told of what was decided on it. Pure. */
import type { CloudEvent } from '../../data/reaction.ts';
import type { Texts } from '../../kernel/texts.ts';
import type { Notice } from './notice.ts';

/** What the event carries of a provider that was decided on, or of an event of its credit. */
export interface DecidedOnProvider {
  readonly id: string;
  /** Of an event of credit: whose it is. */
  readonly provider?: string;
  /** Of a provider: `admitted` where any of it stands. */
  readonly status?: string;
}

/** By what happened. Grounds and reasons are read with the entry, by who signs in. */
const SAID: Readonly<Record<string, Texts>> = {
  'provider.admitted': {
    'zh-CN': '已获准入，范围和期限请查看登记信息。',
    en: 'is admitted: see its entry for what, where and until when.',
  },
  'provider.renewed': { 'zh-CN': '准入已续期。', en: 'is admitted for longer.' },
  'provider.suspended': { 'zh-CN': '已被暂停，原因请查看登记信息。', en: 'is suspended: see its entry for the reason.' },
  'provider.removed': {
    'zh-CN': '已被移出或未获准入，原因请查看登记信息。',
    en: 'was removed or turned down: see its entry for the reason.',
  },
  'creditEvent.posted': { 'zh-CN': '新增一项信用事件，可以申诉。', en: 'has a new event of its credit, which can be appealed against.' },
  'creditEvent.reviewed': { 'zh-CN': '信用申诉已有裁定。', en: 'has a ruling on an appeal against an event of its credit.' },
  'creditEvent.repairGranted': { 'zh-CN': '信用修复已获同意。', en: 'has an event of its credit repaired.' },
  'creditEvent.repairRefused': {
    'zh-CN': '信用修复未获同意，原因请查看信用事件。',
    en: 'was refused a repair of its credit: see the event for the reason.',
  },
};

/** The same, where it stands in other divisions. */
const SAID_IN_SOME: Readonly<Record<string, Texts>> = {
  'provider.suspended': {
    'zh-CN': '在部分区划已被暂停，原因请查看登记信息。',
    en: 'is suspended in some divisions: see its entry for the reason.',
  },
  'provider.removed': {
    'zh-CN': '在部分区划已被移出或未获准入，原因请查看登记信息。',
    en: 'was removed or turned down in some divisions: see its entry for the reason.',
  },
};

/** The types of event that an owner is told of. */
export const TOLD_PROVIDERS = Object.keys(SAID);

/** The id of the provider that it is about. */
export const providerOf = ({ data: { item } }: CloudEvent<DecidedOnProvider>): string => item.provider ?? item.id;

/** Undefined where there is nothing to say. */
export const providerNotice = (event: CloudEvent<DecidedOnProvider>, owner: string, name: Texts): Notice | undefined => {
  const said = (event.data.item.status === 'admitted' ? SAID_IN_SOME[event.type] : undefined) ?? SAID[event.type];
  if (said === undefined) return undefined;
  return {
    id: event.id,
    topic: 'providers',
    sub: owner,
    subject: { 'zh-CN': '您的服务商登记有新进展', en: 'News of your provider' },
    text: { 'zh-CN': `您登记的服务商${name['zh-CN']}${said['zh-CN']}`, en: `Your provider ${name.en ?? name['zh-CN']} ${said.en}` },
    about: `providers/${providerOf(event)}`,
  };
};
