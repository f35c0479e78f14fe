/** The connections of this KMA with the other members: one a pair, dialled by the one with the higher ID, closed at once where the roster says so. It moves no log and no object. */
import type { TLSSocket } from 'node:tls';
import type { KeyPair } from 'corestore';
import type { VersionVector } from '../core/version-vector.ts';
import { StrangerError } from './dial.ts';
import { endOf, type Found, type PeerEnd, PeerLink } from './peer-link.ts';
import type { Hello, MemberHealth } from './peer-messages.ts';
import { Quarantine } from './quarantine.ts';
import { Redial } from './redial.ts';
import { type Member, Roster } from './roster.ts';
import { type SecureStream, secure } from './secure-stream.ts';

/** A member that has shown its certificate. */
export interface Arrival {
  readonly socket: TLSSocket;
  readonly member: Member;
  readonly address: string;
}

/** A member whose connection is in use. */
export interface ConnectedPeer {
  readonly kmaId: string;
  readonly incarnationId: string;
  /** What it had folded when it greeted. */
  readonly vector: VersionVector;
  /** What it reads. */
  readonly replicationVersion: number;
  readonly link: PeerLink;
}

export interface Refused {
  readonly address: string;
  readonly reason: string;
  readonly keySha256: string | null;
}

/** A member that did what no KMA does. */
export interface MemberLeftAlone {
  readonly kmaId: string;
  /** Where it came from; "" where no connection shows it. */
  readonly address: string;
  readonly reason: string;
  readonly seconds: number;
  /** How often it came all the same while it was left alone before. */
  readonly attempts: number;
}

export interface PeersParts {
  readonly kmaId: string;
  readonly keyPair: KeyPair;
  readonly hello: () => Hello;
  /** What time it is at this KMA. */
  readonly nowMs: () => number;
  /** The core's word; null where the member is welcome. */
  readonly admit: (hello: Hello, arrival: Arrival) => Promise<string | null>;
  readonly dial: (member: Member) => Promise<TLSSocket>;
  readonly attach: (stream: SecureStream, peer: ConnectedPeer) => void;
  readonly find: (ids: readonly string[], vector: VersionVector) => Promise<Found>;
  readonly onHealth: (peer: ConnectedPeer) => void;
  readonly onGone: (peer: ConnectedPeer) => void;
  readonly onRefused: (refused: Refused) => void;
  /** Once for each time that it is left alone. */
  readonly onLeftAlone: (member: MemberLeftAlone) => void;
}

const NOISE_TIMEOUT_MS = 20_000;
const REASON_CHARACTERS_MAX = 256;

interface Connection extends Arrival {
  link: PeerLink | null;
  peer: ConnectedPeer | null;
}

export class Peers {
  readonly #parts: PeersParts;
  readonly #quarantine = new Quarantine(() => performance.now());
  readonly #connections = new Set<Connection>();
  readonly #redials = new Map<string, Redial>();
  #roster = new Roster([]);
  #closed = false;

  constructor(parts: PeersParts) {
    this.#parts = parts;
  }

