/** From a subscription to a letter in the outbox and the reach of its alert, through the whole system. */
import { expect, onTestFinished, test } from 'vitest';
import { codeOf } from '../../functions/notifications/code.ts';
import { RAIN } from '../alerts/support/alerts.ts';
import { alertOfficer, neighbour, resident } from '../support/people.ts';
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

test('whoever was told of an alert is told of what becomes of it, however mild that is and wherever it holds now', async () => {
  const world = await startWorld();
  onTestFinished(() => world.stop());
  const subscribed = async (as: typeof resident, to: string, division: string): Promise<void> => {
    const { body: channel } = await world.post('/v1/me/channels', as, { kind: 'sms', address: to });
    await world.post(`/v1/me/channels/${channel.id}/verify`, as, { code: codeOf(world.system.runtime.secrets[0], channel) });
    const subscriptions = [{ division, minimumColour: 'orange', channels: [channel.id] }];
    expect((await world.put('/v1/me/alert-subscriptions', as, { subscriptions })).status).toBe(200);
  };
  const [near, far] = ['13800138001', '13800138002'];
  await subscribed(resident, near, '510104017001');
  await subscribed(neighbour, far, '510104020001');
  const told = async (to: string): Promise<readonly string[]> =>
    (await world.get(`/dev/outbox?to=${to}`)).body.items
      .filter(({ about }: { about: string }) => about.startsWith('alerts/'))
      .map(({ text }: { text: string }) => text.split('：')[0])
      .toReversed();
  const { body: alert } = await world.post('/v1/alerts', alertOfficer, { ...RAIN, areas: [{ division: '510104' }] });
  await world.settle();
  // Milder than anybody asked for, and in one community alone.
  const milder = { ...RAIN, colour: 'blue', areas: [{ division: '510104017001' }] };
  const { body: update } = await world.post(`/v1/alerts/${alert.id}/updates`, alertOfficer, milder);
  await world.settle();
  expect(update).toMatchObject({ colour: 'blue', areas: [{ division: '510104017001' }] });
  expect((await world.get('/v1/alerts?division=510104020001&active=true')).body.items).toEqual([]);
  const { body: end } = await world.post(`/v1/alerts/${update.id}/cancel`, alertOfficer);
  await world.settle();
  for (const to of [near, far]) expect(await told(to)).toEqual(['橙色预警', '【更新】蓝色预警', '【解除】蓝色预警']);
  for (const { id } of [alert, update, end])
    expect((await world.get(`/v1/alerts/${id}/reach`, alertOfficer)).body).toMatchObject({ targeted: 2, handed: 2 });
  // What stands in nothing's place is for those who asked for it.
  await world.post('/v1/alerts', alertOfficer, milder);
  await world.settle();
  expect(await told(near)).toHaveLength(3);
});
