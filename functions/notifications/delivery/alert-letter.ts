/** What an alert says to one reader, by one kind of channel. Pure. */
import { createHash } from 'node:crypto';
import type { AlertMessage, MessageType } from '../../alerts/alert.ts';
import { STATUS_MARKS } from '../../kernel/alert-marks.ts';
import { UNKNOWN_COLOUR, type Colour } from '../../kernel/colour.ts';
import { inLanguage, type Language, type Texts } from '../../kernel/texts.ts';
import { fromInstant, SECOND, toShanghai, type EpochMs } from '../../kernel/time.ts';
import type { Letter } from '../channels/carrier.ts';
import type { ChannelKind } from '../channels/channel.ts';
import { shortened } from '../channels/shortened.ts';

/** Characters of a short message: some gateways carry no more in one piece with others. */
const MOST_OF_SMS = 300;
/** Less of an instruction says nothing. */
const LEAST_OF_INSTRUCTION = 8;
const MOST_OF_TOPIC = 32;

const TYPE_MARKS: Readonly<Record<MessageType, Texts>> = {
  alert: { 'zh-CN': '', en: '' },
  update: { 'zh-CN': '【更新】', en: '[UPDATE] ' },
  cancel: { 'zh-CN': '【解除】', en: '[CANCELLED] ' },
};
const COLOUR_WORDS: Readonly<Record<Colour, Texts>> = {
  blue: { 'zh-CN': '蓝色预警', en: 'Blue alert' },
  yellow: { 'zh-CN': '黄色预警', en: 'Yellow alert' },
  orange: { 'zh-CN': '橙色预警', en: 'Orange alert' },
  red: { 'zh-CN': '红色预警', en: 'Red alert' },
};
const NO_COLOUR: Texts = { 'zh-CN': '预警', en: 'Alert' };
const URGENCY: Readonly<Record<Colour, Letter['urgency']>> = { blue: 'low', yellow: 'normal', orange: 'high', red: 'high' };

const untilOf = ({ expires }: AlertMessage, language: Language): string => {
  const until = toShanghai(fromInstant(expires)).slice(0, 16).replace('T', ' ');
  return language === 'en' ? `Until ${until} (UTC+8).` : `有效至 ${until}。`;
};

const fromOf = ({ senderName }: AlertMessage, language: Language): string =>
  language === 'en' ? `Issued by ${senderName}.` : `发布单位：${senderName}`;

/** What machines are told of an alert: what is public of it. */
const dataOf = (alert: AlertMessage): Readonly<Record<string, unknown>> => {
  const { id, status, messageType, event, colour, headline, description, instruction, division, senderName, sent, effective, expires } =
    alert;
  return { id, status, messageType, event, colour, headline, description, instruction, division, senderName, sent, effective, expires };
};

/**
 * The letter of an alert. What it is (an exercise, an update, its colour) stands first in subject and text; a short message keeps that, until when
 * it holds and who says so, and of headline and instruction what there is room for.
 */
export const alertLetter = (
  alert: AlertMessage,
  {
    id,
    kind,
    language,
    now,
    unsubscribe,
  }: {
    readonly id: string;
    readonly kind: ChannelKind;
    readonly language: Language;
    readonly now: EpochMs;
    readonly unsubscribe?: string | undefined;
  },
): Letter => {
  const { status, messageType, colour, headline, description, instruction, event, sent, expires } = alert;
  const said = (texts: Texts): string => inLanguage(texts, language);
  const marks = said(STATUS_MARKS[status]) + said(TYPE_MARKS[messageType]);
  const what = said(colour === undefined ? NO_COLOUR : COLOUR_WORDS[colour]);
  const [separator, gap] = language === 'en' ? [': ', ' '] : ['：', ''];
  const first = `${marks}${what}${separator}`;
  // What is over asks for nothing and lasts until nothing.
  const isCancelled = messageType === 'cancel';
  const told = instruction === undefined || isCancelled ? '' : said(instruction);
  const end = [...(isCancelled ? [] : [untilOf(alert, language)]), fromOf(alert, language)].join(gap);
  const sentence = (text: string, most: number): string => {
    const cut = shortened(text, most - 1);
    return /[。！？.!?…]$/.test(cut) ? cut : `${cut}${language === 'en' ? '.' : '。'}`;
  };
  const short = (): string => {
    const room = MOST_OF_SMS - Array.from(first + gap + end).length;
    const line = sentence(said(headline), room);
    const left = room - Array.from(gap + line).length;
    const more = told === '' || left < LEAST_OF_INSTRUCTION ? [] : [sentence(told, left)];
    return `${first}${[line, ...more, end].join(gap)}`;
  };
  const long = (): string =>
    [`${first}${said(headline)}`, `${said(event)}${separator}${said(description)}`, told, end].filter((each) => each !== '').join('\n');
  return {
    id,
    subject: shortened(`${first}${said(headline)}`, MOST_OF_SMS),
    text: kind === 'sms' ? short() : long(),
    about: `alerts/${alert.id}`,
    at: sent,
    keptFor: Math.max(0, Math.floor((fromInstant(expires) - now) / SECOND)),
    urgency: URGENCY[colour ?? UNKNOWN_COLOUR],
    // One for the whole chain: a push service that has not passed on the first carries the last alone.
    topic: createHash('sha256')
      .update(alert.references[0]?.identifier ?? alert.identifier ?? alert.id)
      .digest('base64url')
      .slice(0, MOST_OF_TOPIC),
    ...(unsubscribe === undefined ? {} : { unsubscribe }),
    ...(kind === 'webhook' ? { data: dataOf(alert) } : {}),
  };
};
