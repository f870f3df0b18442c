/** What AWS Secrets Manager keeps in the cloud, from a file on one machine: `{"payments/wechatPay": {…}}`. */
import { readFileSync } from 'node:fs';

/** Read each time that it is asked, so that a key can be rotated while the system runs. */
export const secretsFrom =
  (file: string | undefined) =>
  (name: string): Promise<unknown> => {
    if (file === undefined) return Promise.resolve(undefined);
    try {
      const all: unknown = JSON.parse(readFileSync(file, 'utf8'));
      return Promise.resolve(
        typeof all === 'object' && all !== null && Object.hasOwn(all, name) ? (all as Record<string, unknown>)[name] : undefined,
      );
    } catch {
      return Promise.reject(new Error(`${file} cannot be read as JSON: correct it, or start without LINLI_SECRETS_FILE.`));
    }
  };
