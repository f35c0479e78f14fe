/** The channel with one member: greets and is greeted, tells health, measures the time of an answer, asks for sealed objects and serves them. It moves no entry of a log. */
import type { VersionVector } from '../core/version-vector.ts';
import { PeerChannel } from './peer-channel.ts';
import { decodePeerMessage, encodePeerMessage } from './peer-encoding.ts';
import {
  type Hello,
  type MemberHealth,
  PEER_MESSAGE_BYTES_MAX,
  PEER_PROTOCOL,
  type PeerMessage,
  peerMessage,
  type SealedObject,
} from './peer-messages.ts';
import type { Secured, SecureStream } from './secure-stream.ts';

export interface Found {
  readonly objects: readonly SealedObject[];
  /** What is not there, or not to be given. */
  readonly haveNot: readonly string[];
}

/** `broken`: the other side did what no KMA does; `refused`: it is not admitted, or does not admit this one. */
export type PeerEnd =
  | { readonly how: 'closed' }
  | { readonly how: 'refused'; readonly reason: string }
  | { readonly how: 'broken'; readonly reason: string };

export interface PeerLinkParts {
  /** The member whose certificate the other side has shown. */
  readonly kmaId: string;
  /** What time it is at this KMA. */
  readonly nowMs: () => number;
  readonly hello: () => Hello;
  /** Null where the other side is welcome, else why it is not. */
  readonly admit: (hello: Hello) => Promise<string | null>;
  /** Both sides have admitted each other. In the same turn the engine has to be attached. */
  readonly onWelcome: (link: PeerLink, hello: Hello) => void;
  readonly onHealth: () => void;
  /** Once `vector`, which is folded at the other side, is folded here. */
  readonly find: (ids: readonly string[], vector: VersionVector) => Promise<Found>;
  readonly onEnd: (end: PeerEnd) => void;
}

/** A connection that breaks is no fault; what the engine cannot read is one. */
export function endOf(error: unknown): PeerEnd {
  if (!(error instanceof Error)) return { how: 'closed' };
  const code = 'code' in error ? String(error.code) : '';
  if (/^(E[A-Z]+|ERR_.*)$/.test(code) || /destroyed|premature/i.test(error.message)) return { how: 'closed' };
  return { how: 'broken', reason: error.message.slice(0, 200) };
}

const PROTOCOL = 'openkma/1';
const GREETING_MS = 20_000;
/** A link without an answer for so long is cut, wherever it hangs. */
const SILENT_MS = 30_000;
const FIND_MS = 30_000;
/** For the last words. */
const LEAVE_MS = 1_000;
/** One is asked at a time, but who has given one up asks the next while the answer to the first is still on its way, however slow that is. */
const QUESTIONS_MAX = 4;
/** So many beyond that, without one answer that has left, is a flood. */
const PASSED_OVER_MAX = 32;

export class PeerLink {
  readonly stream: SecureStream;
  readonly #parts: PeerLinkParts;
  readonly #replicationPublicKey: string;
  readonly #channel: PeerChannel<PeerMessage>;
  readonly #greeting: NodeJS.Timeout;
  readonly #asked = new Map<number, (found: Found | null) => void>();
  #end: PeerEnd | null = null;
  #theirs: Hello | null = null;
  #admitted = false;
  #welcome = false;
  #next = 1;
  #questions = 0;
  #passedOver = 0;
  #pinged: { readonly sequence: number; readonly atMs: number } | null = null;
  /** As it was last told. */
  health: MemberHealth | null = null;
  /** Of the last ping that was answered. */
  responseMs: number | null = null;
  /** Of the other side against this one, as that answer told. */
  clockAheadMs: number | null = null;

