/** The front process: waits to be told where to listen, gives up root, then serves until told to stop. It opens no file of the KMA. */

import { outliveOutput } from '../../log-line.ts';
import { limitsOfListener } from '../../services/connection-limit.ts';
import { type Front, openFront } from '../../services/front.ts';
import { HTTP_LIMITS } from '../../services/http-server.ts';
import {
  expectMessage,
  type FrontToSupervisor,
  type FrontUser,
  type SupervisorToFront,
  supervisorToFront,
  type TlsMaterial,
} from '../messages.ts';
import { CORE_SOCKET_LIMITS, CoreSocket } from './core-socket.ts';

outliveOutput();
/** Under the supervisor's patience, and over the time an ordinary call takes. */
const DRAIN_MS = 8_000;

let front: Front | null = null;
let link: CoreSocket | null = null;
/** The last that was told, also while the front still waits for the core. */
let tls: TlsMaterial | null = null;

process.on('message', (raw) => {
  handle(expectMessage(supervisorToFront, raw)).catch(fail);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
process.on('SIGTERM', () => stop().catch(fail));

async function handle(message: SupervisorToFront): Promise<void> {
  if (message.t === 'stop') return stop();
  tls = message.tls;
  if (message.t === 'tls') return front?.updateTls(tls);
  if (message.user !== null) giveUpRoot(message.user);
  link = new CoreSocket(message.frontSocketPath, CORE_SOCKET_LIMITS, fail);
  await link.opened();
  const limits = { ...HTTP_LIMITS, ...limitsOfListener(message.connections) };
  front = await openFront({ listens: message.listens, tls, link, sharePorts: true, limits });
  tell({ t: 'listening', listens: [...front.listens] });
}

async function stop(): Promise<void> {
  await front?.drain(DRAIN_MS);
  link?.close();
  process.disconnect?.();
  process.exit(0);
}

/** Groups first: afterwards there is no right to change them. Everything is loaded by now, so nothing below the owner's home is needed any more. */
function giveUpRoot({ uid, gid }: FrontUser): void {
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  if (process.getuid?.() === 0 || process.geteuid?.() === 0) throw new Error('still root');
}

function tell(message: FrontToSupervisor, sent = () => {}): void {
  if (process.connected) process.send?.(message, sent);
  else sent();
}

function fail(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const detail = error instanceof Error ? error.message : String(error);
  const fatal = { t: 'fatal', code: code === 'EADDRINUSE' ? 'PORT_TAKEN' : 'SERVER_ERROR', detail } as const;
  tell(fatal, () => process.exit(1));
}
