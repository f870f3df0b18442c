/**
 * What a stranger writes with the client that a public tool has made of docs/openapi.json: a request from report to rating. The test puts the
 * client beside it as client.ts; the arguments are the tokens of a resident, a dispatcher and a worker.
 */
import {
  acceptRequest,
  assignRequest,
  createRequest,
  listRequests,
  rateRequest,
  readRequest,
  resolveRequest,
  startRequest,
  type Problem,
  type ServiceRequest,
  type ServiceRequestSummary,
} from './client.ts';

/** Types hold a program to the contract: none of these compiles. */
export const wrongly = [
  // @ts-expect-error: a request has a description
  () => createRequest({ service: 'streetLamp', community: '510104017001', channel: 'app' }),
  // @ts-expect-error: there is no such channel
  () => createRequest({ service: 'streetLamp', community: '510104017001', description: '路灯不亮', channel: 'telegram' }),
  // @ts-expect-error: a level is a number
  () => rateRequest('0', { level: '5' }),
  // @ts-expect-error: there is no such status
  () => listRequests({ status: 'done' }),
];

const [resident, dispatcher, worker] = process.argv.slice(2).map((token) => ({ headers: { authorization: `Bearer ${token}` } }));

const said = (answer: { readonly status: number; readonly data: unknown }): Error =>
  new Error(`${answer.status} ${JSON.stringify(answer.data)}`);

const made = await createRequest(
  {
    service: 'streetLamp',
    community: '510104017001',
    description: '楼下路灯坏了三天',
    channel: 'app',
    location: { lat: 30.6523, long: 104.0885, datum: 'wgs84' },
    contact: { name: '王芳', phone: '028 8666 0000' },
  },
  { headers: { ...resident?.headers, 'Idempotency-Key': '0f0e2b1e-6b1c-4f5c-9d3e-7c5d6a4b3c2d' } },
);
if (made.status !== 201) throw said(made);
const { id }: ServiceRequest = made.data;

const early = await resolveRequest(id, { resolution: '已更换灯泡' }, worker);
if (early.status !== 409) throw said(early);
const refused: Problem = early.data;

const accepted = await acceptRequest(id, { priority: 'high' }, dispatcher);
if (accepted.status !== 200) throw said(accepted);
const assigned = await assignRequest(id, { to: { kind: 'worker', id: 'worker-zhao' } }, dispatcher);
if (assigned.status !== 200) throw said(assigned);
const started = await startRequest(id, {}, worker);
if (started.status !== 200) throw said(started);
const resolved = await resolveRequest(id, { resolution: '已更换灯泡' }, worker);
if (resolved.status !== 200) throw said(resolved);
const rated = await rateRequest(id, { level: 5, dimensions: { efficiency: 5 }, comment: '师傅很耐心' }, resident);
if (rated.status !== 200) throw said(rated);

const read = await readRequest(id, resident);
if (read.status !== 200) throw said(read);
const whole: ServiceRequest = read.data;
const seen = await readRequest(id);
if (seen.status !== 200) throw said(seen);
const listed = await listRequests({ division: '510104017', status: 'resolved', limit: '10' }, dispatcher);
if (listed.status !== 200) throw said(listed);
const items: readonly ServiceRequestSummary[] = listed.data.items;
const wrong = await listRequests({ division: '510104017', limit: '1000' }, dispatcher);
if (wrong.status !== 422) throw said(wrong);

process.stdout.write(
  JSON.stringify({
    id,
    statuses: [made, accepted, assigned, started, resolved, rated].map(({ data }) => data.status),
    refused: [refused.code, refused.actions?.includes('accept')],
    mine: {
      status: whole.status,
      priority: whole.priority,
      contact: whole.contact?.name,
      resolution: whole.resolution,
      level: whole.rating?.level,
      history: whole.history.map(({ action }) => action),
    },
    everybodys: { description: seen.data.description, location: seen.data.location, contact: seen.data.contact, rating: seen.data.rating },
    listed: { items: items.map((item) => [item.id, item.status]), next: listed.data.next },
    wrong: wrong.data.errors?.map(({ path }) => path),
  }),
);
