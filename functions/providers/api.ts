import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { providerActions } from './act.ts';
import { creditActions, post } from './act-on-credit.ts';
import { apply, put } from './apply.ts';
import { providerOperations } from './contract.ts';
import { list } from './list.ts';
import { listWaiting } from './list-waiting.ts';
import { credit, method, oneEvent } from './read-credit.ts';
import { read } from './read.ts';
import { mine } from './my-provider.ts';
import { method as qualityMethod, score } from './read-score.ts';
import { providersTable } from './table.ts';

export const providers = service({
  domain: 'providers',
  table: providersTable,
  operations: providerOperations,
  handlers: {
    applyProvider: apply,
    listProviders: list,
    readProvider: read,
    putProvider: put,
    ...providerActions,
    readCredit: credit,
    readCreditEvent: oneEvent,
    listCreditEvents: listWaiting,
    postCreditEvent: post,
    ...creditActions,
    readCreditMethod: method,
    readMyProvider: mine,
    readQualityMethod: qualityMethod,
    readQualityScore: score,
  },
});

export const handler = lambda(providers.build);
