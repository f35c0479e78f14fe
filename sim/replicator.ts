/** The replicator of a simulated KMA, and the part of the core that it talks to: own entries out, foreign ones in, confirmations, sealed objects. It decides no operation. */

import type { Fact } from '../src/core/facts.ts';
import type { IncarnationId } from '../src/core/ids.ts';
import { replacedSplitObjects } from '../src/core/key-split-standing.ts';
import { type Absence, absenceOf } from '../src/core/membership.ts';
import { covers, type VersionVector } from '../src/core/version-vector.ts';
import type { NewObject } from '../src/operations/operation.ts';
import type { Core } from './core.ts';
import type { Disk } from './disk.ts';
import { takeForeign } from './foreign-log.ts';
import { KnownMembers, memberKey } from './known-members.ts';
import type { Machine, MachineSupport } from './machine.ts';
import { type LogsCache, SimulatedLogs } from './simulated-logs.ts';
import { SoughtSplit } from './sought-split.ts';
import { changesOf, vectorText } from './vectors.ts';

export interface ReplicatorSupport extends MachineSupport {
  readonly machine: Machine;
  readonly core: Core;
  readonly disk: Disk;
}

const WANTED_MAX = 256;
const LOOK_AGAIN_MS = 30_000;
const WANT_AGAIN_MS = 1_000;
const OWN_LENGTH_WITHIN_MS = 3_000;
const CONFIRM_AFTER_MS = 100;
const INCARNATIONS_MAX = 10_000;

export class Replicator {
  readonly #support: ReplicatorSupport;
  readonly #logs: SimulatedLogs;
  readonly #followed = new Set<string>();
  /** As often as rows of lives had changed when all were followed. */
  #livesSeen = -1;
  #members: KnownMembers;
  #published = 0;
  #stopped = false;
  #confirming = false;
  /** By peer, as it was told. */
  readonly #confirmed = new Map<string, string>();
  readonly #split: SoughtSplit;
  /** By peer, as it is in the state: of many logs few have grown. */
  readonly #put = new Map<string, VersionVector>();
  #wantedAtMs = -WANT_AGAIN_MS;
  /** Rounds so far: all is asked for by turns, as in production, since what nobody has must keep nothing else waiting. */
  #wantedRounds = 0;
  readonly #applied = new Map<string, VersionVector>();
  readonly incarnationId: string;

