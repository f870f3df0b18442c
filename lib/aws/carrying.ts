/** What a stage carries itself of the messages to people, from its settings, and the rights that it takes. All the rest goes through the city's gateway. */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Direct } from '../../functions/notifications/channels/direct.ts';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import type { Settings } from './settings.ts';

type CarryingSettings = Pick<Settings, 'emailSender' | 'smsSender' | 'wechat' | 'vapidSubject'>;

/** Webhooks need nothing that is not here already. */
const directOf = ({ emailSender, smsSender, wechat, vapidSubject }: CarryingSettings): Direct => ({
  ...(emailSender === undefined ? {} : { email: { from: emailSender } }),
  ...(smsSender === undefined ? {} : { sms: { from: smsSender } }),
  ...(wechat ? { wechat: {} } : {}),
  ...(vapidSubject === undefined ? {} : { webPush: { subject: vapidSubject } }),
  webhook: {},
});

export const carryingEnvironment = (settings: CarryingSettings): Readonly<Record<string, string>> => ({
  [VARIABLES.carriers]: JSON.stringify(directOf(settings)),
});

/** To send as the stage's own senders, and as nobody else. */
export const grantCarrying = (role: Role, { emailSender, smsSender }: CarryingSettings): void => {
  const stack = Stack.of(role);
  if (emailSender !== undefined) {
    // Whichever of the two has been verified is the identity that SES asks for.
    const identities = [emailSender, emailSender.slice(emailSender.lastIndexOf('@') + 1)].map((resourceName) =>
      stack.formatArn({ service: 'ses', resource: 'identity', resourceName }),
    );
    role.addToPrincipalPolicy(new PolicyStatement({ actions: ['ses:SendEmail'], resources: identities }));
  }
  if (smsSender !== undefined) {
    const resource = smsSender.startsWith('pool-') ? 'pool' : 'phone-number';
    const sender = stack.formatArn({ service: 'sms-voice', resource, resourceName: smsSender });
    role.addToPrincipalPolicy(new PolicyStatement({ actions: ['sms-voice:SendTextMessage'], resources: [sender] }));
  }
};
