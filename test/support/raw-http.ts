/** HTTP as bytes: what fetch would tidy up before it is sent. */
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a request exactly as it is written, and reads the one answer to it. */
export const raw = (port: number, head: readonly string[], body: Uint8Array | string = ''): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const end = text.indexOf('\r\n\r\n');
      const [first = '', ...lines] = text.slice(0, end).split('\r\n');
      const headers = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
      );
      const sent = text.slice(end + 4);
      // An answer in chunks here is one chunk: its length, itself, and the end.
      const chunked = headers['transfer-encoding'] === 'chunked' ? sent.replace(/^[\da-f]+\r\n/i, '').replace(/\r\n0\r\n\r\n$/, '') : sent;
      resolve({ status: Number(first.split(' ')[1]), headers, body: chunked });
    });
    const bytes = Buffer.from(body);
    const length = bytes.length === 0 ? [] : [`Content-Length: ${bytes.length}`];
    socket.write(Buffer.concat([Buffer.from([...head, ...length, 'Connection: close', '', ''].join('\r\n')), bytes]));
  });
