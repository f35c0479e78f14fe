/** The replicator process: has the engine and port 3336, and gets from the core who it is and who the members are. It opens neither the store nor a local file. */
import { outliveOutput } from '../../log-line.ts';
import { expectMessage, type FrontToSupervisor, supervisorToReplicator } from '../messages.ts';
import { Replicator } from './replicator.ts';

outliveOutput();
/** The engine would make its files readable by others. */
process.umask(0o077);
let replicator: Replicator | null = null;

process.on('message', (raw) => {
  const message = expectMessage(supervisorToReplicator, raw);
  if (message.t === 'stop') return void stop();
  replicator = new Replicator(message, {
    onListening: () => tell({ t: 'listening' }),
    onFailure: fail,
  });
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop());

async function stop(): Promise<void> {
  // The engine may be amid a block that a peer has sent, and throws where nobody can catch it, since its files are closed.
  process.once('uncaughtException', () => process.exit(0));
  await replicator?.close().catch(() => undefined);
  process.disconnect?.();
  process.exit(0);
}

function tell(message: FrontToSupervisor, sent = () => {}): void {
  if (process.connected) process.send?.(message, sent);
  else sent();
}

function fail(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const detail = (error instanceof Error ? error.message : String(error)).slice(0, 8192);
  const fatal = { t: 'fatal', code: code === 'EADDRINUSE' ? 'PORT_TAKEN' : 'SERVER_ERROR', detail } as const;
  tell(fatal, () => process.exit(1));
}
