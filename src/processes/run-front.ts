/** What every front process does around its listeners: waits for the order, gives up root, serves, and ends in order. It opens no file of the KMA. */
import type { z } from 'zod';
import { outliveOutput } from '../log-line.ts';
import { expectMessage, type FrontToSupervisor, type FrontUser, type TlsMaterial } from './messages.ts';

/** Under the supervisor's patience, and over the time an ordinary call takes. */
const DRAIN_MS = 8_000;

/** Open listeners with their link to the core. */
export interface ServingFront<Tls> {
  updateTls(tls: Tls): void;
  /** Answers what is under way, then lets go of the core. */
  end(deadlineMs: number): Promise<void>;
}

interface FrontStart {
  readonly t: 'start';
  readonly tls: TlsMaterial;
  readonly user: FrontUser | null;
}
type FrontMessage<S extends FrontStart> =
  | S
  | { readonly t: 'tls'; readonly tls: S['tls'] }
  | { readonly t: 'stop' };

/** What is listened on behalf of, besides the order itself. */
export interface FrontTools<Tls, Loaded> {
  /** As it was told last. */
  readonly tls: () => Tls;
  /** Ends the process. */
  readonly fail: (error: unknown) => void;
  readonly loaded: Loaded;
}

/** `load` reads and binds what only who started the KMA may; `open` then reaches the core, and listens. */
export function runFront<S extends FrontStart, Loaded>(
  messages: z.ZodType<FrontMessage<S>>,
  load: (start: S) => Promise<Loaded>,
  open: (start: S, tools: FrontTools<S['tls'], Loaded>) => Promise<ServingFront<S['tls']>>,
): void {
  outliveOutput();
  let front: ServingFront<S['tls']> | null = null;
  /** The last that was told, also while the front still waits for the core. */
  let tls: S['tls'];

  async function handle(message: FrontMessage<S>): Promise<void> {
    if (message.t === 'stop') return stop();
    tls = message.tls;
    if (message.t === 'tls') return front?.updateTls(tls);
    const loaded = await load(message);
    if (message.user !== null) giveUpRoot(message.user);
    front = await open(message, { tls: () => tls, fail, loaded });
    if (tls !== message.tls) front.updateTls(tls);
    tell({ t: 'listening' });
  }

  async function stop(): Promise<void> {
    await front?.end(DRAIN_MS);
    process.disconnect?.();
    process.exit(0);
  }

  process.on('message', (raw) => {
    handle(expectMessage(messages, raw)).catch(fail);
  });
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => stop().catch(fail));
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
