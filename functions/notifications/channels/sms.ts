/**
 * Text messages by AWS End User Messaging, where a stage has a number or a pool of them. SNS sends by the same service, but a right to do that cannot be
 * limited to a sender, and it takes no time to live.
 */
import { PinpointSMSVoiceV2Client, SendTextMessageCommand } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { later, reasonOf } from './calling.ts';
import type { Carrier, Fate } from './carrier.ts';
import { shortened } from './shortened.ts';

const BODY_CHARACTERS = 1600;
/** Seconds, as the service bounds them. */
const LEAST_TTL = 5;
const LONGEST_TTL = 259_200;

/** Why a number will never get anything: it has said so. */
const OPTED_OUT = 'DESTINATION_PHONE_NUMBER_OPTED_OUT';
/** What conflicts with the number, and not with how the sender is set up. */
const BLOCKED = new Set([
  'DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION',
  'DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE',
  'DESTINATION_PHONE_NUMBER_NOT_VERIFIED',
]);

const fateOfError = (error: unknown): Fate => {
  const said = error instanceof Error && 'Reason' in error ? error.Reason : undefined;
  const why = typeof said === 'string' ? said : reasonOf(error);
  if (why === OPTED_OUT) return { kind: 'dead', why };
  const isRefused = BLOCKED.has(why) || (error instanceof Error && error.name === 'ValidationException');
  return isRefused ? { kind: 'refused', why } : later(why);
};

const e164 = (written: string): string => {
  const number = written.replaceAll(/[ ()-]/g, '');
  return number.startsWith('+') ? number : `+86${number}`;
};

/** `from` is the id of a pool or of a number of the account. */
export const smsCarrier = (
  { from }: { readonly from: string },
  // It takes no key: an attempt of the client's own, after an answer that was lost, would be a second message.
  client: Pick<PinpointSMSVoiceV2Client, 'send'> = new PinpointSMSVoiceV2Client({ maxAttempts: 1 }),
): Carrier => {
  return async ({ address }, { text, keptFor }) => {
    if (typeof address !== 'string') return { kind: 'refused', why: 'the address is no telephone number' };
    try {
      await client.send(
        new SendTextMessageCommand({
          DestinationPhoneNumber: e164(address),
          OriginationIdentity: from,
          MessageBody: shortened(text, BODY_CHARACTERS),
          MessageType: 'TRANSACTIONAL',
          TimeToLive: Math.min(Math.max(Math.floor(keptFor), LEAST_TTL), LONGEST_TTL),
        }),
      );
      return { kind: 'handed' };
    } catch (error) {
      return fateOfError(error);
    }
  };
};
