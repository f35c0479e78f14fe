/** The replicator's connection to the core: asks, tells, hears, and connects again when the core was replaced. It never repeats a question. */
import { logEvent } from '../../log-line.ts';
import { KeptConnection } from '../kept-connection.ts';
import { expectMessage } from '../messages.ts';
import { type CoreToReplicator, coreToReplicator, type ReplicatorToCore } from './messages.ts';

interface AnswerOf {
  readonly 'read-log': 'log';
  readonly entries: 'applied';
  readonly 'read-objects': 'objects';
  readonly objects: 'stored';
  readonly 'read-audit': 'audit';
  readonly 'audit-records': 'audit-taken';
  readonly greeted: 'admitted';
  readonly base: 'base-made';
  readonly 'how-far': 'folded';
  readonly ending: 'folded';
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
  {
    t:
      | 'base-done'
      | 'caught-up'
      | 'peer'
      | 'searched'
      | 'standing'
      | 'service'
      | 'own-length'
      | 'refused'
      | 'left-alone';
  }
>;

export interface CoreLinkParts {
  readonly path: string;
  readonly onSaid: (message: CoreSays) => void;
  readonly onLost: () => void;
}

export class CoreLink {
  readonly #parts: CoreLinkParts;
  readonly #waiting = new Map<number, (answer: AnyAnswer | null) => void>();
  readonly #connection: KeptConnection;
  #nextId = 1;
  #open = false;

  constructor(parts: CoreLinkParts) {
    this.#parts = parts;
    this.#connection = new KeptConnection({
      path: parts.path,
      onOpened: () => {
        this.#open = true;
      },
      onMessage: (raw) => this.#receive(expectMessage(coreToReplicator, raw)),
      onLost: (error) => {
        if (error !== null) logEvent('replicator: core', error.message);
        this.#lose();
      },
    });
  }

  get connected(): boolean {
    return this.#connection.connected;
  }

  /** Null where the core has gone: what was asked may have been done or not. */
  ask<T extends Asked>(question: Question<T> & { readonly t: T }): Promise<Answer<T> | null> {
    if (!this.connected) return Promise.resolve(null);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, (answer) => resolve(answer as Answer<T> | null));
      this.#connection.send({ ...question, id });
    });
  }

  /** Lost where there is no core. */
  tell(message: ReplicatorTells): void {
    this.#connection.send(message);
  }

  close(): void {
    this.#connection.close();
    this.#lose();
  }

  #receive(message: CoreToReplicator): void {
    if (!isAnswer(message)) return this.#parts.onSaid(message);
    const answer = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    answer?.(message);
  }

  #lose(): void {
    const wasOpen = this.#open;
    this.#open = false;
    for (const answer of this.#waiting.values()) answer(null);
    this.#waiting.clear();
    if (wasOpen) this.#parts.onLost();
  }
}

const ANSWERS: ReadonlySet<string> = new Set<AnswerOf[Asked]>([
  ...(['log', 'applied', 'objects', 'stored', 'audit', 'audit-taken'] as const),
  ...(['admitted', 'base-made', 'folded', 'looked-up'] as const),
]);

function isAnswer(message: CoreToReplicator): message is AnyAnswer {
  return ANSWERS.has(message.t);
}
