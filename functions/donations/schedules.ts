/** What of this domain runs by the clock; each is `<name in kebab-case>.ts` beside this file. */
import { schedule } from '../data/schedule.ts';

export const paymentSettlement = schedule({
  name: 'paymentSettlement',
  domain: 'donations',
  description: 'Asks providers for what was never told, sends refunds again, and gives up what nobody pays',
  cron: '*/10 * * * *',
  uses: { donations: 'remove' },
  payments: true,
});

export const paymentReconciliation = schedule({
  name: 'paymentReconciliation',
  domain: 'donations',
  description: 'Compares each provider’s bill of the day before with the books, and sweeps accounts',
  cron: '30 10 * * *',
  uses: { donations: 'write' },
  payments: true,
});

export const foundationDisclosure = schedule({
  name: 'foundationDisclosure',
  domain: 'donations',
  description: 'Begins to freeze the statements of the quarter before, which says what is late',
  cron: '0 1 1 1,4,7,10 *',
  uses: { donations: 'write' },
});
