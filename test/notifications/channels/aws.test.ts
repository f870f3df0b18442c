/** E-mail and text messages: AWS's own clients, against servers on this machine that answer as SES and End User Messaging do. */
import { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fate, Letter } from '../../../functions/notifications/channels/carrier.ts';
import { emailCarrier } from '../../../functions/notifications/channels/email.ts';
import { smsCarrier } from '../../../functions/notifications/channels/sms.ts';
import { play, type Played } from '../../donations/payments/support.ts';
import { LETTER } from './support/letters.ts';

let aws: Played;
beforeAll(async () => {
  aws = await play();
});
afterAll(() => aws.stop());

const configuration = () => ({
  endpoint: aws.url,
  region: 'ap-southeast-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
const errorOf = (type: string, more: object = {}) => ({
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': type },
  body: JSON.stringify({ __type: type, message: 'to li@example.cn', ...more }),
});

describe('e-mail', () => {
  const send = (letter: Letter = LETTER): Promise<Fate> =>
    emailCarrier({ from: 'notice@example.gov.cn' }, new SESv2Client(configuration()))(
      { id: 'E', kind: 'email', address: 'li@example.cn' },
      letter,
    );

  test('plain text in UTF-8 to one reader, with one click to be rid of it', async () => {
    aws.answers(() => ({ body: '{"MessageId":"1"}' }));
    const unsubscribe = 'https://linli.example.org/u/1';
    expect(await send({ ...LETTER, unsubscribe })).toEqual({ kind: 'handed' });
    expect(aws.asked[0]).toMatchObject({ method: 'POST', path: '/v2/email/outbound-emails' });
    expect(JSON.parse(aws.asked[0]?.body ?? '')).toEqual({
      FromEmailAddress: 'notice@example.gov.cn',
      Destination: { ToAddresses: ['li@example.cn'] },
      Content: {
        Simple: {
          Subject: { Data: LETTER.subject, Charset: 'UTF-8' },
          Body: { Text: { Data: `${LETTER.text}\n\n退订 / Unsubscribe: ${unsubscribe}`, Charset: 'UTF-8' } },
          Headers: [
            { Name: 'List-Unsubscribe', Value: `<${unsubscribe}>` },
            { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
          ],
        },
      },
    });
    // Where there is nothing to be rid of, as with a code, it ends with its own last word.
    await send();
    const { Simple: simple } = JSON.parse(aws.asked[1]?.body ?? '').Content;
    expect([simple.Body.Text.Data, simple.Headers]).toEqual([LETTER.text, undefined]);
  });

  test.each([
    ['MessageRejected', { kind: 'refused', why: 'MessageRejected' }],
    ['BadRequestException', { kind: 'refused', why: 'BadRequestException' }],
    ['TooManyRequestsException', { kind: 'later', why: 'TooManyRequestsException' }],
    ['LimitExceededException', { kind: 'later', why: 'LimitExceededException' }],
    ['SendingPausedException', { kind: 'later', why: 'SendingPausedException' }],
    ['MailFromDomainNotVerifiedException', { kind: 'later', why: 'MailFromDomainNotVerifiedException' }],
    ['AccessDeniedException', { kind: 'later', why: 'AccessDeniedException' }],
  ])('%s: %j, tried once', async (type, fate) => {
    aws.answers(() => errorOf(type));
    expect(await send()).toEqual(fate);
    expect(aws.asked).toHaveLength(1);
  });
});

describe('text messages', () => {
  const send = (letter: Letter = LETTER, address = '13900000001'): Promise<Fate> =>
    smsCarrier({ from: 'pool-1' }, new PinpointSMSVoiceV2Client(configuration()))({ id: 'S', kind: 'sms', address }, letter);

  test('the text in E.164, for as long as it is worth, within what the service takes', async () => {
    aws.answers(() => ({ body: '{"MessageId":"1"}' }));
    expect(await send()).toEqual({ kind: 'handed' });
    expect(aws.asked[0]?.headers['x-amz-target']).toBe('PinpointSMSVoiceV2.SendTextMessage');
    expect(JSON.parse(aws.asked[0]?.body ?? '')).toEqual({
      DestinationPhoneNumber: '+8613900000001',
      OriginationIdentity: 'pool-1',
      MessageBody: LETTER.text,
      MessageType: 'TRANSACTIONAL',
      TimeToLive: 3600,
    });
    await send({ ...LETTER, keptFor: 0 }, '+852 9123-4567');
    await send({ ...LETTER, keptFor: 1e9, text: '雨'.repeat(2000) });
    const [, short, long] = aws.asked.map(({ body }) => JSON.parse(body));
    expect([short.TimeToLive, short.DestinationPhoneNumber]).toEqual([5, '+85291234567']);
    expect([long.TimeToLive, long.MessageBody]).toEqual([259_200, `${'雨'.repeat(1599)}…`]);
  });

  test.each([
    ['ConflictException', 'DESTINATION_PHONE_NUMBER_OPTED_OUT', { kind: 'dead', why: 'DESTINATION_PHONE_NUMBER_OPTED_OUT' }],
    ['ConflictException', 'DESTINATION_PHONE_NUMBER_NOT_VERIFIED', { kind: 'refused', why: 'DESTINATION_PHONE_NUMBER_NOT_VERIFIED' }],
    ['ConflictException', 'NO_ORIGINATION_IDENTITIES_FOUND', { kind: 'later', why: 'NO_ORIGINATION_IDENTITIES_FOUND' }],
    ['ValidationException', 'DESTINATION_COUNTRY_BLOCKED', { kind: 'refused', why: 'DESTINATION_COUNTRY_BLOCKED' }],
    [
      'ServiceQuotaExceededException',
      'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT',
      { kind: 'later', why: 'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT' },
    ],
    ['ThrottlingException', undefined, { kind: 'later', why: 'ThrottlingException' }],
    ['AccessDeniedException', 'ACCOUNT_DISABLED', { kind: 'later', why: 'ACCOUNT_DISABLED' }],
  ])('%s %s: %j, tried once', async (type, Reason, fate) => {
    aws.answers(() => errorOf(type, { Reason }));
    expect(await send()).toEqual(fate);
    expect(aws.asked).toHaveLength(1);
  });
});

test('nobody there: later, and the reason names no address', async () => {
  const nowhere = { ...configuration(), endpoint: 'http://127.0.0.1:9' };
  const email = emailCarrier({ from: 'notice@example.gov.cn' }, new SESv2Client(nowhere));
  const sms = smsCarrier({ from: 'pool-1' }, new PinpointSMSVoiceV2Client(nowhere));
  expect(await email({ id: 'E', kind: 'email', address: 'li@example.cn' }, LETTER)).toEqual({ kind: 'later', why: 'ECONNREFUSED' });
  expect(await sms({ id: 'S', kind: 'sms', address: '13900000001' }, LETTER)).toEqual({ kind: 'later', why: 'ECONNREFUSED' });
});