  constructor(support: ReplicatorSupport) {
    this.#support = support;
    this.incarnationId = support.machine.self.incarnationId;
    this.#split = new SoughtSplit(support.machine.store, support.schedule);
    this.#members = new KnownMembers(support.machine.store.state);
    support.replicators.add(this);
    const { machine, schedule, network, endpoints } = support;
    this.#logs = new SimulatedLogs({
      place: machine.place,
      kmaId: machine.self.kmaId,
      incarnationId: machine.self.incarnationId,
      logPublicKey: machine.files.logPublicKey,
      replicationPublicKey: machine.files.replicationPublicKey,
      clusterEpochId: machine.clusterEpochId,
      schedule,
      network,
      endpoints,
      admits: (peer) => this.#admits(peer),
      onConflict: (id) => {
        if (!this.#stopped && id === this.incarnationId) machine.foundOlder();
      },
      expired: () => machine.certificateExpired,
    });
  }

  /** With what the one before has left, if the machine has gone on meanwhile: the core may take of it yet. */
  begin(cache: LogsCache = new Map()): void {
    const { core } = this.#support;
    const { store, self } = this.#support.machine;
    const { doubted } = this.#support.machine;
    for (const id of new Set([...Object.keys(store.vector()), ...cache.keys()])) {
      if (id === doubted) continue;
      const stored = store.readLog(id, 0);
      const cached = cache.get(id) ?? [];
      this.#logs.refill(id, cached.length > stored.length ? cached : stored);
    }
    this.#published = store.logLength(self.incarnationId);
    this.#logs.onConfirmed(({ incarnationId }, { applied, holds }) => {
      if (this.#stopped) return;
      this.#compareOwn();
      if (this.#stopped) return;
      this.#applied.set(incarnationId, applied);
      this.#split.told(incarnationId, applied);
      this.#isConfirmed(incarnationId, holds);
      this.#wantMissing();
    });
    this.#followAll();
    this.#confirm();
    this.#lookAgain();
    this.#support.schedule.after(OWN_LENGTH_WITHIN_MS, () => {
      if (this.#stopped) return;
      this.#compareOwn();
      if (!this.#stopped) core.mayWrite();
    });
  }
  /** Others may know more of the own log than the store, at the start and at any later time. */
  #compareOwn(): void {
    const { store, self } = this.#support.machine;
    if (this.#logs.ownLengthElsewhere() > store.logLength(self.incarnationId))
      this.#support.machine.foundOlder();
  }
  stop(): void {
    this.#stopped = true;
    this.#support.replicators.delete(this);
    void this.#logs.close();
  }

  get cache(): LogsCache {
    return this.#logs.cache;
  }

  isConnectedTo(machine: Machine): boolean {
    const other = machine.running?.replicator;
    return other !== undefined && this.#logs.isConnected(other.#logs);
  }

  lacking(kmaId: string, objectId: string): ReadonlySet<string> {
    const lives = [...this.#support.replicators].filter(
      (peer) => peer.#support.machine.self.kmaId === kmaId && this.#logs.isConnected(peer.#logs),
    );
    return this.#split.lacking(
      lives.map(({ incarnationId }) => incarnationId),
      objectId,
    );
  }

  peersAheadMs(): number[] {
    const { machine, replicators } = this.#support;
    const nowMs = machine.clock.wallMs();
    return [...replicators]
      .filter((peer) => peer !== this && this.#logs.isConnected(peer.#logs))
      .map((peer) => peer.#support.machine.clock.wallMs() - nowMs);
  }

  /** After a commit of the core. */
  published(facts: readonly Fact[]): void {
    const { store, self } = this.#support.machine;
    this.#split.committed(facts);
    const blocks = store.readLog(self.incarnationId, this.#published);
    if (blocks.length === 0) return;
    void this.#logs.append(this.#published, blocks);
    this.#published += blocks.length;
    this.#followAll();
    this.#confirmSoon();
  }

  #admits(peer: SimulatedLogs): boolean {
    const { machine } = this.#support;
    if (peer.options.expired() || machine.certificateExpired) return false;
    if (peer.options.clusterEpochId !== machine.clusterEpochId) return false;
    // A copy of this machine, with the key of this KMA itself.
    if (peer.options.kmaId === machine.self.kmaId) return false;
    return this.#isMember(peer.options.kmaId);
  }
  /** Here. Asked at every message. */
  #isMember(kmaId: string): boolean {
    const { state } = this.#support.machine.store;
    if (!this.#members.isOf(state)) this.#members = new KnownMembers(state);
    return this.#members.has(kmaId);
  }

  /** Lives of members that are connected and not known yet. */
  #greetAll(): void {
    const { machine } = this.#support;
    for (const { options } of this.#logs.connected()) {
      const { kmaId, incarnationId, logPublicKey, replicationPublicKey } = options;
      const life = machine.store.state.get('incarnation', incarnationId);
      const member = machine.store.state.get('kma', kmaId);
      if (life?.createdStamp != null || life?.admittedStamp != null) continue;
      const keySha256 = member === undefined ? '' : memberKey(member);
      const input = { keySha256, kmaId, incarnationId, logPublicKey, replicationPublicKey };
      void machine.callLocal('AdmitIncarnation', input);
    }
  }

  /** Of those that could be reached and do not let it in; who is no member here is not asked, as in production. */
  #hearStanding(): void {
    const { machine, core, network, replicators } = this.#support;
    const reached = [...replicators].filter(
      (peer) =>
        !network.isCut(machine.place, peer.place) &&
        !network.isCut(peer.place, machine.place) &&
        this.#isMember(peer.#support.machine.self.kmaId),
    );
    if (reached.some((peer) => peer !== this && this.#logs.isConnected(peer.#logs))) core.toldStanding(null);
    else {
      const [absence] = reached.flatMap((peer) => peer.#standingOf(machine.self.kmaId) ?? []);
      if (absence !== undefined) core.toldStanding(absence);
    }
  }
  get place(): string {
    return this.#support.machine.place;
  }
  #standingOf(kmaId: string): Absence | null {
    const member = this.#support.machine.store.state.get('kma', kmaId);
    return member === undefined ? null : absenceOf(member);
  }

  #followAll(): void {
    const { state } = this.#support.machine.store;
    const changes = state.changes('incarnation');
    if (changes === this.#livesSeen) return;
    this.#livesSeen = changes;
    for (const life of state.page('incarnation', '', INCARNATIONS_MAX))
      this.#follow(life.id, life.replicationPublicKey ?? life.admittedReplicationKey);
  }
  #follow(incarnationId: string, publicKey: string | null): void {
    const { store, self } = this.#support.machine;
    if (incarnationId === self.incarnationId || this.#followed.has(incarnationId)) return;
    if (!this.#support.seams.follows(incarnationId)) return;
    this.#followed.add(incarnationId);
    const log = { incarnationId, publicKey: publicKey ?? '' };
    const doubted = this.#support.machine.doubted === incarnationId;
    this.#logs.follow(log, doubted ? 0 : store.logLength(incarnationId), (afterSeq, blocks) =>
      doubted && afterSeq < store.logLength(incarnationId)
        ? this.#compare(incarnationId as IncarnationId, afterSeq, blocks)
        : this.#take(incarnationId as IncarnationId, afterSeq, blocks),
    );
  }

  /** What is here already may be another end of the log. */
  #compare(incarnationId: IncarnationId, afterSeq: number, blocks: readonly Uint8Array[]): Promise<number> {
    const { machine, disk, seams } = this.#support;
    const { store } = machine;
    const length = store.logLength(incarnationId);
    const known = blocks.slice(0, length - afterSeq);
    const end = afterSeq + known.length;
    return new Promise((resolve) =>
      disk.commit(
        () => {
          const nowMs = machine.clock.wallMs();
          const { stalled } = takeForeign(seams, store, incarnationId, afterSeq, known, nowMs, false);
          if (stalled === null && end === length) machine.endDoubt();
          return () => {
            if (stalled?.after !== undefined) machine.foundFork(incarnationId, stalled.after);
            else resolve(stalled === null ? end : afterSeq);
          };
        },
        () => resolve(afterSeq),
      ),
    );
  }

  #take(incarnationId: IncarnationId, afterSeq: number, blocks: readonly Uint8Array[]): Promise<number> {
    const { machine, core, disk, watch, seams, schedule } = this.#support;
    const { store } = machine;
    return new Promise((resolve) => {
      disk.commit(
        () => {
          const nowMs = machine.clock.wallMs();
          const { length, stamp, entries, stalled } = takeForeign(
            seams,
            store,
            incarnationId,
            afterSeq,
            blocks,
            nowMs,
            machine.versionBack,
          );
          if (stamp !== null) core.observe(stamp);
          if (stalled !== null)
            watch.note(`${machine.place} stalls ${incarnationId}: ${stalled.code} ${stalled.detail}`);
          return () => {
            watch.folded(machine, incarnationId, entries);
            this.#split.committed(entries.flatMap(({ facts }) => facts));
            this.#followAll();
            this.#wantMissing();
            this.#confirmSoon();
            resolve(length);
          };
        },
        () => resolve(afterSeq),
      );
      if (!machine.replicatorFalls) return;
      machine.replicatorFalls = false;
      schedule.after(0, () => machine.restartReplicator());
    });
  }

  /** Known once it is committed, as in production; a later word replaces an earlier one. */
  #isConfirmed(peer: string, holds: VersionVector): void {
    const { machine, disk } = this.#support;
    const { state } = machine.store;
    const text = vectorText(holds);
    if (this.#confirmed.get(peer) === text) return;
    this.#confirmed.set(peer, text);
    disk.commit(
      () => () => {
        for (const [incarnationId, seq] of changesOf(this.#put.get(peer), holds))
          state.putHolding(incarnationId as IncarnationId, { peer, seq });
        this.#put.set(peer, holds);
      },
      () => this.#confirmed.delete(peer),
    );
  }

  #confirmSoon(): void {
    if (this.#confirming) return;
    this.#confirming = true;
    this.#support.schedule.after(CONFIRM_AFTER_MS, () => {
      this.#confirming = false;
      if (!this.#stopped) this.#confirm();
    });
  }
  /** What is on the disk, as in production, where nobody sees anything else. */
  #confirm(): void {
    this.#support.disk.whenSynced(() => this.#confirmNow());
  }
  #confirmNow(): void {
    const { machine, seams, watch } = this.#support;
    const confirmation = { applied: machine.store.vector(), holds: seams.holds(machine.store) };
    watch.confirmed(machine, confirmation.holds);
    this.#logs.confirm(confirmation);
  }

  #lookAgain(): void {
    if (this.#stopped) return;
    this.#greetAll();
    this.#hearStanding();
    this.#followAll();
    this.#wantMissing();
    this.#support.schedule.after(LOOK_AGAIN_MS, () => this.#lookAgain());
  }

  /** Asked of a peer of whose announcement everything is folded here, so that what is destroyed there is not asked for. */
  #wantMissing(): void {
    const { machine, network, replicators, schedule, seams } = this.#support;
    const { store, place } = machine;
    if (
      !seams.asksForObjects ||
      store.lacks().size === 0 ||
      schedule.nowMs - this.#wantedAtMs < WANT_AGAIN_MS
    )
      return;
    const vector = store.vector();
    const lacks = [...store.lacks().keys()];
    const from = (this.#wantedRounds++ % Math.ceil(lacks.length / WANTED_MAX)) * WANTED_MAX;
    const sought = this.#split.objectIds;
    const first = sought.filter((id) => store.lacks().has(id));
    const ids = [...new Set([...first, ...lacks.slice(from, from + WANTED_MAX)])];
    for (const peer of replicators) {
      const told = this.#applied.get(peer.incarnationId);
      if (peer === this || told === undefined || !covers(vector, told)) continue;
      if (!this.#logs.isConnected(peer.#logs)) continue;
      this.#wantedAtMs = schedule.nowMs;
      network.send(place, peer.#support.machine.place, () => peer.#isAsked(this, ids, vector, sought));
    }
  }

  /** Given only where all is folded that the peer has folded: of the two nobody knows of a destruction that the other does not know. */
  #isAsked(peer: Replicator, ids: readonly string[], asked: VersionVector, sought: readonly string[]): void {
    const { machine, network } = this.#support;
    const { store, place } = machine;
    if (this.#stopped || !this.#logs.isConnected(peer.#logs)) return;
    if (!covers(store.vector(), asked)) return;
    const has = sought.filter((id) => store.hasObject(id));
    const searched = { has, lacks: sought.filter((id) => !has.includes(id)), asked };
    if (sought.length > 0)
      network.send(place, peer.#support.machine.place, () => peer.#split.said(this.incarnationId, searched));
    const objects = ids.flatMap((id) => store.getObject(id) ?? []);
    if (objects.length === 0) return;
    network.send(place, peer.#support.machine.place, () => peer.#isGiven(objects));
  }

  #isGiven(objects: readonly NewObject[]): void {
    const { machine, disk, watch, seams } = this.#support;
    const { store } = machine;
    if (this.#stopped) return;
    disk.commit(
      () => {
        const wanted = objects.filter(
          ({ id }) => seams.isWanted(id, store) && store.getObject(id) === undefined,
        );
        for (const object of wanted) store.putObject(object);
        const replaced = replacedSplitObjects(store.state, (id) => store.hasObject(id));
        for (const id of replaced) store.eraseObject(id);
        store.noteErased(replaced);
        if (seams.confirmsBeforeCommit) this.#confirmNow();
        return () => {
          for (const { id } of wanted) watch.fetched(machine, id);
          if (wanted.length > 0) this.#confirmSoon();
        };
      },
      () => undefined,
    );
  }
}
