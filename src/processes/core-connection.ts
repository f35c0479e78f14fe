/** A front's connection to the core over its Unix socket: deadlines, and a new connection when the core was replaced. It never repeats a question. */
import { connect } from 'node:net';
import type { z } from 'zod';
import { logEvent } from '../log-line.ts';
import { FrameSocket } from './frame.ts';
import { expectMessage } from './messages.ts';

export interface CoreConnectionOptions<Answer> {
  readonly path: string;
  /** How long a question waits for a core that is being replaced. */
  readonly reconnectMs: number;
  readonly answers: z.ZodType<Answer>;
  /** The way to the socket is closed to this user, which no waiting will change. */
  readonly denied: (error: Error) => void;
  /** Some times a second, for what is told to the core now and then. */
  readonly onSweep: () => void;
}

const RETRY_MS = 50;
/** A socket that the core has just made is closed to fronts for the moment until it gets their group. */
const DENIED_TRIES = 20;
const SWEEP_MS = 250;

interface Waiting<Answer> {
  readonly answer: (answer: Answer | null) => void;
  readonly deadlineMs: number;
}

export class CoreConnection<Message extends object, Answer extends { readonly id: number }> {
  readonly #options: CoreConnectionOptions<Answer>;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  readonly #sweep: NodeJS.Timeout;
  #frames: FrameSocket | null = null;
  #connection = Promise.withResolvers<FrameSocket | null>();
  #nextId = 1;
  #closed = false;
  #deniedTries = 0;

  constructor(options: CoreConnectionOptions<Answer>) {
    this.#options = options;
    this.#sweep = setInterval(() => this.#sweepOnce(), SWEEP_MS);
    this.#connect();
  }

  get connected(): boolean {
    return this.#frames !== null;
  }

  /** Resolves with the first connection, or when closed before. */
  async opened(): Promise<void> {
    await this.#connection.promise;
  }

  /** Null where the core does not answer in time or has gone: what was asked may have been done or not. */
  async ask(
    question: (id: number) => Message & { readonly id: number },
    timeoutMs: number,
  ): Promise<Answer | null> {
    const frames = this.#frames ?? (await this.#connected());
    if (frames === null || frames.closed) return null;
    const { promise, resolve } = Promise.withResolvers<Answer | null>();
    const message = question(this.#nextId++);
    frames.send(message);
    this.#waiting.set(message.id, { answer: resolve, deadlineMs: performance.now() + timeoutMs });
    return promise;
  }

  /** Lost where there is no core. */
  tell(message: Message): void {
    this.#frames?.send(message);
  }

  /** The same, with the next message that leaves, or soon. */
  tellLater(message: Message): void {
    this.#frames?.sendLater(message);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    this.#frames?.end();
    this.#connection.resolve(null);
    this.#lose();
  }

  async #connected(): Promise<FrameSocket | null> {
    const { promise, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), this.#options.reconnectMs);
    const frames = await Promise.race([this.#connection.promise, promise]);
    clearTimeout(timer);
    return frames;
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(this.#options.path);
    const again = () => setTimeout(() => this.#connect(), RETRY_MS);
    const failed = (error: Error) => {
      this.#deniedTries = 'code' in error && error.code === 'EACCES' ? this.#deniedTries + 1 : 0;
      if (this.#deniedTries >= DENIED_TRIES) this.#options.denied(error);
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

  #lose(): void {
    if (this.#frames !== null) this.#connection = Promise.withResolvers();
    this.#frames = null;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, null);
  }

  #receive(raw: unknown): void {
    const answer = expectMessage(this.#options.answers, raw);
    this.#settle(answer.id, answer);
  }

  #settle(id: number, answer: Answer | null): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.answer(answer);
  }

  #sweepOnce(): void {
    const nowMs = performance.now();
    for (const [id, { deadlineMs }] of this.#waiting) if (deadlineMs <= nowMs) this.#settle(id, null);
    this.#options.onSweep();
  }
}
