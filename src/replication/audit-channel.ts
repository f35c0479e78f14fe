/** The channel with one member for the audit: tells which chains are here, asks for records and gives them, one question at a time. It judges no record. */
import {
  AUDIT_MESSAGE_BYTES_MAX,
  type AuditChainName,
  type AuditMessage,
  type AuditRecords,
  auditMessage,
  CHAINS_MAX,
  type HeldChain,
} from './audit-messages.ts';
import { PeerChannel } from './peer-channel.ts';
import type { SecureStream } from './secure-stream.ts';

const PROTOCOL = 'openkma-audit/1';
const ANSWER_MS = 30_000;
/** Looked for at once, or found and not read yet. One is asked at a time, but who has given one up asks the next while the first is still looked for. */
const QUESTIONS_MAX = 2;
/** More than there are terms of lives; what goes beyond is not looked at. */
const THEIR_CHAINS_MAX = 30_000;

export interface AuditChannelParts {
  readonly find: (name: AuditChainName, afterSeq: number) => Promise<AuditRecords | null>;
  /** Once; with the reason where the other side broke the rules. */
  readonly onClose: (broken: string | null) => void;
}

export class AuditChannel {
  readonly #parts: AuditChannelParts;
  readonly #channel: PeerChannel<AuditMessage>;
  readonly #theirs = new Map<string, HeldChain>();
  /** To be told, by chain: the newest, while the other side does not read. */
  readonly #untold = new Map<string, HeldChain>();
  #asked: { readonly sequence: number; readonly done: (found: AuditRecords | null) => void } | null = null;
  #sequence = 0;
  #questions = 0;
  #open = false;

  constructor(stream: SecureStream, parts: AuditChannelParts) {
    this.#parts = parts;
    this.#channel = new PeerChannel<AuditMessage>(stream, {
      protocol: PROTOCOL,
      schema: auditMessage,
      maxBytes: AUDIT_MESSAGE_BYTES_MAX,
      encode: (message) => Buffer.from(JSON.stringify(message), 'utf8'),
      decode: (bytes) => JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown,
      onOpen: () => {
        this.#open = true;
        this.#tell();
      },
      onMessage: (message) => this.#receive(message),
      onDrain: () => this.#tell(),
      onClose: (broken) => {
        this.#open = false;
        this.#asked?.done(null);
        parts.onClose(broken);
      },
    });
  }

  /** As the other side has told, in that order. Nobody is told when: else each message, however short, would cost a look at all of them. */
  chains(): Iterable<HeldChain> {
    return this.#theirs.values();
  }

  tell(chains: readonly HeldChain[]): void {
    for (const chain of chains) this.#untold.set(idOf(chain), chain);
    this.#tell();
  }

  /** Null where no answer comes, or another question is under way. */
  ask({ incarnationId, term }: AuditChainName, afterSeq: number): Promise<AuditRecords | null> {
    if (!this.#open || this.#asked !== null) return Promise.resolve(null);
    const sequence = ++this.#sequence;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#asked?.done(null), ANSWER_MS);
      const done = (found: AuditRecords | null) => {
        clearTimeout(timer);
        this.#asked = null;
        resolve(found);
      };
      this.#asked = { sequence, done };
      this.#channel.send({ t: 'after', sequence, incarnationId, term, afterSeq });
    });
  }

  #tell(): void {
    while (this.#open && this.#channel.drained && this.#untold.size > 0) {
      const chains = [...this.#untold.values()].slice(0, CHAINS_MAX);
      for (const chain of chains) this.#untold.delete(idOf(chain));
      this.#channel.send({ t: 'chains', chains });
    }
  }

  #receive(message: AuditMessage): void {
    if (message.t === 'after') return this.#answer(message);
    if (message.t === 'records') {
      if (this.#asked?.sequence === message.sequence) this.#asked.done(message.found);
      return;
    }
    for (const chain of message.chains)
      if (this.#theirs.size < THEIR_CHAINS_MAX || this.#theirs.has(idOf(chain)))
        this.#theirs.set(idOf(chain), chain);
  }

  #answer({ sequence, afterSeq, ...name }: Extract<AuditMessage, { t: 'after' }>): void {
    // A slow core here is no fault of who asks: he hears that there is nothing now, and asks again later.
    if (this.#questions >= QUESTIONS_MAX) return this.#nothing(sequence);
    this.#questions += 1;
    const { incarnationId, term } = name;
    this.#parts
      .find({ incarnationId, term }, afterSeq)
      .catch(() => null)
      .then((found) => {
        this.#channel.send({ t: 'records', sequence, found });
        return this.#channel.left();
      })
      .finally(() => {
        this.#questions -= 1;
      });
  }

  /** Unless who asks does not read: then answers would only heap up, and he gives the question up by himself. */
  #nothing(sequence: number): void {
    if (this.#channel.drained) this.#channel.send({ t: 'records', sequence, found: null });
  }
}

function idOf({ incarnationId, term }: AuditChainName): string {
  return `${incarnationId}:${term}`;
}
