/** The core's connection to the reader process: asks, waits within a deadline, connects again after the reader was replaced. */
import { connect } from 'node:net';
import { z } from 'zod';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Self } from '../../operations/operation.ts';
import { FrameSocket } from '../frame.ts';
import { expectMessage } from '../messages.ts';
import {
  type BaseResult,
  baseResult,
  type CoreToReader,
  readerToCore,
  type SnapshotResult,
  snapshotResult,
} from '../reader/messages.ts';

type Progress = (done: number, total: number) => void;
type Question = CoreToReader extends infer M ? (M extends { id: number } ? Omit<M, 'id'> : never) : never;

interface Waiting {
  readonly answer: (output: unknown) => void;
  readonly progress: Progress | undefined;
  timer: NodeJS.Timeout;
}

export interface ReaderLinkLimits {
  readonly answerMs: number;
  /** Copying or checking a large store is one step without progress; each progress of others begins it anew. */
  readonly wholeStoreMs: number;
}
const LIMITS: ReaderLinkLimits = { answerMs: 30_000, wholeStoreMs: 15 * 60_000 };
/** How long a question waits for a reader that is being replaced. */
const CONNECT_MS = 5_000;
const RETRY_MS = 100;

export class ReaderLink {
  readonly #path: string;
  readonly #self: () => Self;
  readonly #waiting = new Map<number, Waiting>();
  readonly #limits: ReaderLinkLimits;
  #frames: FrameSocket | null = null;
  #connecting: Promise<FrameSocket | null> | null = null;
  #nextId = 1;

  constructor(path: string, self: () => Self, limits = LIMITS) {
    this.#path = path;
    this.#self = self;
    this.#limits = limits;
  }

  /** The output of an operation's view, or a refusal. */
  view(operation: string, input: unknown): Promise<unknown> {
    return this.#ask({ t: 'view', operation, input, self: this.#selfNow() }, undefined);
  }

  /** The same of what may take minutes. */
  inspect(operation: string, input: unknown, progress: Progress): Promise<unknown> {
    return this.#ask({ t: 'inspect', operation, input, self: this.#selfNow() }, progress);
  }

  async snapshot(
    directory: string,
    fileName: string,
    recipient: string,
    progress: Progress,
  ): Promise<SnapshotResult | Refusal> {
    const output = await this.#ask({ t: 'snapshot', directory, fileName, recipient }, progress);
    const result = snapshotResult.safeParse(output);
    return result.success ? result.data : refuse('SERVER_ERROR', 'the reader made no snapshot');
  }

  async base(directory: string): Promise<BaseResult | Refusal> {
    const output = await this.#ask({ t: 'base', directory }, undefined);
    const result = baseResult.safeParse(output);
    return result.success ? result.data : refuse('SERVER_ERROR', 'the reader made no copy');
  }

  /** What is damaged in the file; null where the reader does not say. */
  async check(): Promise<readonly string[] | null> {
    const damage = z.array(z.string()).safeParse(await this.#ask({ t: 'check' }, undefined));
    return damage.data ?? null;
  }

  close(): void {
    this.#frames?.close(null);
  }

  #selfNow() {
    const { kmaId, kmaName, incarnationId } = this.#self();
    return { kmaId, kmaName, incarnationId };
  }

  async #ask(question: Question, progress: Progress | undefined): Promise<unknown> {
    const frames = this.#frames ?? (await this.#connected());
    if (frames === null) return refuse('SERVER_BUSY', 'the reader process is not there');
    const id = this.#nextId++;
    const { answerMs, wholeStoreMs } = this.#limits;
    return new Promise((resolve) => {
      const expire = () =>
        this.#settle(id, refuse('SERVER_BUSY', 'the reader process did not answer in time'));
      this.#waiting.set(id, {
        answer: resolve,
        progress,
        timer: setTimeout(expire, question.t === 'view' ? answerMs : wholeStoreMs),
      });
      frames.send({ ...question, id });
    });
  }

  /** One connection, also for those who ask at once. */
  #connected(): Promise<FrameSocket | null> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #connect(): Promise<FrameSocket | null> {
    for (let waitedMs = 0; waitedMs < CONNECT_MS; waitedMs += RETRY_MS) {
      const socket = connect(this.#path);
      const open = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      if (open)
        return this.#adopt(
          new FrameSocket(socket, { onMessage: (m) => this.#receive(m), onClose: () => this.#lost() }),
        );
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return null;
  }

  #adopt(frames: FrameSocket): FrameSocket {
    this.#frames = frames;
    return frames;
  }

  #receive(raw: unknown): void {
    const message = expectMessage(readerToCore, raw);
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    if (message.t === 'progress') {
      waiting.timer.refresh();
      return waiting.progress?.(message.done, message.total);
    }
    this.#settle(message.id, message.t === 'answer' ? message.output : refuse(message.code, message.detail));
  }

  #lost(): void {
    this.#frames = null;
    for (const id of [...this.#waiting.keys()])
      this.#settle(id, refuse('SERVER_BUSY', 'the reader process was replaced; try again'));
  }

  #settle(id: number, output: unknown): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    waiting.answer(output);
  }
}
