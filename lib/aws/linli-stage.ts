/** One stage of the system: its stacks, in the order in which they are deployed. */
import { Stage, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundled } from '../bundle.ts';
import { ApiStack } from './api-stack.ts';
import { EventsStack } from './events-stack.ts';
import { ReactionsStack } from './reactions-stack.ts';
import type { Settings } from './settings.ts';
import type { StageParts } from './stage-parts.ts';
import { StateStack } from './state-stack.ts';

export interface LinliStageProps {
  readonly settings: Settings;
  readonly bundled: readonly Bundled[];
}

export class LinliStage extends Stage {
  constructor(scope: Construct, { settings, bundled }: LinliStageProps) {
    const { stage, account, region } = settings;
    super(scope, stage, {
      stageName: `linli-${stage}`,
      env: { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) },
    });
    Tags.of(this).add('linli:stage', stage);
    const state = new StateStack(this, 'state', { settings, description: `Linli ${stage}: what must not be lost` });
    const parts: StageParts = { settings, bundled, tables: state.tables, alarmTopic: state.alarmTopic };
    const events = new EventsStack(this, 'events', {
      parts,
      failedRecords: state.failedRecords,
      description: `Linli ${stage}: the bus, its relays and what runs by the clock`,
    });
    const reactions = new ReactionsStack(this, 'reactions', {
      parts,
      bus: events.bus,
      description: `Linli ${stage}: what follows from a change`,
    });
    const api = new ApiStack(this, 'api', { parts, description: `Linli ${stage}: what clients call` });
    // Functions name the secret without an export, and what follows from a change should be there before the first one.
    for (const each of [events, reactions, api]) each.addStackDependency(state);
    api.addStackDependency(reactions);
  }
}
