/** The member's side of a join: admits the newcomer's life through the core, has a copy of the store made and gives it in pieces. It tells a stranger nothing, and sees no secret of the quorum. */
import { open } from 'node:fs/promises';
import {
  JOIN_PROTOCOL,
  type JoinerSays,
  type JoinFailed,
  type JoinHello,
  joinerSays,
  type MemberSays,
  PIECE_BYTES,
  WHY_CHARACTERS_MAX,
} from '../../replication/join-messages.ts';
import { PEER_PROTOCOL } from '../../replication/peer-messages.ts';
import type { Arrival, Refused } from '../../replication/peers.ts';
import { REPLICATION_VERSION, VERSION } from '../../version.ts';
import { FrameSocket } from '../frame.ts';
import type { CoreLink } from '../replicator/core-link.ts';

export interface JoinServerParts {
  readonly core: Pick<CoreLink, 'ask' | 'tell'>;
  readonly clusterEpochId: () => string;
  readonly onRefused: (refused: Refused) => void;
  /** For tests. */
  readonly unreadMs?: number;
  readonly keptMs?: number;
}

/** A copy that nobody reads goes, since it holds what is destroyed meanwhile; and in the end any does. */
const UNREAD_MS = 10 * 60_000;
const KEPT_MS = 60 * 60_000;
const VAGUE = '';
const NOT_NOW =
  'this member gives no copy now, and its audit says why; try again later, or at another member';
const BUSY = 'another KMA is joining';

const FIRST: ReadonlySet<string> = new Set(['hello', 'failed'] satisfies JoinerSays['t'][]);

interface KeptBase {
  readonly kmaId: string;
  readonly keySha256: string;
  readonly incarnationId: string;
  readonly path: string;
  readonly said: Extract<MemberSays, { t: 'base' }>;
  readonly untilMs: number;
  timer: NodeJS.Timeout;
}

export class JoinServer {
  readonly #parts: JoinServerParts;
  /** One for all: each is a copy of everything. */
  #base: KeptBase | null = null;
  #making = false;

  constructor(parts: JoinServerParts) {
    this.#parts = parts;
  }