  constructor({ stream, replicationPublicKey }: Secured, parts: PeerLinkParts) {
    this.stream = stream;
    this.#parts = parts;
    this.#replicationPublicKey = replicationPublicKey;
    this.#greeting = setTimeout(() => this.close('broken', 'no greeting in time'), GREETING_MS);
    stream.once('error', (error: Error) => this.#ended(endOf(error)));
    this.#channel = new PeerChannel<PeerMessage>(stream, {
      protocol: PROTOCOL,
      schema: peerMessage,
      maxBytes: PEER_MESSAGE_BYTES_MAX,
      encode: encodePeerMessage,
      decode: decodePeerMessage,
      onOpen: () => this.#send(parts.hello()),
      onMessage: (message) => this.#receive(message),
      onClose: (reason) => this.#ended(reason === null ? { how: 'closed' } : { how: 'broken', reason }),
    });
  }

  get ready(): boolean {
    return this.#admitted && this.#welcome && this.#end === null;
  }

  /** Every second. */
  tellHealth(health: MemberHealth): void {
    if (!this.ready) return;
    this.#send({ t: 'health', health });
    if (this.#pinged === null) {
      this.#pinged = { sequence: this.#next++, atMs: performance.now() };
      this.#send({ t: 'ping', sequence: this.#pinged.sequence });
    } else if (performance.now() - this.#pinged.atMs > SILENT_MS) this.close('closed');
  }

  /** Null where no answer comes. */
  ask(ids: readonly string[], vector: VersionVector): Promise<Found | null> {
    if (!this.ready) return Promise.resolve(null);
    const sequence = this.#next++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#asked.get(sequence)?.(null), FIND_MS);
      this.#asked.set(sequence, (found) => {
        clearTimeout(timer);
        this.#asked.delete(sequence);
        resolve(found);
      });
      this.#send({ t: 'want', sequence, ids: [...ids], vector });
    });
  }

  /** Lets the other side know why, where it is refused. */
  close(how: PeerEnd['how'], reason = ''): void {
    if (how !== 'refused') {
      this.#ended(how === 'closed' ? { how } : { how, reason });
      return this.#channel.close(null);
    }
    this.#send({ t: 'bye', reason: reason.slice(0, 256) });
    this.#ended({ how, reason });
    this.stream.end();
    setTimeout(() => this.stream.destroy(), LEAVE_MS).unref();
  }

  #send(message: PeerMessage): void {
    if (this.#end === null) this.#channel.send(message);
  }

  #receive(message: PeerMessage): void {
    if (this.#end !== null) return;
    if (message.t === 'bye') return this.#leave(message.reason);
    if (message.t === 'hello') return this.#greeted(message);
    if (message.t === 'welcome') return this.#welcomed();
    if (!this.ready) return this.close('broken', `${message.t} before the greeting`);
    if (message.t === 'health') {
      this.health = message.health;
      this.#parts.onHealth();
    } else if (message.t === 'ping')
      this.#send({ t: 'pong', sequence: message.sequence, nowMs: this.#parts.nowMs() });
    else if (message.t === 'pong') this.#answered(message.sequence, message.nowMs);
    else if (message.t === 'want') this.#find(message);
    else this.#asked.get(message.sequence)?.({ objects: message.objects, haveNot: message.haveNot });
  }

  #leave(reason: string): void {
    this.#ended({ how: 'refused', reason: `by the other side: ${reason}` });
    this.stream.destroy();
  }

  #greeted(hello: Hello): void {
    if (this.#theirs !== null) return this.close('broken', 'a second greeting');
    this.#theirs = hello;
    if (hello.protocol !== PEER_PROTOCOL)
      return this.close('refused', `protocol ${hello.protocol} of 3336; this KMA speaks ${PEER_PROTOCOL}`);
    if (hello.replicationPublicKey !== this.#replicationPublicKey)
      return this.close('broken', 'a greeting with the key of another log');
    if (hello.kmaId !== this.#parts.kmaId)
      return this.close('broken', 'a greeting with the ID of another KMA');
    this.#parts
      .admit(hello)
      .then((refused) => {
        if (this.#end !== null) return;
        if (refused !== null) return this.close('refused', refused);
        this.#admitted = true;
        this.#send({ t: 'welcome' });
        this.#begin();
      })
      .catch((error: unknown) => this.close('refused', String(error)));
  }

  #welcomed(): void {
    if (this.#welcome) return this.close('broken', 'a second welcome');
    this.#welcome = true;
    this.#begin();
  }

  #begin(): void {
    if (!this.ready || this.#theirs === null) return;
    clearTimeout(this.#greeting);
    this.#parts.onWelcome(this, this.#theirs);
  }

  #answered(sequence: number, theirNowMs: number): void {
    if (this.#pinged?.sequence !== sequence) return;
    this.responseMs = performance.now() - this.#pinged.atMs;
    this.clockAheadMs = theirNowMs - (this.#parts.nowMs() - Math.round(this.responseMs / 2));
    this.#pinged = null;
  }

  #find({ sequence, ids, vector }: Extract<PeerMessage, { t: 'want' }>): void {
    if (this.#questions >= QUESTIONS_MAX) return this.#passOver(sequence);
    this.#questions += 1;
    this.#parts
      .find(ids, vector)
      .then(({ objects, haveNot }) =>
        this.#send({ t: 'have', sequence, objects: [...objects], haveNot: [...haveNot] }),
      )
      .catch(() => this.#send({ t: 'have', sequence, objects: [], haveNot: [] }))
      .then(() => this.#channel.left())
      .finally(() => {
        this.#questions -= 1;
        this.#passedOver = 0;
      });
  }

  /** Nothing is said where nothing is read: who asks gives the question up by himself. */
  #passOver(sequence: number): void {
    this.#passedOver += 1;
    if (this.#passedOver > PASSED_OVER_MAX)
      return this.close('broken', 'questions without waiting for answers');
    if (this.#channel.drained) this.#send({ t: 'have', sequence, objects: [], haveNot: [] });
  }

  #ended(end: PeerEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    clearTimeout(this.#greeting);
    for (const answer of [...this.#asked.values()]) answer(null);
    this.#parts.onEnd(end);
  }
}
