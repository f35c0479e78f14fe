/** The newcomer's side of a join: fetches the copy of a member's store into a file, going on where an earlier connection ended. It opens nothing of it. */
import { open, rm, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { hashFile } from '../../backup/backup-file.ts';
import { OpenKmaError } from '../../errors.ts';
import {
  type Base,
  JOIN_ALPN,
  JOIN_PROTOCOL,
  type JoinerSays,
  type MemberSays,
  memberSays,
} from '../../replication/join-messages.ts';
import {
  clientOptions,
  HANDSHAKE_TIMEOUT_MS,
  peerKeySha256,
  type ReplicationTls,
} from '../../replication/tls.ts';
import { REPLICATION_VERSION, VERSION } from '../../version.ts';
import { FrameSocket } from '../frame.ts';

export interface JoinLife {
  readonly incarnationId: string;
  readonly logPublicKey: string;
  readonly replicationPublicKey: string;
}
export interface JoinPort {
  readonly host: string;
  readonly port: number;
  readonly tls: ReplicationTls;
}
export interface BaseRequest extends JoinPort {
  readonly life: JoinLife;
  /** Where the copy goes; what is there already belongs to the copy with this hash. */
  readonly path: string;
  readonly begunSha256: string | null;
  /** Before the first byte of it is written. */
  readonly onBase: (base: Base) => void;
  readonly progress: (done: number, total: number) => void;
}
export interface FetchedBase {
  readonly base: Base;
  /** Of the member's certificate. */
  readonly memberKeySha256: string;
}

export interface FailedJoin {
  /** Of the error register. */
  readonly code: string;
  readonly detail: string;
}
const DETAIL_CHARACTERS = 160;
const HEARD_MS = 5_000;

/** Copying a large store is one step without an answer between. */
const ANSWER_MS = 15 * 60_000;

/** Throws for what a person has to look at; what was fetched stays, so that the same call goes on. */
export async function fetchBase(request: BaseRequest): Promise<FetchedBase> {
  const socket = await connected(request);
  const memberKeySha256 = peerKeySha256(socket);
  const talk = new Talk(socket);
  try {
    const base = await talk.ask(
      {
        t: 'hello',
        protocol: JOIN_PROTOCOL,
        softwareVersion: VERSION,
        replicationVersion: REPLICATION_VERSION,
        ...request.life,
      },
      'base',
    );
    if (base.sha256 !== request.begunSha256) await rm(request.path, { force: true });
    request.onBase(base);
    await fetchPieces(talk, base, request);
    if ((await hashFile(request.path)).sha256 !== base.sha256) {
      await rm(request.path);
      throw new OpenKmaError('JOIN_FAILED', 'the copy is not what the member said that it is');
    }
    talk.tell({ t: 'done', sha256: base.sha256 });
    return { base, memberKeySha256 };
  } finally {
    talk.end();
  }
}

/** So that its audit has it. A member that does not hear it, or is of before, changes nothing: the person at the newcomer knows. */
export async function tellFailed(member: JoinPort, { code, detail }: FailedJoin): Promise<void> {
  try {
    const socket = await connected(member);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const talk = new Talk(socket);
    const text = detail.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, DETAIL_CHARACTERS);
    talk.tell({ t: 'failed', code, detail: text });
    talk.end();
    await Promise.race([closed, setTimeout(HEARD_MS, undefined, { ref: false })]);
    socket.destroy();
  } catch (error) {
    if (!(error instanceof OpenKmaError)) throw error;
  }
}

async function fetchPieces(talk: Talk, { sha256, bytes: total }: Base, request: BaseRequest): Promise<void> {
  const file = await open(request.path, 'a', 0o600);
  try {
    let done = (await stat(request.path)).size;
    while (done < total) {
      const piece = await talk.ask({ t: 'want', sha256, offset: done }, 'piece');
      if (piece.offset !== done || done + piece.bytes.length > total)
        throw new OpenKmaError('JOIN_FAILED', 'the member sent another piece than was asked for');
      await file.appendFile(piece.bytes);
      done += piece.bytes.length;
      request.progress(done, total);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function connected({ host, port, tls }: JoinPort): Promise<TLSSocket> {
  const socket = connect({ ...clientOptions(tls, JOIN_ALPN), host, port });
  socket.setNoDelay();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = globalThis.setTimeout(() => reject(new Error('no answer')), HANDSHAKE_TIMEOUT_MS);
  socket.once('secureConnect', resolve);
  socket.on('error', reject);
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    const detail = error instanceof Error ? error.message : String(error);
    throw new OpenKmaError('MEMBER_UNREACHABLE', `${host} port ${port}: ${detail}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Questions and answers, one after the other. */
class Talk {
  readonly #frames: FrameSocket;
  #waiting: PromiseWithResolvers<MemberSays> | null = null;
  #closed = false;

  constructor(socket: TLSSocket) {
    this.#frames = new FrameSocket(socket, {
      onMessage: (raw) => {
        const message = memberSays.safeParse(raw);
        if (!message.success) return this.#frames.close(new Error('not a message of a join'));
        this.#waiting?.resolve(message.data);
      },
      onClose: () => {
        this.#closed = true;
        this.#waiting?.reject(brokenOff());
      },
    });
  }

  async ask<T extends 'base' | 'piece'>(
    question: JoinerSays,
    wanted: T,
  ): Promise<Extract<MemberSays, { t: T }>> {
    if (this.#closed) throw brokenOff();
    const waiting = Promise.withResolvers<MemberSays>();
    this.#waiting = waiting;
    const timer = globalThis.setTimeout(() => waiting.reject(brokenOff()), ANSWER_MS);
    this.#frames.send(question);
    try {
      const answer = await waiting.promise;
      if (answer.t === 'refused') throw refusedBy(answer.why);
      if (answer.t !== wanted) throw brokenOff();
      return answer as Extract<MemberSays, { t: T }>;
    } finally {
      clearTimeout(timer);
      this.#waiting = null;
    }
  }

  tell(message: JoinerSays): void {
    this.#frames.send(message);
  }
  end(): void {
    this.#frames.end();
  }
}

const brokenOff = () =>
  new OpenKmaError('JOIN_BROKEN_OFF', 'the member closed the connection, or gave no answer');

function refusedBy(why: string): OpenKmaError {
  return new OpenKmaError('JOIN_FAILED', why === '' ? 'the member refuses it; its audit says why' : why);
}
