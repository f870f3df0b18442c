/** A certificate of this machine's own, for a day. Needs the command `openssl`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OPENSSL = 'openssl';

export interface Certificate {
  /** Files, PEM. */
  readonly key: string;
  readonly certificate: string;
  readonly remove: () => void;
}

/** For these names and addresses: `DNS:hooks.example.org,IP:127.0.0.1`. */
export const certificateFor = (names: string): Certificate => {
  const folder = mkdtempSync(join(tmpdir(), 'linli-certificate-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const made = spawnSync(
    OPENSSL,
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=linli -addext subjectAltName=${names}`
      .split(' ')
      .concat('-keyout', key, '-out', certificate),
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`This needs the command ${OPENSSL}: install it and run again. ${made.stderr ?? ''}`);
  return { key, certificate, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
