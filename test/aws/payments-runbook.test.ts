import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NOTIFICATION_SECRETS, PAYMENT_SECRETS } from '../../functions/kernel/secret-names.ts';
import { ONLINE_CHANNELS } from '../../functions/donations/names.ts';

const runbook = readFileSync('docs/runbooks/deploy.md', 'utf8');
const adapter = readFileSync('functions/donations/payments/stripe.ts', 'utf8');

test('Stripe is asked to tell of what its adapter understands, and of nothing else, in the version that it reads', () => {
  const understood = [...adapter.matchAll(/^\s+case '([a-z_]+\.[a-z_.]+)':$/gm)].map(([, type]) => type);
  expect(understood).toContain('payment_intent.succeeded');
  expect([...runbook.matchAll(/enabled_events\[\]=([a-z_.]+)/g)].map(([, type]) => type).toSorted()).toEqual(understood.toSorted());
  expect(/api_version=(\S+)/.exec(runbook)?.[1]).toBe(/^const VERSION = '(.+)';$/m.exec(adapter)?.[1]);
});

test('a secret is made for every channel of payments and for what carries messages, under the name by which it is read', () => {
  const made = [...runbook.matchAll(/create-secret --name (\S+)/g)].map(([, name]) => name);
  const names = [
    ...ONLINE_CHANNELS.map((channel) => `${PAYMENT_SECRETS}${channel}`),
    ...['vapid', 'wechat'].map((name) => `${NOTIFICATION_SECRETS}${name}`),
  ];
  expect(made.toSorted()).toEqual(names.map((name) => `linli/prod/${name}`).toSorted());
});
