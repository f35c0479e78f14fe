/** A front's link to the core over its Unix socket: deadlines, bounds, and a new connection when the core was replaced. It never repeats a call. */

import { connect } from 'node:net';
import { logEvent } from '../../log-line.ts';
import type { ServiceName } from '../../ports.ts';
import type { CoreAnswer, CoreLink } from '../../services/core-link.ts';
import { FrameSocket } from '../frame.ts';
import { coreToFront, expectMessage, type FrontOrigin, type FrontToCore } from '../messages.ts';

export interface CoreSocketLimits {
  /** How long a call waits for a core that is being replaced. */
  readonly reconnectMs: number;
  readonly callMs: number;
  readonly sessionMs: number;
  readonly callsUnderWay: number;
  /** Of these, how many may be calls of callers without a certificate. */
  readonly strangersUnderWay: number;
}
export const CORE_SOCKET_LIMITS: CoreSocketLimits = {
  reconnectMs: 2_000,
  callMs: 30_000,
  sessionMs: 1_000,
  callsUnderWay: 1_024,
  strangersUnderWay: 256,
};
const RETRY_MS = 50;
/** A socket that the core has just made is closed to fronts for the moment until it gets their group. */
const DENIED_TRIES = 20;
const SWEEP_MS = 250;
const REFUSED_KINDS_MAX = 256;

type Answer = CoreAnswer | { readonly session: Uint8Array | null };
interface Waiting {
  readonly answer: (answer: Answer) => void;
  readonly deadlineMs: number;
}
type Refused = Omit<Extract<FrontToCore, { t: 'refused' }>, 't'>;

const LOST: CoreAnswer = { fault: 'SERVER_ERROR' };

export class CoreSocket implements CoreLink {
  readonly #path: string;
  readonly #limits: CoreSocketLimits;
  readonly #denied: (error: Error) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #sweep: NodeJS.Timeout;
  #refused = new Map<string, Refused>();
  #frames: FrameSocket | null = null;
  #connection = Promise.withResolvers<FrameSocket | null>();
  #nextId = 1;
  #underWay = 0;
  #strangers = 0;
  #closed = false;
  #deniedTries = 0;

  /** `denied`: the way to the socket is closed to this user, which no waiting will change. */
  constructor(path: string, limits = CORE_SOCKET_LIMITS, denied: (error: Error) => void = () => undefined) {
    this.#path = path;
    this.#limits = limits;
    this.#denied = denied;
    this.#sweep = setInterval(() => this.#sweepOnce(), SWEEP_MS);
    this.#connect();
  }

  /** Resolves with the first connection, or when closed before. */
  async opened(): Promise<void> {
    await this.#connection.promise;
  }

  async call(operation: string, input: unknown, origin: FrontOrigin): Promise<CoreAnswer> {
    const stranger = origin.fingerprint === null ? 1 : 0;
    if (this.#underWay >= this.#limits.callsUnderWay) return { fault: 'SERVER_BUSY' };
    if (stranger === 1 && this.#strangers >= this.#limits.strangersUnderWay) return { fault: 'SERVER_BUSY' };
    this.#underWay += 1;
    this.#strangers += stranger;
    try {
      const frames = this.#frames ?? (await this.#connected());
      if (frames === null) return LOST;
      const answer = await this.#ask(
        frames,
        { t: 'call', id: this.#newId(), operation, input, origin },
        this.#limits.callMs,
      );
      return 'session' in answer ? LOST : answer;
    } finally {
      this.#underWay -= 1;
      this.#strangers -= stranger;
    }
  }

  /** Without a core there is no resumption, only a full handshake. */
  async sessionGet(service: ServiceName, key: string): Promise<Uint8Array | null> {
    if (this.#frames === null) return null;
    const question = { t: 'session-get', id: this.#newId(), service, key } as const;
    const answer = await this.#ask(this.#frames, question, this.#limits.sessionMs);
    return 'session' in answer ? answer.session : null;
  }

  sessionPut(service: ServiceName, key: string, data: Uint8Array): void {
    this.#frames?.sendLater({ t: 'session-put', service, key, data } satisfies FrontToCore);
  }

  /** Told together with the next sweep, so that strangers cannot make the core busy. */
  refused(service: ServiceName, reason: string, address: string): void {
    const kind = `${service} ${reason} ${address}`;
    const known = this.#refused.get(kind);
    if (known === undefined && this.#refused.size >= REFUSED_KINDS_MAX) return;
    this.#refused.set(kind, { service, reason, address, count: (known?.count ?? 0) + 1 });
  }

  close(): void {
    this.#closed = true;
    this.#tellRefused();
    clearInterval(this.#sweep);
    this.#frames?.end();
    this.#connection.resolve(null);
    this.#lose();
  }

  #newId(): number {
    return this.#nextId++;
  }

  #ask(
    frames: FrameSocket,
    message: FrontToCore & { readonly id: number },
    timeoutMs: number,
  ): Promise<Answer> {
    if (frames.closed) return Promise.resolve(LOST);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    frames.send(message);
    this.#waiting.set(message.id, { answer: resolve, deadlineMs: performance.now() + timeoutMs });
    return promise;
  }

  async #connected(): Promise<FrameSocket | null> {
    const { promise, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), this.#limits.reconnectMs);
    const frames = await Promise.race([this.#connection.promise, promise]);
    clearTimeout(timer);
    return frames;
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(this.#path);
    const again = () => setTimeout(() => this.#connect(), RETRY_MS);
    const failed = (error: Error) => {
      this.#deniedTries = 'code' in error && error.code === 'EACCES' ? this.#deniedTries + 1 : 0;
      if (this.#deniedTries >= DENIED_TRIES) this.#denied(error);
      again();
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      if (this.#closed) return void socket.destroy();
      const frames: FrameSocket = new FrameSocket(socket, {
        onMessage: (message) => this.#receive(message),
        onClose: (error) => {
          if (error !== null) logEvent('front: core', error.message);
          this.#lose();
          again();
        },
      });
      this.#frames = frames;
      this.#connection.resolve(frames);
    });
  }

  /** What was under way may have been done or not: the caller learns `Server Error`, and agents try again or elsewhere. */
  #lose(): void {
    if (this.#frames !== null) this.#connection = Promise.withResolvers();
    this.#frames = null;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, LOST);
  }

  #receive(raw: unknown): void {
    const message = expectMessage(coreToFront, raw);
    if (message.t === 'reply') this.#settle(message.id, { output: message.output });
    else if (message.t === 'fault') this.#settle(message.id, { fault: message.code });
    else this.#settle(message.id, { session: message.data });
  }

  #settle(id: number, answer: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.answer(answer);
  }

  #sweepOnce(): void {
    const nowMs = performance.now();
    for (const [id, { deadlineMs }] of this.#waiting) if (deadlineMs <= nowMs) this.#settle(id, LOST);
    this.#tellRefused();
  }

  #tellRefused(): void {
    if (this.#frames === null || this.#refused.size === 0) return;
    for (const refused of this.#refused.values())
      this.#frames.send({ t: 'refused', ...refused } satisfies FrontToCore);
    this.#refused = new Map();
  }
}
