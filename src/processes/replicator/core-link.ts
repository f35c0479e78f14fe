/** The replicator's connection to the core: asks, tells, hears, and connects again when the core was replaced. It never repeats a question. */
import { connect } from 'node:net';
import { logEvent } from '../../log-line.ts';
import { FrameSocket } from '../frame.ts';
import { expectMessage } from '../messages.ts';
import { type CoreToReplicator, coreToReplicator, type ReplicatorToCore } from './messages.ts';

interface AnswerOf {
  readonly 'read-log': 'log';
  readonly entries: 'applied';
  readonly 'read-objects': 'objects';
  readonly objects: 'stored';
  readonly greeted: 'admitted';
  readonly base: 'base-made';
  readonly 'how-far': 'folded';
  readonly 'look-up': 'looked-up';
}
type Asked = keyof AnswerOf;
type Question<T extends Asked> = Omit<Extract<ReplicatorToCore, { t: T }>, 'id'>;
type Answer<T extends Asked> = Extract<CoreToReplicator, { t: AnswerOf[T] }>;
type AnyAnswer = Answer<Asked>;
/** What the core says without being asked. */
export type CoreSays = Exclude<CoreToReplicator, AnyAnswer>;
export type ReplicatorTells = Extract<
  ReplicatorToCore,
  { t: 'base-done' | 'caught-up' | 'peer' | 'standing' | 'service' | 'own-length' | 'refused' }
>;

export interface CoreLinkParts {
  readonly path: string;
  readonly onSaid: (message: CoreSays) => void;
  readonly onLost: () => void;
}

const RETRY_MS = 50;
/** After a message that was none: the next would be no better at once. */
const RECOVER_MS = 1_000;

export class CoreLink {
  readonly #parts: CoreLinkParts;
  readonly #waiting = new Map<number, (answer: AnyAnswer | null) => void>();
  #frames: FrameSocket | null = null;
  #nextId = 1;
  #closed = false;

  constructor(parts: CoreLinkParts) {
    this.#parts = parts;
    this.#connect();
  }

  get connected(): boolean {
    return this.#frames !== null;
  }

  /** Null where the core has gone: what was asked may have been done or not. */
  ask<T extends Asked>(question: Question<T> & { readonly t: T }): Promise<Answer<T> | null> {
    const frames = this.#frames;
    if (frames === null) return Promise.resolve(null);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, (answer) => resolve(answer as Answer<T> | null));
      frames.send({ ...question, id });
    });
  }

  /** Lost where there is no core. */
  tell(message: ReplicatorTells): void {
    this.#frames?.send(message);
  }

  close(): void {
    this.#closed = true;
    this.#frames?.end();
    this.#lose();
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(this.#parts.path);
    const again = (delayMs: number) => setTimeout(() => this.#connect(), delayMs);
    const failed = () => again(RETRY_MS);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      if (this.#closed) return void socket.destroy();
      this.#frames = new FrameSocket(socket, {
        onMessage: (raw) => this.#receive(expectMessage(coreToReplicator, raw)),
        onClose: (error) => {
          if (error !== null) logEvent('replicator: core', error.message);
          this.#lose();
          again(error === null ? RETRY_MS : RECOVER_MS);
        },
      });
    });
  }

  #receive(message: CoreToReplicator): void {
    if (!isAnswer(message)) return this.#parts.onSaid(message);
    const answer = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    answer?.(message);
  }

  #lose(): void {
    const wasOpen = this.#frames !== null;
    this.#frames = null;
    for (const answer of this.#waiting.values()) answer(null);
    this.#waiting.clear();
    if (wasOpen) this.#parts.onLost();
  }
}

function isAnswer(message: CoreToReplicator): message is AnyAnswer {
  return ['log', 'applied', 'objects', 'stored', 'admitted', 'base-made', 'folded', 'looked-up'].includes(
    message.t,
  );
}
