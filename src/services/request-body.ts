/** Collects the body of a request up to a limit, in memory that all callers together cannot make large; it never reads on behind the limit. */
import type { IncomingMessage } from 'node:http';

/** Every connection may hold this much; a request of an agent is seldom longer. */
const OWN_BYTES = 4_096;
/** Pieces of one body: each costs work, however short it is, and a caller may send chunks of one byte. */
const PIECES_MAX = 2_048;
/** What longer bodies that are still arriving hold together in one front. */
const SHARED_BYTES = 32 * 1024 * 1024;

/** How much of the memory for longer bodies is taken. */
let sharedTaken = 0;

export type BodyRefusal = 'too-long' | 'bomb' | 'no-room' | null;

/** The body; `too-long` above the limit `bomb` in too many pieces, `no-room` while too many long ones are arriving, null where the caller went away before its end. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | BodyRefusal> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve('too-long');
  // Its turn may come after its caller has gone.
  if (request.destroyed) return Promise.resolve(null);
  return new Promise((resolve) => {
    const body = new Body();
    let pieces = 0;
    const end = (outcome: Buffer | BodyRefusal) => {
      body.release();
      resolve(outcome);
    };
    request.on('data', (chunk: Buffer) => {
      pieces += 1;
      const tooLong = body.bytes + chunk.length > maxBytes;
      const outcome = pieces > PIECES_MAX ? 'bomb' : tooLong ? 'too-long' : body.add(chunk);
      if (outcome === null) return;
      request.removeAllListeners('data');
      if (outcome !== 'bomb') request.pause();
      end(outcome);
    });
    request.on('end', () => end(body.taken()));
    request.on('close', () => end(null));
    request.on('error', () => end(null));
  });
}

/** One growing buffer: pieces kept as they came would each keep alive the whole block that the socket read. */
class Body {
  #buffer = Buffer.alloc(0);
  #shared = 0;
  bytes = 0;

  /** Null where there was room. */
  add(chunk: Buffer): 'no-room' | null {
    const needed = this.bytes + chunk.length;
    if (needed > this.#buffer.length && !this.#grow(needed)) return 'no-room';
    chunk.copy(this.#buffer, this.bytes);
    this.bytes = needed;
    return null;
  }

  taken(): Buffer {
    return this.#buffer.subarray(0, this.bytes);
  }

  release(): void {
    sharedTaken -= this.#shared;
    this.#shared = 0;
  }

  #grow(needed: number): boolean {
    const length = Math.max(needed, 2 * this.#buffer.length);
    const more = Math.max(0, length - OWN_BYTES) - this.#shared;
    if (more > 0 && sharedTaken + more > SHARED_BYTES) return false;
    sharedTaken += more;
    this.#shared += more;
    const grown = Buffer.allocUnsafe(length);
    this.#buffer.copy(grown, 0, 0, this.bytes);
    this.#buffer = grown;
    return true;
  }
}
