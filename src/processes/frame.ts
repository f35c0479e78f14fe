/** Length-prefixed JSON messages over a byte stream; it bounds what it reads and writes, and never knows what a message means. */
import type { Duplex } from 'node:stream';

export const FRAME_BYTES_MAX = 4 * 1024 * 1024;
const PREFIX_BYTES = 4;
const DEPTH_MAX = 32;
/** Within a connection's first exchange a message of this kind nearly always finds another to leave with. */
const LATER_MS = 20;
/** Unsent bytes at which a peer that does not read is given up. */
const UNSENT_BYTES_MAX = 16 * FRAME_BYTES_MAX;
/** Bytes travel as an object with this one property, holding base64. An object of callers that has such a property travels inside of one, so that it arrives as it was. */
const BYTES = '$b';
const BYTES_MARK = Buffer.from(`"${BYTES}"`);

/** The peer broke the framing, or does not read; the connection is closed. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** One message with its prefix. Throws for what is not plain data, so that no secret's class slips through unseen. */
export function encodeFrame(message: object, maxBytes = FRAME_BYTES_MAX): Buffer {
  const text = JSON.stringify(plain(message, 0));
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw new FrameError(`message of ${bytes} bytes, at most ${maxBytes}`);
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + bytes);
  frame.writeUInt32BE(bytes, 0);
  frame.write(text, PREFIX_BYTES, 'utf8');
  return frame;
}

/** The message of one frame, without its prefix. */
export function decodeBody(body: Buffer): unknown {
  let message: unknown;
  try {
    message = JSON.parse(body.toString('utf8'));
  } catch {
    throw new FrameError('message is not JSON');
  }
  return body.includes(BYTES_MARK) ? revive(message, 0) : message;
}

/** Replaces bytes by their JSON form; what holds no bytes is returned as it is. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return { [BYTES]: base64(value) };
  if (depth >= DEPTH_MAX) throw new FrameError('message is nested too deeply');
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError('only plain objects go into a message');
  return plainObject(value, depth);
}

function plainObject(value: object, depth: number): object {
  const marked = Object.hasOwn(value, BYTES);
  const own = marked ? depth + 1 : depth;
  if (own >= DEPTH_MAX) throw new FrameError('message is nested too deeply');
  let copy: Record<string, unknown> | null = null;
  for (const [name, inner] of Object.entries(value)) {
    const encoded = plain(inner, own + 1);
    if (encoded === inner) continue;
    copy ??= { ...value };
    copy[name] = encoded;
  }
  return marked ? { [BYTES]: copy ?? value } : (copy ?? value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** The reverse, in place. */
function revive(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) throw new FrameError('message is nested too deeply');
  const container = value as Record<string, unknown>;
  const marked = container[BYTES];
  if (marked === undefined || Object.keys(container).length > 1) return reviveMembers(container, depth);
  if (typeof marked === 'string') return Uint8Array.from(Buffer.from(marked, 'base64'));
  return typeof marked === 'object' && marked !== null && !Array.isArray(marked)
    ? reviveMembers(marked as Record<string, unknown>, depth + 1)
    : container;
}

function reviveMembers(container: Record<string, unknown>, depth: number): object {
  if (depth >= DEPTH_MAX) throw new FrameError('message is nested too deeply');
  for (const name of Object.keys(container)) {
    const inner = container[name];
    const revived = revive(inner, depth + 1);
    if (revived !== inner) container[name] = revived;
  }
  return container;
}

export interface FrameSocketOptions {
  readonly maxFrameBytes?: number;
  /** Stop reading requests while the peer does not read our answers. Only one side of a connection may do so. */
  readonly readOnlyWhileDrained?: boolean;
  /** `bytes`: what the message took on the wire. */
  readonly onMessage: (message: unknown, bytes: number) => void;
  /** Called once; with the reason where it was not an orderly end. */
  readonly onClose: (error: Error | null) => void;
}

/** Messages over one stream; those sent within one turn of the event loop leave in one write. Keys may be in them, so buffers are wiped after use. */
export class FrameSocket {
  readonly #stream: Duplex;
  readonly #options: FrameSocketOptions;
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #outgoing: Buffer[] = [];
  #flushing = false;
  /** Of what may wait. Ended with what it was for: one that came due for what has left would send the next alone. */
  #later: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(stream: Duplex, options: FrameSocketOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#maxBytes = options.maxFrameBytes ?? FRAME_BYTES_MAX;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('drain', () => stream.resume());
    stream.on('error', (error) => this.close(error));
    stream.on('end', () => this.close(null));
    stream.on('close', () => this.close(null));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Silently without effect after the close, which `onClose` has told already. Throws where the message cannot be encoded. */
  send(message: object): void {
    if (this.#closed) return;
    const frame = encodeFrame(message, this.#maxBytes);
    if (!this.#flushing) process.nextTick(() => this.#flush());
    this.#flushing = true;
    this.#outgoing.push(frame);
  }

  /** As `send`, but leaves with the next message, or soon: for what nobody waits for. */
  sendLater(message: object): void {
    if (this.#closed) return;
    const frame = encodeFrame(message, this.#maxBytes);
    if (this.#outgoing.length === 0) this.#later = setTimeout(() => this.#flush(), LATER_MS);
    this.#outgoing.push(frame);
  }

  /** Sends what is waiting and ends the stream in order. */
  end(): void {
    this.#flush();
    this.#stream.end();
  }

  close(error: Error | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#chunks = [];
    this.#outgoing = [];
    this.#stream.destroy();
    this.#options.onClose(error);
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#later !== null) clearTimeout(this.#later);
    this.#later = null;
    const frames = this.#outgoing;
    this.#outgoing = [];
    if (this.#closed || frames.length === 0) return;
    const [first] = frames;
    const bytes = frames.length === 1 ? first : Buffer.concat(frames);
    const drained = this.#stream.write(bytes, () => {
      for (const frame of frames) frame.fill(0);
      bytes?.fill(0);
    });
    if (this.#stream.writableLength > UNSENT_BYTES_MAX) this.close(new FrameError('the peer does not read'));
    else if (!drained && this.#options.readOnlyWhileDrained === true) this.#stream.pause();
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    try {
      this.#deliver();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.close(error);
    }
  }

  #deliver(): void {
    while (!this.#closed && this.#buffered >= PREFIX_BYTES) {
      const bytes = this.#peekLength();
      if (bytes > this.#maxBytes)
        throw new FrameError(`message of ${bytes} bytes, at most ${this.#maxBytes}`);
      if (this.#buffered < PREFIX_BYTES + bytes) return;
      const frame = this.#take(PREFIX_BYTES + bytes);
      const bytesTaken = frame.length;
      const message = decodeBody(frame.subarray(PREFIX_BYTES));
      frame.fill(0);
      this.#options.onMessage(message, bytesTaken);
    }
  }

  #peekLength(): number {
    const [first] = this.#chunks;
    if (first !== undefined && first.length < PREFIX_BYTES) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]?.readUInt32BE(0) ?? 0;
  }

  /** The next bytes; large frames are put together once, when they are complete. */
  #take(bytes: number): Buffer {
    const [first] = this.#chunks;
    const whole = first !== undefined && first.length >= bytes ? first : Buffer.concat(this.#chunks);
    const rest = whole.subarray(bytes);
    this.#chunks = whole === first ? this.#chunks.slice(1) : [];
    if (rest.length > 0) this.#chunks.unshift(rest);
    this.#buffered -= bytes;
    return whole.subarray(0, bytes);
  }
}
