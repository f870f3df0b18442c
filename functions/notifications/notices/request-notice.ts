/** What a requester is told of a change of their request. Pure. */
import type { CloudEvent } from '../../data/reaction.ts';
import { numberOf } from '../../kernel/id.ts';
import type { Texts } from '../../kernel/texts.ts';
import { dayOf, epochMs } from '../../kernel/time.ts';
import type { Notice } from './notice.ts';

/** What the event carries of a request that has changed. */
export interface ChangedRequest {
  readonly id: string;
  readonly visibility: string;
  readonly service: string;
  readonly resolveBy: string;
}

const day = (instant: string): string => dayOf(epochMs(Date.parse(instant)));

/** By what happened. Of what a resident does themselves, and of what changes nothing for them, nothing is said. */
const SAID: Readonly<Record<string, (request: ChangedRequest) => Texts>> = {
  accepted: ({ resolveBy }) => ({
    'zh-CN': `已受理，将于 ${day(resolveBy)} 前办结。`,
    en: `has been accepted, and will be resolved by ${day(resolveBy)}.`,
  }),
  rejected: () => ({ 'zh-CN': '未予受理，原因请查看诉求详情。', en: 'was not accepted: see the request for the reason.' }),
  markedDuplicate: () => ({ 'zh-CN': '与另一件诉求重复，已合并办理。', en: 'is the same as another one, with which it is worked on.' }),
  transferred: () => ({ 'zh-CN': '已转至另一社区办理。', en: 'was passed on to another community.' }),
  assigned: () => ({ 'zh-CN': '已安排人员办理。', en: 'has been given to somebody who will see to it.' }),
  started: () => ({ 'zh-CN': '正在办理。', en: 'is being worked on.' }),
  extended: ({ resolveBy }) => ({
    'zh-CN': `办理期限已延长至 ${day(resolveBy)}，原因请查看诉求详情。`,
    en: `is now to be resolved by ${day(resolveBy)}: see the request for the reason.`,
  }),
  paused: () => ({ 'zh-CN': '正在等待您补充情况，请查看诉求详情。', en: 'waits for you: see the request for what is asked.' }),
  resolved: () => ({ 'zh-CN': '已办结，请您评价。', en: 'has been resolved: please rate it.' }),
  closed: () => ({ 'zh-CN': '已结案。', en: 'has been closed.' }),
  reopened: () => ({ 'zh-CN': '已重新办理。', en: 'has been opened again.' }),
};

/** The types of event that a requester is told of. */
export const TOLD_REQUESTS = Object.keys(SAID).map((change) => `serviceRequest.${change}`);

/** Undefined where there is nothing to say. What somebody asked for in confidence, not even the service's name tells. */
export const requestNotice = (
  { id, type, data: { item } }: CloudEvent<ChangedRequest>,
  requester: string,
  service: Texts | undefined,
): Notice | undefined => {
  const said = SAID[type.slice(type.indexOf('.') + 1)]?.(item);
  if (said === undefined) return undefined;
  const number = numberOf(item.id);
  const named = item.visibility === 'confidential' ? undefined : service;
  return {
    id,
    topic: 'requests',
    sub: requester,
    subject: { 'zh-CN': `诉求 ${number} 有新进展`, en: `News of your request ${number}` },
    text: {
      'zh-CN': `您的诉求 ${number}${named === undefined ? '' : `（${named['zh-CN']}）`}${said['zh-CN']}`,
      en: `Your request ${number}${named === undefined ? '' : ` (${named.en ?? named['zh-CN']})`} ${said.en}`,
    },
    about: `requests/${item.id}`,
  };
};
