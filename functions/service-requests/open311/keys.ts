/** Keys of Open311 clients: issued, listed and revoked by the administrators of the division that they reach. */
import { auditWrite, type AuditEntry } from '../../audit/writer.ts';
import { divisionsReader } from '../../divisions/reader.ts';
import { isMatch, type Repeatable, type Run, type SignedInCall } from '../../http/call.ts';
import { nextOf, positionOf } from '../../http/page.ts';
import { administers } from '../../http/principal.ts';
import { wrongField } from '../../http/problem.ts';
import { limitOf } from '../../http/schema.ts';
import { newId } from '../../kernel/id.ts';
import { err, ok } from '../../kernel/result.ts';
import { toInstant } from '../../kernel/time.ts';
import { hashOf, keyOf, newKey, type ApiClient } from './client.ts';
import { clientRepository } from './client-repository.ts';
import type {
  issueKey as issueDeclaration,
  listKeys as listDeclaration,
  readKey as readDeclaration,
  revokeKey as revokeDeclaration,
} from './contract.ts';

const viewOf = ({ id, name, division, madeAt, revokedAt }: Omit<ApiClient, 'pk' | 'sk'>) => ({ id, name, division, madeAt, revokedAt });

const locationOf = (id: string): string => `/v1/open311/keys/${id}`;

const accountOf = (
  { caller, now, requestId }: SignedInCall,
  { id, division }: Pick<ApiClient, 'id' | 'division'>,
  action: string,
): AuditEntry => ({
  resource: `open311/keys/${id}`,
  community: division,
  action,
  caller,
  now,
  requestId,
});

export const issueKey: Repeatable<typeof issueDeclaration> = {
  run: async (call) => {
    const { runtime, caller, body, now, requestId } = call;
    if (!administers(caller, body.division)) return err({ code: 'forbidden' });
    if ((await divisionsReader(runtime.database).find(body.division)) === undefined)
      return err(wrongField('division', { 'zh-CN': '没有这个区划', en: 'is no division here' }));
    const id = newId(runtime.random);
    const key = newKey(runtime.secrets, id);
    const at = toInstant(now);
    const client = { id, ...body, hash: hashOf(key), madeAt: at, changedAt: at, version: 1, change: 'made', requestId } as const;
    const clients = clientRepository(runtime.database);
    const written = await clients.write([
      ...clients.puts(client, undefined),
      auditWrite(accountOf(call, client, 'issueOpen311Key')),
      ...call.once(201, id),
    ]);
    if (!written.ok) return err({ code: 'conflict' });
    return ok({ status: 201, body: { ...viewOf(client), key }, version: client.version, location: locationOf(id) });
  },
  replay: async ({ runtime }, id) => {
    const client = await clientRepository(runtime.database).read(id);
    const key = client === undefined ? undefined : keyOf(runtime.secrets, client);
    if (client === undefined || key === undefined) return err({ code: 'notFound' });
    return ok({ status: 201, body: { ...viewOf(client), key }, version: client.version, location: locationOf(id) });
  },
};

/** So many are looked at for a page: keys are few, and other divisions' among them. */
const MOST_READ = 200;

export const listKeys: Run<typeof listDeclaration> = async (call) => {
  const position = positionOf<string>(call, call.query.cursor);
  if (!position.ok) return position;
  const limit = limitOf(call.query.limit);
  const page = await clientRepository(call.runtime.database).list(MOST_READ, position.value);
  const seen = page.items.filter(({ division }) => administers(call.caller, division));
  const items = seen.slice(0, limit);
  const last = items.length < seen.length ? items.at(-1)?.id : page.after === undefined ? undefined : page.items.at(-1)?.id;
  return ok({ status: 200, body: { items: items.map(viewOf), next: nextOf(call, last) } });
};

export const readKey: Run<typeof readDeclaration> = async ({ runtime, caller, params }) => {
  const client = await clientRepository(runtime.database).read(params.id);
  if (client === undefined || !administers(caller, client.division)) return err({ code: 'notFound' });
  return ok({ status: 200, body: viewOf(client), version: client.version });
};

export const revokeKey: Run<typeof revokeDeclaration> = async (call) => {
  const { runtime, caller, params, now, requestId, ifMatch } = call;
  const clients = clientRepository(runtime.database);
  const client = await clients.read(params.id);
  if (client === undefined || !administers(caller, client.division)) return err({ code: 'notFound' });
  if (!isMatch(ifMatch, client.version)) return err({ code: 'preconditionFailed' });
  if (client.revokedAt !== undefined) return ok({ status: 200, body: viewOf(client), version: client.version });
  const at = toInstant(now);
  const revoked = { ...client, revokedAt: at, changedAt: at, version: client.version + 1, change: 'revoked', requestId } as const;
  const written = await clients.write([...clients.puts(revoked, client), auditWrite(accountOf(call, client, 'revokeOpen311Key'))]);
  return written.ok ? ok({ status: 200, body: viewOf(revoked), version: revoked.version }) : err({ code: 'conflict' });
};
