import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { add } from './add-channel.ts';
import { notificationOperations } from './contract.ts';
import { put as putPreferences, read as readPreferences } from './preferences.ts';
import { list, read } from './read-channels.ts';
import { receive } from './receive-receipts.ts';
import { remove } from './remove-channel.ts';
import { put as putSubscriptions, read as readSubscriptions } from './subscriptions.ts';
import { notificationsTable } from './table.ts';
import { show, stop } from './unsubscribe.ts';
import { verify } from './verify-channel.ts';

export const notifications = service({
  domain: 'notifications',
  table: notificationsTable,
  operations: notificationOperations,
  handlers: {
    addChannel: add,
    listChannels: list,
    readChannel: read,
    verifyChannel: verify,
    removeChannel: remove,
    readSubscriptions,
    putSubscriptions,
    readPreferences,
    putPreferences,
    showUnsubscribe: show,
    unsubscribe: stop,
    receiveReceipts: receive,
  },
});

export const handler = lambda(notifications.build);
