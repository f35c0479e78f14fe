/** Whether members answer where agents reach them: a TLS handshake with each on its service network, again and again. It asks them nothing. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { ServiceAnswer } from '../../core/membership.ts';
import type { Member } from '../../replication/roster.ts';
import { peerKeySha256, type ReplicationTls, replicationContext } from '../../replication/tls.ts';

export interface ServiceProbeParts {
  /** The others, which have joined. */
  readonly members: () => readonly Member[];
  readonly tls: () => ReplicationTls | null;
  /** Of a name; rejects where it has none. */
  readonly addressesOf: (address: string) => Promise<readonly string[]>;
  /** All KMAs of a cluster have the same number for a service. */
  readonly port: number;
  readonly onAnswer: (kmaId: string, answer: ServiceAnswer) => void;
}

const FIRST_MS = 1_000;
const PROBE_MS = 10_000;
const ANSWER_MS = 3_000;
/** For the last words of both sides. */
const LEAVING_MS = 2_000;
const NO_WAY: ReadonlySet<unknown> = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
]);

export class ServiceProbe {
  readonly #parts: ServiceProbeParts;
  #timer: NodeJS.Timeout;
  #closed = false;

  constructor(parts: ServiceProbeParts) {
    this.#parts = parts;
    this.#timer = setTimeout(() => this.#round(), FIRST_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #round(): void {
    Promise.all(this.#parts.members().map((member) => this.#ask(member)))
      .catch(() => undefined)
      .finally(() => {
        if (!this.#closed) this.#timer = setTimeout(() => this.#round(), PROBE_MS);
      });
  }

  async #ask(member: Member): Promise<void> {
    const tls = this.#parts.tls();
    if (tls === null) return;
    const answer = await this.#answerOf(member, tls);
    if (!this.#closed) this.#parts.onAnswer(member.kmaId, answer);
  }

  async #answerOf({ serviceAddress, keySha256 }: Member, tls: ReplicationTls): Promise<ServiceAnswer> {
    const addresses =
      serviceAddress === '' ? [] : await this.#parts.addressesOf(serviceAddress).catch(() => []);
    let answer: ServiceAnswer = 'not-accessible';
    for (const host of addresses) {
      const found = await handshake(host, this.#parts.port, tls, keySha256);
      if (found === 'responding') return found;
      if (found === 'not-responding') answer = found;
    }
    return answer;
  }
}

/** Somebody else's key at its address is none of its answers. */
async function handshake(
  host: string,
  port: number,
  tls: ReplicationTls,
  keySha256: string,
): Promise<ServiceAnswer> {
  const socket = connect({ ...replicationContext(tls), host, port, checkServerIdentity: () => undefined });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) });
    const isItself = peerKeySha256(socket) === keySha256;
    await leave(socket);
    return isItself ? 'responding' : 'not-responding';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    return NO_WAY.has(code) ? 'not-accessible' : 'not-responding';
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

/** In order: a connection that is reset is what a stranger's attempt looks like, and the other side would tell its people. */
async function leave(socket: TLSSocket): Promise<void> {
  socket.resume().end();
  await once(socket, 'close', { signal: AbortSignal.timeout(LEAVING_MS) }).catch(() => undefined);
}
