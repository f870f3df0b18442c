/** E-mail by Amazon SES, where a stage has a sender: plain text, with one click to be rid of it (RFC 8058). SES tells of bounces later, if at all. */
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { later, reasonOf } from './calling.ts';
import type { Carrier, Fate } from './carrier.ts';

/** The letter's own fault. What else SES refuses is ours or passes: its limits, a sender that is not verified, sending that is paused. */
const REFUSED = new Set(['MessageRejected', 'BadRequestException']);

const UTF_8 = 'UTF-8';

const fateOfError = (error: unknown): Fate => {
  const why = error instanceof Error && REFUSED.has(error.name) ? error.name : undefined;
  return why === undefined ? later(reasonOf(error)) : { kind: 'refused', why };
};

/** `from` is an address of an identity that is verified with SES. */
export const emailCarrier = (
  { from }: { readonly from: string },
  // SES takes no key: an attempt of the client's own, after an answer that was lost, would be a second mail.
  client: Pick<SESv2Client, 'send'> = new SESv2Client({ maxAttempts: 1 }),
): Carrier => {
  return async ({ address }, { subject, text, unsubscribe }) => {
    if (typeof address !== 'string') return { kind: 'refused', why: 'the address is no e-mail address' };
    const headers =
      unsubscribe === undefined
        ? []
        : [
            { Name: 'List-Unsubscribe', Value: `<${unsubscribe}>` },
            { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
          ];
    const whole = unsubscribe === undefined ? text : `${text}\n\n退订 / Unsubscribe: ${unsubscribe}`;
    try {
      await client.send(
        new SendEmailCommand({
          FromEmailAddress: from,
          Destination: { ToAddresses: [address] },
          Content: {
            Simple: {
              Subject: { Data: subject, Charset: UTF_8 },
              Body: { Text: { Data: whole, Charset: UTF_8 } },
              ...(headers.length === 0 ? {} : { Headers: headers }),
            },
          },
        }),
      );
      return { kind: 'handed' };
    } catch (error) {
      return fateOfError(error);
    }
  };
};
