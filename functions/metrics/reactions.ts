/** What this domain does when something happened; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';
import { SOURCES } from './sources.ts';

/** Everything that indicators are counted from becomes facts. */
export const recordFacts = reaction({
  name: 'record-facts',
  domain: 'metrics',
  on: SOURCES.flatMap(({ on }) => on),
  // Of who is looked after no event tells anything: they are read where they stand.
  needs: ['ratings'],
  uses: { metrics: 'write', care: 'read' },
});

/** A piece of a run, told of by the table itself: what has to be counted in a county, or summed in what is above it. */
export const computeMetrics = reaction({
  name: 'compute-metrics',
  domain: 'metrics',
  on: ['metricsPiece.planned'],
  needs: [],
  uses: { metrics: 'remove', divisions: 'read' },
  size: 'large',
});
