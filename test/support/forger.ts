/** An OpenID provider that a test starts to sign whatever it likes: good tokens, and every kind of bad one. */
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Forger {
  readonly url: string;
  readonly good: () => Promise<string>;
  /** Bad tokens by what is wrong with each. */
  readonly bad: () => Promise<Readonly<Record<string, string>>>;
  readonly stop: () => Promise<void>;
}

const HOUR_SECONDS = 3600;

/** `nowSeconds` is the moment by the system's own clock. */
export const startForger = async ({ audience, nowSeconds }: { audience: string; nowSeconds: () => number }): Promise<Forger> => {
  const [ours, theirs] = await Promise.all([generateKeyPair('RS256', { extractable: true }), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'good', alg: 'RS256', use: 'sig' };
  const pem = await exportSPKI(ours.publicKey);
  let url = '';
  const server = createServer((request, response) => {
    const document = request.url?.endsWith('/jwks.json') === true ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/jwks.json` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const claims = (): JWTPayload => ({
    sub: 'forger',
    roles: ['resident', 'worker', 'dispatcher', 'provider', 'alertOfficer', 'treasurer', 'auditor', 'admin'],
    division: '510104',
    iss: url,
    aud: audience,
    iat: nowSeconds(),
    exp: nowSeconds() + HOUR_SECONDS,
  });
  const without = (name: string): JWTPayload => Object.fromEntries(Object.entries(claims()).filter(([each]) => each !== name));
  const sign = (payload: JWTPayload, header: { kid?: string; alg?: string } = {}, key = ours.privateKey): Promise<string> =>
    new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'good', ...header }).sign(key);
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  const good = (): Promise<string> => sign(claims());
  return {
    url,
    good,
    bad: async () => {
      const [header = '', payload = '', signature = ''] = (await good()).split('.');
      const bytes = Buffer.from(signature, 'base64url');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return {
        'alg none': new UnsecuredJWT(claims()).encode(),
        'alg none with a signature': `${encoded({ alg: 'none', kid: 'good' })}.${payload}.${signature}`,
        'HS256 with the public key': await new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'good' })
          .sign(new TextEncoder().encode(pem)),
        'another key': await sign(claims(), {}, theirs.privateKey),
        'an unknown kid': await sign(claims(), { kid: 'unknown' }),
        'another issuer': await sign({ ...claims(), iss: 'https://issuer.example' }),
        'another audience': await sign({ ...claims(), aud: 'other' }),
        'no audience': await sign(without('aud')),
        expired: await sign({ ...claims(), exp: nowSeconds() - 1 }),
        'no end': await sign(without('exp')),
        'not yet valid': await sign({ ...claims(), nbf: nowSeconds() + 60 }),
        'no subject': await sign(without('sub')),
        'a changed payload': `${header}.${encoded({ ...claims(), sub: 'somebody-else' })}.${signature}`,
        'one bit of the signature flipped': `${header}.${payload}.${bytes.toString('base64url')}`,
        'no signature': `${header}.${payload}.`,
        'no JWT': 'abc.def.ghi',
        'one word': 'token',
      };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
