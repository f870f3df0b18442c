/** Which adapter carries what: the kinds that the stage carries itself by their own, all others, and on one machine all, by the city's gateway. */
import type { Runtime } from '../../data/runtime.ts';
import { VARIABLES, type Environment } from '../../kernel/environment.ts';
import { adapterOf } from './adapters.ts';
import type { Carrier } from './carrier.ts';
import type { ChannelKind } from './channel.ts';
import { directIn } from './direct.ts';
import { gatewayCarrier } from './gateway.ts';

type CarrierRuntime = Pick<Runtime, 'environment' | 'secrets' | 'secret' | 'now' | 'log'>;

interface Made {
  readonly variable: string | undefined;
  readonly carrierOf: (kind: ChannelKind) => Promise<Carrier>;
}

/** One of each for a system: an adapter keeps its client, its keys and its token. */
const made = new WeakMap<Environment, Made>();

const madeFor = (runtime: CarrierRuntime): Made => {
  const variable = runtime.environment.optional(VARIABLES.carriers);
  const known = made.get(runtime.environment);
  if (known !== undefined && known.variable === variable) return known;
  const direct = directIn(variable);
  const byKind = new Map<ChannelKind, Promise<Carrier>>();
  const carrierOf = (kind: ChannelKind): Promise<Carrier> => {
    const carrier = byKind.get(kind) ?? adapterOf(kind, direct, runtime).then((adapter) => adapter ?? gatewayCarrier(runtime));
    byKind.set(kind, carrier);
    return carrier;
  };
  const fresh = { variable, carrierOf };
  made.set(runtime.environment, fresh);
  return fresh;
};

/** Cheap to ask for. A function that carries declares `carries`. */
export const carriers =
  (runtime: CarrierRuntime): Carrier =>
  async (channel, letter) =>
    (await madeFor(runtime).carrierOf(channel.kind))(channel, letter);
