/** GET /livez and /readyz over a Unix socket of the data directory (0600), for systemd, containers and people with curl: whether the processes live and the core answers, and whether agents are served. It is apart from the core, so that it answers when the core does not, and it changes nothing. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Obstacle } from './messages.ts';

export interface HealthSources {
  /** Names of the processes that should run and do not. */
  readonly missing: () => readonly string[];
  /** Null where the core does not answer in time. */
  readonly askCore: () => Promise<readonly Obstacle[] | null>;
}

const CONNECTIONS_MAX = 16;
const REQUEST_MS = 5_000;
const NO_ANSWER = 'the core does not answer';

/** Takes the place of a socket that a killed KMA has left. */
export async function listenForHealth(dataDirectory: string, sources: HealthSources): Promise<Server> {
  const path = join(dataDirectory, 'health.sock');
  rmSync(path, { force: true });
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAlive: false },
    (request, response) => {
      answer(request, sources)
        .then(({ status, body }) => send(response, status, body))
        .catch((error: unknown) => send(response, 500, { error: String(error) }));
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(path, () => {
    chmodSync(path, 0o600);
    resolve();
  });
  await promise;
  return server;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

async function answer({ method, url }: IncomingMessage, sources: HealthSources): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { error: 'GET only' } };
  if (url === '/livez') return live(sources);
  if (url === '/readyz') return ready(sources);
  return { status: 404, body: { error: 'there are /livez and /readyz' } };
}

/** A KMA that is locked or has stopped itself lives: starting it again is for people to decide. */
async function live({ askCore, missing }: HealthSources): Promise<Answer> {
  const answered = (await askCore()) !== null;
  const problems = [
    ...missing().map((name) => `the ${name} process does not run`),
    ...(answered ? [] : [NO_ANSWER]),
  ];
  return { status: problems.length === 0 ? 200 : 503, body: { live: problems.length === 0, problems } };
}

async function ready({ askCore }: HealthSources): Promise<Answer> {
  const reasons = (await askCore()) ?? [{ reason: 'no-answer', detail: NO_ANSWER }];
  return { status: reasons.length === 0 ? 200 : 503, body: { ready: reasons.length === 0, reasons } };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(`${JSON.stringify(body)}\n`);
}
