/** The SNMP agent on its UDP port: one datagram in, at most one out. Strangers get reports, and of those only so many a second. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { AuthoritativeEngine, type Heard } from './authoritative-engine.ts';
import { HostFiles } from './host-files.ts';
import { hostObjects, systemObjects } from './host-objects.ts';
import { healthObjects, type KmaHealth } from './kma-health.ts';
import { ManagedObjects } from './managed-objects.ts';
import type { FromAgent, Serve } from './messages.ts';

type Counted = Omit<Extract<FromAgent, { t: 'counted' }>, 't'>;

/** What is shown stays as it is for so long, so that a walk costs one look at the machine. */
const SHOWN_MS = 1_000;
const LOAD_OVER_MS = 60_000;
const REPORTS_A_SECOND = 100;

const NOTHING: Counted = { answered: 0, unknownUser: 0, wrongDigest: 0, other: 0 };

export class SnmpAgent {
  readonly #serve: Serve;
  readonly #files: HostFiles;
  readonly #startedAtMs = performance.now();
  readonly #engine: AuthoritativeEngine;
  readonly #load: NodeJS.Timeout;
  #socket: Socket | null = null;
  #health: KmaHealth | null = null;
  #shown: { readonly objects: ManagedObjects; readonly untilMs: number } | null = null;
  #before: ReturnType<HostFiles['processors']> = [];
  #counted = NOTHING;
  #reports = { sinceMs: 0, count: 0 };

  constructor(serve: Serve, files = new HostFiles()) {
    this.#serve = serve;
    this.#files = files;
    const key = (text: string) => new SecretBytes(Buffer.from(text, 'base64'));
    const { authentication, privacy, user, boots } = serve;
    this.#engine = new AuthoritativeEngine({
      engineId: Buffer.from(serve.engineId, 'hex'),
      ...{ user, boots },
      keys: {
        ...{ authentication, privacy },
        authenticationKey: key(serve.authenticationKey),
        privacyKey: key(serve.privacyKey),
      },
      elapsedSeconds: () => Math.floor((performance.now() - this.#startedAtMs) / 1000),
      answer: (question, bytesMax) => this.#objects().answer(question, bytesMax),
    });
    this.#load = setInterval(() => {
      this.#before = files.processors();
    }, LOAD_OVER_MS);
  }

  /** Bound, and deaf yet. Rejects where the port cannot be had. */
  async bind(): Promise<void> {
    const { address, port } = this.#serve;
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, address, resolve);
    });
    socket.removeAllListeners('error');
    socket.on('error', () => undefined);
  }
  listen(): void {
    this.#socket?.on('message', (bytes, from) => this.#heard(this.#engine.hear(bytes), from));
  }

  tell(health: KmaHealth): void {
    this.#health = health;
  }

  /** Since the last time it was asked; null where nothing was. */
  takeCounted(): Counted | null {
    const counted = this.#counted;
    this.#counted = NOTHING;
    return Object.values(counted).every((count) => count === 0) ? null : counted;
  }

  close(): void {
    clearInterval(this.#load);
    this.#socket?.close();
    this.#socket = null;
  }

  #heard({ reply, refused }: Heard, from: RemoteInfo): void {
    this.#count(refused);
    if (reply === null || (refused !== null && !this.#mayReport())) return;
    // A datagram that cannot be sent is as one that got lost.
    this.#socket?.send(reply, from.port, from.address, () => undefined);
  }

  /** Who asks for the engine or has another time begins as the standard wants it. */
  #count(refused: Heard['refused']): void {
    if (refused === 'unknownEngine' || refused === 'notInTimeWindow') return;
    const what =
      refused === null
        ? 'answered'
        : refused === 'unknownUser' || refused === 'wrongDigest'
          ? refused
          : 'other';
    this.#counted = { ...this.#counted, [what]: this.#counted[what] + 1 };
  }

  #mayReport(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#reports.sinceMs >= 1_000) this.#reports = { sinceMs: nowMs, count: 0 };
    this.#reports.count += 1;
    return this.#reports.count <= REPORTS_A_SECOND;
  }

  #objects(): ManagedObjects {
    const nowMs = performance.now();
    if (this.#shown !== null && nowMs < this.#shown.untilMs) return this.#shown.objects;
    const { name, version } = this.#serve;
    const health = this.#health;
    const objects = new ManagedObjects([
      ...systemObjects({ name, version }, (nowMs - this.#startedAtMs) / 1000),
      ...hostObjects(this.#files, this.#before, health?.storage ?? { totalBytes: 0, freeBytes: 0 }),
      ...(health === null ? [] : healthObjects(health, name, version)),
    ]);
    this.#shown = { objects, untilMs: nowMs + SHOWN_MS };
    return objects;
  }
}