  /** By its key it is a member; what it may have the core decides. */
  accept(arrival: Arrival): void {
    const { socket, member } = arrival;
    let turn: Promise<void> = Promise.resolve();
    let greeted = false;
    const refuse = (reason: string, why = VAGUE) => {
      const { address } = arrival;
      this.#parts.onRefused({
        address,
        reason: `join: ${reason}`.slice(0, 256),
        keySha256: member.keySha256,
      });
      frames.send({ t: 'refused', why } satisfies MemberSays);
      frames.end();
    };
    const frames: FrameSocket = new FrameSocket(socket, {
      readOnlyWhileDrained: true,
      onMessage: (raw) => {
        const message = joinerSays.safeParse(raw);
        if (!message.success || FIRST.has(message.data.t) === greeted)
          return frames.close(new Error('not a message of a join'));
        greeted = true;
        turn = turn
          .then(() => this.#answer(message.data, arrival, frames, refuse))
          .catch((error: unknown) => refuse(error instanceof Error ? error.message : String(error)));
      },
      onClose: () => undefined,
    });
    socket.setTimeout(this.#parts.unreadMs ?? UNREAD_MS, () => frames.close(null));
  }

  /** Who is a member no more gets no more of the copy. */
  rosterChanged(isMember: (keySha256: string) => boolean): void {
    if (this.#base !== null && !isMember(this.#base.keySha256)) this.#drop();
  }

  close(): void {
    this.#drop();
  }

  async #answer(
    message: JoinerSays,
    arrival: Arrival,
    frames: FrameSocket,
    refuse: (reason: string, why?: string) => void,
  ): Promise<void> {
    if (message.t === 'hello') {
      const tooOld = versionObjection(message);
      if (tooOld !== null) return refuse(tooOld, tooOld);
      const refused = await this.#greet(message, arrival);
      if (refused !== null) return refuse(refused);
      const base = await this.#baseFor(message, arrival);
      if (typeof base === 'string') return refuse(base, base === BUSY ? `${BUSY}: ${NOT_NOW}` : NOT_NOW);
      return frames.send(base.said);
    }
    if (message.t === 'failed') return this.#heard(message, arrival, frames);
    const base = this.#base;
    // The copy is gone: it comes again, and gets another one.
    if (base === null || base.kmaId !== arrival.member.kmaId || base.said.sha256 !== message.sha256)
      return frames.close(null);
    if (message.t === 'done') return this.#drop();
    this.#readAgain(base);
    frames.send({ t: 'piece', offset: message.offset, bytes: await pieceOf(base, message.offset) });
  }

  #heard({ code, detail }: JoinFailed, { member, address }: Arrival, frames: FrameSocket): void {
    const reason = `join: it failed at the KMA that joins: ${code}${detail === '' ? '' : `: ${detail}`}`;
    this.#parts.onRefused({ address, reason, keySha256: member.keySha256 });
    frames.end();
  }

  /** Null where its life is admitted. */
  async #greet(hello: JoinHello, { member, address }: Arrival): Promise<string | null> {
    const { softwareVersion, replicationVersion, incarnationId, logPublicKey, replicationPublicKey } = hello;
    const answer = await this.#parts.core.ask({
      t: 'greeted',
      keySha256: member.keySha256,
      address,
      hello: {
        t: 'hello',
        protocol: PEER_PROTOCOL,
        ...{ softwareVersion, replicationVersion, incarnationId, logPublicKey, replicationPublicKey },
        kmaId: member.kmaId,
        // It learns both from the base.
        clusterEpochId: this.#parts.clusterEpochId(),
        vector: {},
      },
    });
    return answer === null ? 'the core is being replaced' : answer.refused;
  }

  /** The one that was made for this life before, as long as it is there: then the newcomer goes on where it was. */
  async #baseFor(hello: JoinHello, { member }: Arrival): Promise<KeptBase | string> {
    const { kmaId, keySha256 } = member;
    const { incarnationId } = hello;
    const before = this.#base;
    if (before?.kmaId === kmaId && before.incarnationId === incarnationId) {
      this.#readAgain(before);
      return before;
    }
    if (this.#making || (before !== null && before.kmaId !== kmaId)) return BUSY;
    this.#drop();
    this.#making = true;
    try {
      const made = await this.#parts.core.ask({ t: 'base', kmaId });
      if (made === null || made.base === null) return made?.reason ?? 'the core is being replaced';
      const { path, bytes, sha256, stateHash, vector } = made.base;
      const said = { t: 'base', kmaId, bytes, sha256, stateHash, vector } as const;
      const untilMs = performance.now() + (this.#parts.keptMs ?? KEPT_MS);
      this.#base = { kmaId, keySha256, incarnationId, path, said, untilMs, timer: this.#dropLater(untilMs) };
      return this.#base;
    } finally {
      this.#making = false;
    }
  }

  #readAgain(base: KeptBase): void {
    clearTimeout(base.timer);
    base.timer = this.#dropLater(base.untilMs);
  }
  #dropLater(untilMs: number): NodeJS.Timeout {
    const leftMs = Math.max(0, untilMs - performance.now());
    return setTimeout(() => this.#drop(), Math.min(this.#parts.unreadMs ?? UNREAD_MS, leftMs)).unref();
  }
  #drop(): void {
    const base = this.#base;
    this.#base = null;
    if (base === null) return;
    clearTimeout(base.timer);
    this.#parts.core.tell({ t: 'base-done', path: base.path });
  }
}

/** Words for the operators of both, with what to install; null where the two fit. A newer newcomer reads what is written here. */
function versionObjection({ protocol, softwareVersion, replicationVersion }: JoinHello): string | null {
  if (protocol > JOIN_PROTOCOL)
    return objection(
      `the member is too old for the KMA that joins: it has OpenKMA ${VERSION}, the KMA that joins ${softwareVersion}`,
      `install ${softwareVersion} at the members, or ${VERSION} at the KMA that joins`,
    );
  if (replicationVersion >= REPLICATION_VERSION) return null;
  return objection(
    `the KMA that joins is too old: it has OpenKMA ${softwareVersion}, which reads replication version ${replicationVersion}, and needs ${REPLICATION_VERSION}`,
    `install OpenKMA ${VERSION}, which the member has, or a later one there`,
  );
}

function objection(what: string, mend: string): string {
  return `${what}; ${mend}, then give the same command`.slice(0, WHY_CHARACTERS_MAX);
}

async function pieceOf({ path, said }: KeptBase, offset: number): Promise<Uint8Array> {
  if (offset >= said.bytes) throw new Error('a piece beyond the end was asked for');
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(Math.min(PIECE_BYTES, said.bytes - offset));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    if (bytesRead !== bytes.length) throw new Error('the copy is shorter than it was');
    return bytes;
  } finally {
    await file.close();
  }
}
