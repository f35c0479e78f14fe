/** Begins the replication when the core says who this KMA is, ends it with the core's connection, and keeps port 3336 open between. It opens no store. */
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { logEvent } from '../../log-line.ts';
import { dial } from '../../replication/dial.ts';
import { JOIN_ALPN } from '../../replication/join-messages.ts';
import type { Refused } from '../../replication/peers.ts';
import type { Member } from '../../replication/roster.ts';
import type { ClusterStanding } from '../../replication/standing-messages.ts';
import { logPublicKey } from '../../security/log-signing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { JoinServer } from '../join/join-server.ts';
import type { SupervisorToReplicator } from '../messages.ts';
import { RefusedTally } from '../refused-tally.ts';
import { CoreLink, type CoreSays } from './core-link.ts';
import { PeerPort } from './peer-port.ts';
import { type Begin, Replication } from './replication.ts';
import { ServiceProbe } from './service-probe.ts';
import { StandingQuestion } from './standing-question.ts';

type Start = Extract<SupervisorToReplicator, { t: 'start' }>;

export interface ReplicatorParts {
  /** Once: port 3336 is open. */
  readonly onListening: () => void;
  /** It cannot go on. */
  readonly onFailure: (error: unknown) => void;
  /** How long a member that does not hold everything yet is waited for at the end. */
  readonly deliverMs?: number;
}

/** Of connections between members (ALPN). */
const PEER_ALPN = 'openkma/1';
const REPORT_MS = 1_000;
/** A member that does not answer is not waited for any longer. */
const DELIVER_MS = 5_000;
/** Of one name, each of which is waited for. */
const ADDRESSES_MAX = 3;
const WILDCARDS = ['0.0.0.0', '::'];

export class Replicator {
  readonly #start: Start;
  readonly #parts: ReplicatorParts;
  readonly #core: CoreLink;
  readonly #refused = new RefusedTally<Refused>();
  readonly #joins: JoinServer;
  readonly #question: StandingQuestion;
  readonly #service: ServiceProbe;
  readonly #report: NodeJS.Timeout;
  /** As it was last answered. */
  #standing: ClusterStanding = 'member';
  #begin: Begin | null = null;
  #port: PeerPort | null = null;
  #replication: Replication | null = null;
  /** What the core says is done in its order; opening and closing the engine takes time. */
  #turn: Promise<void> = Promise.resolve();

