/** Brings a request as far as a test needs it, by the people whose part it is. */
import { expect } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { dispatcher, resident, SHUIJINGFANG, worker } from './people.ts';

type Post = (
  path: string,
  as: TokenClaims,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: { id: string }; readonly text: string }>;

export const STAGES = ['submitted', 'accepted', 'assigned', 'inProgress', 'resolved', 'closed'] as const;
export type Stage = (typeof STAGES)[number];

const STEPS: readonly (readonly [action: string, as: TokenClaims, body: unknown])[] = [
  ['accept', dispatcher, {}],
  ['assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }],
  ['start', worker, {}],
  ['resolve', worker, { resolution: '已更换灯泡' }],
  ['close', dispatcher, {}],
];

export const newRequest = { service: 'streetLamp', community: SHUIJINGFANG, description: '路灯不亮', channel: 'app' } as const;

/** Makes a request of the resident and brings it to a stage; answers with its id. */
export const requestAt = async (post: Post, stage: Stage, more: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const made = await post('/v1/requests', resident, { ...newRequest, ...more });
  expect([made.status, made.text]).toEqual([201, made.text]);
  const { id } = made.body;
  for (const [action, as, body] of STEPS.slice(0, STAGES.indexOf(stage))) {
    const answer = await post(`/v1/requests/${id}/${action}`, as, body);
    expect([action, answer.status, answer.text]).toEqual([action, 200, answer.text]);
  }
  return id;
};
