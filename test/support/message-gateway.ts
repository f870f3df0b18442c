/** A city's message gateway: takes what is handed over, once by its id, and fails when it is told to. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MessageGateway {
  readonly url: string;
  /** Ids that were taken, each once. */
  readonly ids: () => readonly string[];
  /** Ids that came again after they had been taken. */
  readonly repeated: () => readonly string[];
  readonly fail: (when: (id: string) => boolean) => void;
  /** Forgets what came, and fails no more. */
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}

export const gateway = async (): Promise<MessageGateway> => {
  const ids = new Set<string>();
  let repeated: string[] = [];
  let fails = (_id: string): boolean => false;
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    request.resume().on('end', () => {
      const failed = fails(id);
      if (!failed && ids.has(id)) repeated.push(id);
      if (!failed) ids.add(id);
      response.writeHead(failed ? 500 : 200).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ids: () => [...ids],
    repeated: () => repeated,
    fail: (when) => {
      fails = when;
    },
    forget: () => {
      ids.clear();
      repeated = [];
      fails = () => false;
    },
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};