  constructor(start: Start, parts: ReplicatorParts) {
    this.#start = start;
    this.#parts = parts;
    this.#core = new CoreLink({
      path: start.replicatorSocketPath,
      onSaid: (message) => this.#next(() => this.#said(message)),
      onLost: () => this.#next(() => this.#end()),
    });
    this.#joins = new JoinServer({
      core: this.#core,
      clusterEpochId: () => this.#begin?.self.clusterEpochId ?? '',
      onRefused: (refused) => this.#refused.note(refused),
    });
    this.#question = new StandingQuestion({
      askable: () => this.#askable(),
      dial: (member, protocol) => this.#dial(member, protocol),
      onAnswer: (standing, { kmaId }) => this.#stands(standing, kmaId),
    });
    this.#service = new ServiceProbe({
      members: () => this.#others(),
      tls: () => this.#begin?.tls ?? null,
      addressesOf: (address) => this.#addressesOf(address),
      port: start.certificatePort,
      onAnswer: (kmaId, answer) => this.#core.tell({ t: 'service', kmaId, answer }),
    });
    this.#report = setInterval(() => this.#tellRefused(), REPORT_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#report);
    this.#question.close();
    this.#service.close();
    this.#tellRefused();
    await this.#replication?.delivered(this.#parts.deliverMs ?? DELIVER_MS);
    this.#port?.close();
    this.#joins.close();
    this.#core.close();
    await this.#turn;
  }

  #next(step: () => Promise<void> | void): void {
    this.#turn = this.#turn.then(step).catch((error: unknown) => {
      // What fails without the core is tried again with the next one.
      if (this.#core.connected) this.#parts.onFailure(error);
    });
  }

  #said(message: CoreSays): Promise<void> | void {
    if (message.t === 'begin') return this.#beginWith(message);
    const replication = this.#replication;
    if (replication === null) return;
    if (message.t === 'roster') {
      replication.setRoster(message);
      this.#joins.rosterChanged((keySha256) => replication.roster?.ofKey(keySha256) !== undefined);
    } else if (message.t === 'grown') replication.grown(message);
    else if (message.t === 'missing') replication.missing(message);
    else if (message.t === 'audit-chains') replication.auditChains(message);
    else if (message.t === 'health') replication.health(message);
    else replication.catchUp(message).catch((error: unknown) => logEvent('replicator', String(error)));
  }

  /** The same life with another certificate goes on; connections that were made with the old one are those of the same member. */
  async #beginWith(begin: Begin): Promise<void> {
    const before = this.#begin;
    this.#begin = begin;
    if (this.#port === null) {
      await this.#open(begin);
      this.#parts.onListening();
    } else this.#port.updateTls(begin.tls);
    if (this.#replication !== null && JSON.stringify(before?.self) === JSON.stringify(begin.self))
      return this.#replication.grown(begin);
    await this.#end();
    const seed = new SecretBytes(Buffer.from(begin.replicationSeed));
    const publicKey = logPublicKey(seed);
    seed.wipe();
    this.#replication = await Replication.open(begin, publicKey, {
      core: this.#core,
      cacheDirectory: this.#start.cacheDirectory,
      dial: (member) => this.#dial(member, PEER_ALPN),
      onRefused: (refused) => this.#refused.note(refused),
      onFailure: (error) => this.#parts.onFailure(error),
    });
  }

  async #open(begin: Begin): Promise<void> {
    this.#port = await PeerPort.open(
      {
        listens: this.#start.listens,
        ownKmaId: () => this.#begin?.self.kmaId ?? '',
        roster: () => this.#replication?.roster ?? null,
        handlers: new Map([
          [PEER_ALPN, (arrival) => this.#replication?.accept(arrival)],
          [JOIN_ALPN, (arrival) => this.#joins.accept(arrival)],
        ]),
        onRefused: (refused) => this.#refused.note(refused),
      },
      begin.tls,
    );
  }

  async #end(): Promise<void> {
    const replication = this.#replication;
    this.#replication = null;
    await replication?.close();
  }

  #stands(standing: ClusterStanding, kmaId: string): void {
    this.#core.tell({ t: 'standing', kmaId, standing });
    if (standing === 'unknown') return;
    if (standing === 'member' && this.#standing !== 'member') this.#replication?.welcomeAgain();
    this.#standing = standing;
  }

  #askable(): readonly Member[] {
    if (this.#replication === null || this.#replication.isConnected) return [];
    return this.#others().filter(({ address }) => address !== '');
  }

  /** That have joined. */
  #others(): readonly Member[] {
    const own = this.#begin?.self.kmaId;
    return [...(this.#replication?.roster?.all() ?? [])].filter(
      ({ kmaId, keySha256 }) => kmaId !== own && keySha256 !== '',
    );
  }

  /** The first of its addresses at which it answers. */
  async #dial(member: Member, protocol: string): Promise<TLSSocket> {
    const [address = '', ...others] = await this.#addressesOf(member.address);
    try {
      return await this.#dialAt(address, member, protocol);
    } catch (error) {
      for (const other of others) {
        const socket = await this.#dialAt(other, member, protocol).catch(() => null);
        if (socket !== null) return socket;
      }
      throw error;
    }
  }

  /** Names are looked up by the DNS servers of this KMA alone, which this process neither knows nor asks. */
  async #addressesOf(address: string): Promise<readonly string[]> {
    if (isIP(address) !== 0) return [address];
    const found = await this.#core.ask({ t: 'look-up', name: address });
    const addresses = (found?.addresses ?? []).filter((one) => isIP(one) !== 0).slice(0, ADDRESSES_MAX);
    if (addresses.length === 0) throw new Error(`the name ${address} has no address`);
    return addresses;
  }

  /** All KMAs of a cluster have the same number for this port. */
  #dialAt(address: string, { keySha256 }: Member, protocol: string): Promise<TLSSocket> {
    const [listen] = this.#start.listens;
    if (this.#begin === null || listen === undefined) throw new Error('dialled before the beginning');
    const { host, port } = listen;
    const own = !WILDCARDS.includes(host) && isIP(host) === isIP(address) ? host : undefined;
    return dial({
      host: address,
      port,
      localAddress: own,
      tls: this.#begin.tls,
      protocol,
      keySha256,
    });
  }

  #tellRefused(): void {
    if (this.#replication === null) return;
    for (const refused of this.#refused.take()) this.#core.tell({ t: 'refused', ...refused });
  }
}
