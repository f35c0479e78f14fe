/** The reader process: answers lists and reports and makes snapshots over a read-only connection. It has no key material and writes no row. */

import { rmSync, statSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { encryptFile, hashFile } from '../../backup/backup-file.ts';
import { isRefusal } from '../../core/refusal.ts';
import { logEvent, outliveOutput } from '../../log-line.ts';
import { findOperation } from '../../operations/catalogue.ts';
import type { Self } from '../../operations/operation.ts';
import { kmaTimeMs } from '../../store/kma-time.ts';
import { removeLargeFile } from '../../store/large-file.ts';
import { makeSnapshot } from '../../store/snapshot.ts';
import { openStore, type Store } from '../../store/store.ts';
import { FrameSocket } from '../frame.ts';
import { expectMessage, type SupervisorToReader, supervisorToReader } from '../messages.ts';
import { standBehind } from '../stand-behind.ts';
import { listenForPlatform } from './audit-socket.ts';
import { Inspections } from './inspections.ts';
import {
  type BaseResult,
  type CoreToReader,
  coreToReader,
  type ReaderToCore,
  type SnapshotResult,
} from './messages.ts';
import { viewContextOf } from './view-context.ts';

outliveOutput();
const DAMAGE_LINES_MAX = 20;

const start = (message: Extract<SupervisorToReader, { t: 'start' }>): void => {
  const store = openStore({ path: message.databasePath, mode: 'read' });
  rmSync(message.socketPath, { force: true });
  const reader = { store, databasePath: message.databasePath, inspections: new Inspections(store) };
  const server = createServer((socket) => serve(socket, reader));
  // Lists and backups wait for agents, not agents for them; but a reader that is missing comes as fast as others.
  server.listen(message.socketPath, () => standBehind());
  void listenForPlatform(store, message.auditSocketPath);
};

process.on('message', (raw: unknown) => {
  const message = expectMessage(supervisorToReader, raw);
  if (message.t === 'start') start(message);
  else process.exit(0);
});
process.on('disconnect', () => process.exit(0));

interface Reader {
  readonly store: Store;
  readonly databasePath: string;
  readonly inspections: Inspections;
}

function serve(socket: Socket, reader: Reader): void {
  const frames: FrameSocket = new FrameSocket(socket, {
    onMessage: (raw) => {
      const request = expectMessage(coreToReader, raw);
      answer(request, reader, (message) => frames.send(message)).catch((error: unknown) => {
        logEvent('reader', (error instanceof Error ? error.stack : null) ?? String(error));
        frames.send({ t: 'refused', id: request.id, code: 'SERVER_ERROR' } satisfies ReaderToCore);
      });
    },
    onClose: () => undefined,
  });
}

async function answer(
  request: CoreToReader,
  { store, databasePath, inspections }: Reader,
  send: (message: ReaderToCore) => void,
): Promise<void> {
  const progress = (done: number, total: number) => send({ t: 'progress', id: request.id, done, total });
  if (request.t === 'snapshot')
    return send({ t: 'answer', id: request.id, output: await snapshot(request, databasePath, progress) });
  if (request.t === 'base')
    return send({ t: 'answer', id: request.id, output: await base(request.directory, databasePath) });
  if (request.t === 'check') return send({ t: 'answer', id: request.id, output: await damageOf(store) });
  const output =
    request.t === 'inspect' ? await inspect(request, store, inspections, progress) : view(request, store);
  if (isRefusal(output))
    send({
      t: 'refused',
      id: request.id,
      code: output.refused,
      ...(output.detail === undefined ? {} : { detail: output.detail }),
    });
  else send({ t: 'answer', id: request.id, output });
}

/** Between tables others are answered. */
async function damageOf(store: Store): Promise<string[]> {
  const damage: string[] = [];
  try {
    for (const found of store.quickCheck()) {
      damage.push(...found.slice(0, DAMAGE_LINES_MAX));
      await setImmediate();
    }
  } catch (error) {
    damage.push(error instanceof Error ? error.message : String(error));
  }
  return damage.slice(0, DAMAGE_LINES_MAX);
}

/** One unchanging view of the store for the whole question. */
function view(request: Extract<CoreToReader, { t: 'view' }>, store: Store): unknown {
  const operation = findOperation(request.operation);
  if (operation?.view === undefined) throw new Error(`${request.operation} has no view`);
  const input = operation.input.parse(request.input);
  const context = viewContextOf(store, request.self as Self, kmaTimeMs(store));
  return store.transaction(() => operation.view?.(input, context));
}

function inspect(
  { operation: name, input, self }: Extract<CoreToReader, { t: 'inspect' }>,
  store: Store,
  inspections: Inspections,
  progress: Progress,
): Promise<unknown> {
  const operation = findOperation(name);
  const begin = () => {
    const context = viewContextOf(store, self as Self, kmaTimeMs(store));
    const steps = operation?.inspect?.(operation.input.parse(input), context);
    if (steps === undefined) throw new Error(`${name} inspects nothing`);
    return steps;
  };
  const tell = atMostEvery(PROGRESS_MS, progress);
  return inspections.run(JSON.stringify([name, input, self]), begin, ({ done, total }) => tell(done, total));
}

type Progress = (done: number, total: number) => void;

/** The core passes each message on, and agents wait for the core. */
const PROGRESS_MS = 200;

function atMostEvery(intervalMs: number, tell: Progress): Progress {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    if (performance.now() - lastMs < intervalMs) return;
    lastMs = performance.now();
    tell(done, total);
  };
}

async function snapshot(
  request: Extract<CoreToReader, { t: 'snapshot' }>,
  databasePath: string,
  progress: Progress,
): Promise<SnapshotResult> {
  const plain = join(request.directory, 'snapshot.db');
  try {
    const made = makeSnapshot(databasePath, plain);
    const total = statSync(plain).size;
    const tell = atMostEvery(PROGRESS_MS, progress);
    const file = await encryptFile(
      plain,
      join(request.directory, request.fileName),
      request.recipient,
      (done) => tell(done, total),
    );
    return {
      vector: made.vector,
      heldVector: made.heldVector,
      stateHash: made.stateHash,
      fileSha256: file.sha256,
      fileBytes: file.bytes,
    };
  } finally {
    await removeLargeFile(plain);
  }
}

async function base(directory: string, databasePath: string): Promise<BaseResult> {
  const path = join(directory, 'base.db');
  const { stateHash, vector } = makeSnapshot(databasePath, path);
  const { bytes, sha256 } = await hashFile(path);
  return { path, bytes, sha256, stateHash, vector };
}
