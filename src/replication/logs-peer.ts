/** One connected member as the logs know it: tells it what is confirmed here, hears what is there, asks it how far it is. It moves no block. */
import { z } from 'zod';
import { PeerChannel } from './peer-channel.ts';
import { versionVector } from './peer-messages.ts';
import type { Confirmation, Peer } from './replicated-logs.ts';
import type { SecureStream } from './secure-stream.ts';

const PROTOCOL = 'openkma-logs/1';
/** A vector of as many lives as there may be. */
const MESSAGE_BYTES_MAX = 512 * 1024;

const question = z.int().min(0);
const logsMessage = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('confirm'), applied: versionVector, holds: versionVector }),
  z.strictObject({ t: z.literal('ask'), question }),
  z.strictObject({ t: z.literal('folded'), question, vector: versionVector }),
]);
type LogsMessage = z.infer<typeof logsMessage>;

export interface LogsPeerParts {
  /** As it is now. */
  readonly ownVector: () => Promise<Confirmation['applied']>;
  readonly confirmed: (confirmation: Confirmation) => void;
  /** With the reason where it broke the rules. */
  readonly closed: (broken: string | null) => void;
}

export class LogsPeer {
  readonly peer: Peer;
  readonly #channel: PeerChannel<LogsMessage>;
  readonly #asked = new Map<number, (vector: Confirmation['applied'] | null) => void>();
  #nextQuestion = 1;
  /** The newest, while the peer does not read. */
  #unsent: Confirmation | null = null;

  constructor(stream: SecureStream, peer: Peer, parts: LogsPeerParts) {
    this.peer = peer;
    this.#channel = new PeerChannel<LogsMessage>(stream, {
      protocol: PROTOCOL,
      schema: logsMessage,
      maxBytes: MESSAGE_BYTES_MAX,
      encode: (message) => Buffer.from(JSON.stringify(message), 'utf8'),
      decode: (bytes) => JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown,
      onOpen: () => undefined,
      onMessage: (message) => this.#receive(message, parts),
      onDrain: () => this.#unsent !== null && this.confirm(this.#unsent),
      onClose: (broken) => {
        parts.closed(broken);
        for (const answer of this.#asked.values()) answer(null);
        this.#asked.clear();
      },
    });
  }

  /** A later one says all that an earlier one did. */
  confirm(confirmation: Confirmation): void {
    this.#unsent = this.#channel.drained ? null : confirmation;
    if (this.#unsent === null) this.#channel.send({ t: 'confirm', ...confirmation });
  }

  /** What the peer has folded now; null where it does not say so in time. */
  askVector(timeoutMs: number): Promise<Confirmation['applied'] | null> {
    const asked = this.#nextQuestion++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#asked.get(asked)?.(null), timeoutMs);
      this.#asked.set(asked, (vector) => {
        clearTimeout(timer);
        this.#asked.delete(asked);
        resolve(vector);
      });
      this.#channel.send({ t: 'ask', question: asked });
    });
  }

  close(): void {
    this.#channel.close(null);
  }

  #receive(message: LogsMessage, parts: LogsPeerParts): void {
    if (message.t === 'confirm') parts.confirmed({ applied: message.applied, holds: message.holds });
    else if (message.t === 'ask')
      parts.ownVector().then(
        (vector) => this.#answer(message.question, vector),
        () => this.#answer(message.question, {}),
      );
    else this.#asked.get(message.question)?.(message.vector);
  }

  /** Who does not read what he asked for gets no more of it. */
  #answer(question: number, vector: Confirmation['applied']): void {
    if (this.#channel.drained) this.#channel.send({ t: 'folded', question, vector });
  }
}