  /** Who is no member any more, has another certificate or a life that has ended, is cut off in the same turn. */
  setRoster(roster: Roster): void {
    const before = this.#roster;
    this.#roster = roster;
    for (const connection of [...this.#connections]) if (!this.#stillKnown(connection)) cut(connection);
    for (const [kmaId, redial] of [...this.#redials]) {
      const member = roster.member(kmaId);
      if (member?.address === before.member(kmaId)?.address && this.#dials(member)) continue;
      redial.stop();
      this.#redials.delete(kmaId);
    }
    for (const member of roster.all())
      if (this.#dials(member) && !this.#redials.has(member.kmaId))
        this.#redials.set(member.kmaId, this.#redial(member.kmaId));
  }

  /** Members that did not let this KMA in do so again. */
  welcomeAgain(): void {
    for (const redial of this.#redials.values()) redial.soon();
  }

  /** Of the port, after TLS. */
  accept(arrival: Arrival): void {
    const { kmaId } = arrival.member;
    const isTurnedAway = this.#quarantine.turnsAway(kmaId);
    if (isTurnedAway || kmaId < this.#parts.kmaId) {
      arrival.socket.destroy();
      if (!isTurnedAway) this.#punish(kmaId, 'it dials, though its ID is the lower one', arrival.address);
      return;
    }
    // One that has not come as far as this one: a member does not hold several half-open ones.
    for (const other of [...this.#connections])
      if (other.member.kmaId === kmaId && other.peer === null) cut(other);
    this.#serve(arrival, false);
  }

  /** Those in use. */
  all(): readonly ConnectedPeer[] {
    return [...this.#connections].flatMap(({ peer }) => (peer === null ? [] : [peer]));
  }

  tellHealth(health: MemberHealth): void {
    for (const { link } of this.all()) link.tellHealth(health);
  }

  /** The member did what none of ours does: it is cut off, reported, and left alone for a time that grows. */
  fault(kmaId: string, reason: string): void {
    const connection = [...this.#connections].find(({ member }) => member.kmaId === kmaId);
    if (connection?.link != null) connection.link.close('broken', reason);
    else this.#punish(kmaId, reason, connection?.address ?? '');
  }

  close(): void {
    this.#closed = true;
    for (const redial of this.#redials.values()) redial.stop();
    for (const connection of [...this.#connections]) cut(connection);
  }

  #dials(member: Member | undefined): member is Member {
    if (member === undefined || this.#closed || member.kmaId >= this.#parts.kmaId) return false;
    return member.address !== '' && member.keySha256 !== '';
  }

  #stillKnown({ member, peer }: Connection): boolean {
    const now = this.#roster.member(member.kmaId);
    if (now === undefined || now.keySha256 !== member.keySha256) return false;
    return now.incarnations.find((life) => life.incarnationId === peer?.incarnationId)?.live !== false;
  }

  #redial(kmaId: string): Redial {
    return new Redial({
      attempt: () => this.#attempt(kmaId),
      blockedMs: () => this.#quarantine.leftMs(kmaId),
      random: Math.random,
    });
  }

  async #attempt(kmaId: string): Promise<boolean> {
    const member = this.#roster.member(kmaId);
    if (!this.#dials(member)) return false;
    try {
      const socket = await this.#parts.dial(member);
      const arrival = { socket, member, address: member.address };
      if (this.#closed || !this.#stillKnown({ ...arrival, link: null, peer: null })) socket.destroy();
      else this.#serve(arrival, true);
      return !socket.destroyed;
    } catch (error) {
      if (error instanceof StrangerError)
        this.#parts.onRefused({
          address: member.address,
          reason: error.message,
          keySha256: error.keySha256 || null,
        });
      return false;
    }
  }

  #serve(arrival: Arrival, initiator: boolean): void {
    const connection: Connection = { ...arrival, link: null, peer: null };
    this.#connections.add(connection);
    arrival.socket.on('error', () => undefined);
    secure(arrival.socket, initiator, this.#parts.keyPair, NOISE_TIMEOUT_MS).then(
      (secured) => {
        if (!this.#connections.has(connection)) return void secured.stream.destroy();
        connection.link = new PeerLink(secured, {
          kmaId: connection.member.kmaId,
          hello: this.#parts.hello,
          nowMs: this.#parts.nowMs,
          admit: (hello) => this.#admit(hello, connection),
          onWelcome: (link, hello) => this.#begin(connection, link, hello),
          find: this.#parts.find,
          onHealth: () => {
            if (connection.peer !== null) this.#parts.onHealth(connection.peer);
          },
          onEnd: (end) => this.#ended(connection, end),
        });
      },
      (error: unknown) => {
        arrival.socket.destroy();
        this.#ended(connection, endOf(error));
      },
    );
  }

  async #admit(hello: Hello, connection: Connection): Promise<string | null> {
    // What it did may have been found while it was on its way.
    if (this.#quarantine.turnsAway(connection.member.kmaId)) return 'left alone after a fault';
    if (this.#isAnotherLife(connection, hello.incarnationId)) return 'already connected with another life';
    const refused = await this.#parts.admit(hello, connection);
    return refused ?? (this.#stillKnown(connection) ? null : 'not a member any more');
  }

  /** A copied disk has the same certificate: the two must not push each other out. */
  #isAnotherLife({ member }: Connection, incarnationId: string): boolean {
    return this.all().some((peer) => peer.kmaId === member.kmaId && peer.incarnationId !== incarnationId);
  }

  /** A second connection of one life is there because the first one hangs. */
  #begin(connection: Connection, link: PeerLink, hello: Hello): void {
    const { kmaId } = connection.member;
    const { incarnationId, vector, replicationVersion } = hello;
    connection.peer = { kmaId, incarnationId, vector, replicationVersion, link };
    for (const other of [...this.#connections])
      if (other !== connection && other.member.kmaId === kmaId) cut(other);
    this.#parts.attach(link.stream, connection.peer);
  }

  #ended(connection: Connection, end: PeerEnd): void {
    if (!this.#connections.delete(connection)) return;
    const { member, peer } = connection;
    if (end.how === 'broken') this.#punish(member.kmaId, end.reason, connection.address);
    if (end.how === 'refused') this.#refuse(connection, end.reason);
    if (peer !== null) this.#parts.onGone(peer);
    this.#redials.get(member.kmaId)?.lost(peer !== null && end.how === 'closed');
  }

  /** Whatever else it does while it is left alone is told of no more. */
  #punish(kmaId: string, reason: string, address: string): void {
    if (this.#quarantine.leftMs(kmaId) > 0) return;
    const { forMs, attempts } = this.#quarantine.put(kmaId);
    this.#parts.onLeftAlone({
      ...{ kmaId, address, attempts, seconds: Math.round(forMs / 1_000) },
      reason: reason.slice(0, REASON_CHARACTERS_MAX) || 'its stream broke off',
    });
  }

  #refuse({ address, member }: Arrival, reason: string): void {
    this.#parts.onRefused({
      address,
      reason: `${member.name}: ${reason}`.slice(0, REASON_CHARACTERS_MAX),
      keySha256: member.keySha256,
    });
  }
}

/** Its end is told by the link, or by the failed handshake. */
function cut({ link, socket }: Connection): void {
  if (link === null) socket.destroy();
  else link.close('closed');
}
