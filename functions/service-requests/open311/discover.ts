/** Service discovery (https://wiki.open311.org/Service_Discovery/): where this interface is, and our own beside it. */
import { catalogueReader } from '../../catalogue/reader.ts';
import type { Run } from '../../http/call.ts';
import { ok } from '../../kernel/result.ts';
import type { discover as declaration } from './contract.ts';

const SPECIFICATION = 'http://wiki.open311.org/GeoReport_v2';
/** When what the endpoints speak changed last. */
const CHANGESET = '2026-11-28 00:00';

export const discover: Run<(typeof declaration)['xml']> = async ({ runtime, origin }) => {
  const { contact, keyService } = await catalogueReader(runtime.database).setting('open311');
  const endpoint = { changeset: CHANGESET, type: 'production' } as const;
  return ok({
    status: 200,
    body: {
      changeset: CHANGESET,
      contact,
      key_service: keyService,
      endpoints: [
        { ...endpoint, specification: SPECIFICATION, url: `${origin}/open311/v2`, formats: ['text/xml', 'application/json'] },
        { ...endpoint, specification: `${origin}/openapi.json`, url: `${origin}/v1`, formats: ['application/json', 'text/csv'] },
      ],
    },
  });
};
