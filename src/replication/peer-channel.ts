/** A channel of messages beside the engine's own on one stream: bounded, checked by a schema, closed with the stream at the first wrong one. It knows no message. */
import Protomux, { type Channel, type Encoding, type Message } from 'protomux';
import type { z } from 'zod';
import type { SecureStream } from './secure-stream.ts';

export interface PeerChannelOptions<T extends object> {
  readonly protocol: string;
  readonly schema: z.ZodType<T>;
  readonly maxBytes: number;
  readonly encode: (message: T) => Uint8Array;
  /** Throws for what is no message. */
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly onOpen: () => void;
  readonly onMessage: (message: T) => void;
  /** After a `send` that said false. */
  readonly onDrain?: () => void;
  /** Once; with the reason where the other side broke the rules. */
  readonly onClose: (broken: string | null) => void;
}

/** A message is the whole of its bytes. */
const WHOLE: Encoding<Uint8Array> = {
  preencode(state, bytes) {
    state.end += bytes.length;
  },
  encode(state, bytes) {
    state.buffer.set(bytes, state.start);
    state.start += bytes.length;
  },
  decode(state) {
    const bytes = state.buffer.subarray(state.start, state.end);
    state.start = state.end;
    return bytes;
  },
};

export class PeerChannel<T extends object> {
  readonly #stream: SecureStream;
  readonly #options: PeerChannelOptions<T>;
  readonly #channel: Channel | null;
  readonly #message: Message<Uint8Array> | null;
  #closed = false;

  constructor(stream: SecureStream, options: PeerChannelOptions<T>) {
    this.#stream = stream;
    this.#options = options;
    this.#channel = Protomux.from(stream).createChannel({
      protocol: options.protocol,
      onopen: () => options.onOpen(),
      onclose: () => this.#ended(null),
      ondrain: () => options.onDrain?.(),
    });
    this.#message =
      this.#channel?.addMessage({ encoding: WHOLE, onmessage: (bytes) => this.#receive(bytes) }) ?? null;
    if (this.#channel === null) queueMicrotask(() => this.#ended(null));
    this.#channel?.open();
  }

  /** False while the other side does not read as fast as it is written to. */
  get drained(): boolean {
    return this.#channel?.drained ?? false;
  }

  /** False where the other side does not read as fast: then wait before sending what is large. Lost once it is closed. */
  send(message: T): boolean {
    if (this.#closed) return false;
    const bytes = this.#options.encode(message);
    if (bytes.length > this.#options.maxBytes) throw new Error(`a message of ${bytes.length} bytes`);
    return this.#message?.send(bytes) ?? false;
  }

  /** When all that was sent so far has left, or the stream is gone: who does not read what he has asked for holds that up. */
  async left(): Promise<void> {
    await this.#stream.flush();
  }

  /** Ends the whole stream: what speaks on it wrongly is not to be heard on any channel. */
  close(broken: string | null): void {
    this.#ended(broken);
    this.#stream.destroy();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    const message = this.#parse(bytes);
    if (typeof message === 'string') return this.close(message);
    this.#options.onMessage(message);
  }

  /** The text says what is wrong and repeats nothing of it. */
  #parse(bytes: Uint8Array): T | string {
    if (bytes.length > this.#options.maxBytes) return `a message of ${bytes.length} bytes`;
    let raw: unknown;
    try {
      raw = this.#options.decode(bytes);
    } catch {
      return 'a message that is none';
    }
    const checked = this.#options.schema.safeParse(raw);
    if (checked.success) return checked.data;
    const issue = checked.error.issues[0];
    return `an unexpected message: ${issue?.path.join('.') ?? ''} ${issue?.code ?? ''}`;
  }

  #ended(broken: string | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClose(broken);
  }
}
