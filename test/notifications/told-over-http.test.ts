/** From a subscription to a letter in the outbox and the reach of its alert, through the whole system. */
import { expect, onTestFinished, test } from 'vitest';
import { codeOf } from '../../functions/notifications/code.ts';
import { RAIN } from '../alerts/support/alerts.ts';
import { alertOfficer, resident } from '../support/people.ts';
import { startWorld } from '../support/world.ts';

const TO = '13800138000';

test('a resident who has subscribed is told of an alert, its update and its end, and the officer sees that', async () => {
  const world = await startWorld();
  onTestFinished(() => world.stop());
  const { body: channel } = await world.post('/v1/me/channels', resident, { kind: 'sms', address: TO });
  const code = codeOf(world.system.runtime.secrets[0], channel);
  expect((await world.post(`/v1/me/channels/${channel.id}/verify`, resident, { code })).status).toBe(200);
  const subscriptions = [
    { division: '510104017001', minimumColour: 'yellow', channels: [channel.id] },
    { division: '5101', minimumColour: 'red', channels: [channel.id] },
  ];
  expect((await world.put('/v1/me/alert-subscriptions', resident, { subscriptions })).status).toBe(200);
  expect((await world.post('/v1/alerts?dryRun=true', alertOfficer, RAIN)).body.targeted).toBe(1);

  const { body: alert } = await world.post('/v1/alerts', alertOfficer, RAIN);
  await world.settle();
  const { body: update } = await world.post(`/v1/alerts/${alert.id}/updates`, alertOfficer, { ...RAIN, colour: 'red' });
  await world.settle();
  const { body: end } = await world.post(`/v1/alerts/${update.id}/cancel`, alertOfficer);
  await world.settle();
  // What is milder than asked for, or somewhere else, nobody is told.
  await world.post('/v1/alerts', alertOfficer, { ...RAIN, colour: 'blue' });
  await world.post('/v1/alerts', alertOfficer, { ...RAIN, areas: [{ division: '510104020001' }] });
  await world.settle();

  const { body: outbox } = await world.get(`/dev/outbox?to=${TO}`);
  const told = outbox.items.filter(({ about }: { about: string }) => about.startsWith('alerts/')).toReversed();
  expect(told.map(({ about, text }: { about: string; text: string }) => [about, text.split('：')[0]])).toEqual([
    [`alerts/${alert.id}`, '橙色预警'],
    [`alerts/${update.id}`, '【更新】红色预警'],
    [`alerts/${end.id}`, '【解除】红色预警'],
  ]);
  // Each says where to say that they want no more, and that opens.
  for (const { unsubscribe } of told) {
    const page = await world.get(new URL(unsubscribe).pathname);
    expect([new URL(unsubscribe).port, page.status]).toEqual([new URL(world.system.url).port, 200]);
  }
  for (const { id } of [alert, update, end])
    expect((await world.get(`/v1/alerts/${id}/reach`, alertOfficer)).body).toMatchObject({ targeted: 1, handed: 1, failed: 0 });
});
