/** Physical names, by convention: what one stack makes, another or a person at a terminal finds without looking it up. */

/** `linli-<stage>-<part>`: tables, functions, rules, queues and alarms of a stage. */
export const physicalName = (stage: string, part: string): string => `linli-${stage}-${part}`;

/** The queue on which a function's events are parked that it could not handle. */
export const parkedQueueName = (stage: string, functionName: string): string => physicalName(stage, `${functionName}-parked`);

/** What the names of a stage's secrets begin with. */
export const secretsPrefix = (stage: string): string => `linli/${stage}/`;

/** Each rotation is a secret of its own, so that a template which names it changes with it. */
export const secretName = (stage: string, version: number): string => `${secretsPrefix(stage)}secret-${version}`;
