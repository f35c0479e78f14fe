/** Takes what other KMAs have written: their entries, sealed objects and confirmations, in the same commits as the operations here. It talks to nobody, and the fold starts no operation. */

import { comparedFrom } from '../../core/compared-from.ts';
import { conflictsOf } from '../../core/conflicts.ts';
import type { IncarnationId } from '../../core/ids.ts';
import { replacedSplitObjects } from '../../core/key-split-standing.ts';
import { contestedKeys } from '../../core/named-objects.ts';
import type { TableName } from '../../core/tables.ts';
import type { VersionVector } from '../../core/version-vector.ts';
import { consequences } from '../../operations/consequences.ts';
import type { NewObject } from '../../operations/operation.ts';
import type { SealedObject } from '../../replication/peer-messages.ts';
import { doubtedLog, endDoubt, type Forked } from '../../setup/copy-detection.ts';
import { appendForeign, type ForeignAppend } from '../../store/foreign-entries.ts';
import type { Stall } from '../../store/foreign-entry.ts';
import { ClaimsOfMore } from './claims-of-more.ts';
import type { Core } from './core.ts';
import { isDemanded } from './demanded-object.ts';
import { logFailure } from './failure.ts';

/** What a batch of entries came to. */
export interface Applied {
  /** Of the log, as it is folded here now. */
  readonly length: number;
  /** Why no more of it was taken. */
  readonly stalled: string | null;
  /** It is nothing that a KMA writes. */
  readonly broken: boolean;
}

export interface ReplicationEvents {
  /** Rows of these tables were changed, after the commit. */
  readonly changed: (tables: ReadonlySet<TableName>) => void;
  /** Sealed objects are missing that were not, or have come. */
  readonly objectsChanged: () => void;
  /** Others hold more or fewer keys of this KMA. */
  readonly holdingsChanged: () => void;
  /** What was changed on both sides of a partition waits to be written down. */
  readonly conflictsFound: () => void;
  /** The log of an earlier life of this KMA, of which others have another end. */
  readonly forked: (forked: Forked) => void;
  /** A member says that it has so much of the own log, nobody has proven it, and a new life is due. */
  readonly overtaken: (length: number) => void;
  /** For people: what is wrong with a log. */
  readonly trouble: (condition: string, details: string) => void;
}

const BROKEN: ReadonlySet<Stall['code']> = new Set(['damaged', 'hostile', 'forked', 'unfoldable']);
/** It passes by itself, or is as it should be. */
const NO_TROUBLE: ReadonlySet<Stall['code']> = new Set(['gap', 'closed', 'unknown']);
const UNKNOWN_BEGINNING =
  'and of no entry before it is known that it is the same there, so that what was forgotten or written meanwhile may not be at all members; compare what they have, delete this KMA as retired, and have it join again';
const unmendable = (detail: string): Stall => ({ code: 'forked', detail });
const REASON_CHARACTERS_MAX = 256;
/** What others hold of logs of others is shown to people alone, and is worth no commit of its own each time. */
const OTHERS_MS = 5_000;

interface Written {
  readonly holds: VersionVector;
  readonly atMs: number;
}

export class Replication {
  readonly #core: Core;
  readonly #events: ReplicationEvents;
  /** By log, what was last told to be wrong with it. */
  readonly #troubles = new Map<string, string>();
  /** By peer, what it has confirmed and is not written yet. */
  readonly #confirmed = new Map<string, VersionVector>();
  /** By peer, what was written last: an idle cluster writes nothing. */
  readonly #written = new Map<string, Written>();
  readonly #claims: ClaimsOfMore;
  #writing = false;
  #doubted: string | null;

  constructor(core: Core, events: ReplicationEvents) {
    this.#core = core;
    this.#events = events;
    const { store, self, time, firstWrites } = core.parts;
    this.#doubted = doubtedLog(store);
    this.#claims = new ClaimsOfMore({
      store,
      self,
      nowMs: () => time.nowMs(),
      elapsedMs: () => performance.now(),
      trouble: (condition, details) => events.trouble(condition, details),
      due: (length) => events.overtaken(length),
    });
    firstWrites.onUnproven(() => this.#guarded(() => this.#claims.judge()));
  }

  /** In as many commits as keep agents from waiting. */
  async apply(
    incarnationId: IncarnationId,
    afterSeq: number,
    blocks: readonly Uint8Array[],
  ): Promise<Applied> {
    const { store, self } = this.#core.parts;
    const obstacle = this.#obstacle();
    if (incarnationId === self.incarnationId || obstacle !== null)
      return {
        length: store.logLength(incarnationId),
        stalled: obstacle ?? 'this is the own log',
        broken: false,
      };
    const end = afterSeq + blocks.length;
    if (incarnationId === this.#doubted) {
      if (afterSeq < store.logLength(incarnationId)) return this.#compare(incarnationId, afterSeq, blocks);
      const stalled = this.#uncompared(incarnationId, afterSeq);
      if (afterSeq > stalled.length) return stalled;
      await this.#endDoubt();
    }
    let at = afterSeq;
    for (;;) {
      const taken = await this.#take(incarnationId, at, blocks.slice(at - afterSeq));
      if (taken.stalled !== null) return this.#stalled(incarnationId, taken.length, taken.stalled);
      if (taken.length >= end || taken.length <= at) break;
      at = taken.length;
    }
    this.#troubles.delete(incarnationId);
    return { length: store.logLength(incarnationId), stalled: null, broken: false };
  }

  /** What is here already may be another end of the log: each entry is looked at once. */
  async #compare(
    incarnationId: IncarnationId,
    afterSeq: number,
    blocks: readonly Uint8Array[],
  ): Promise<Applied> {
    const length = this.#core.parts.store.logLength(incarnationId);
    const known = blocks.slice(0, length - afterSeq);
    const { stalled } = await this.#take(incarnationId, afterSeq, known);
    const end = afterSeq + known.length;
    if (stalled === null && end === length) await this.#endDoubt();
    if (stalled === null) return { length: end, stalled: null, broken: false };
    // Where not even one entry is known to be the same, nobody knows where the two ends begin.
    const from = comparedFrom(this.#core.parts.store.state, incarnationId);
    const { after } = stalled;
    if (after === undefined) return this.#stalled(incarnationId, afterSeq, stalled);
    if (after <= from && from > 0)
      return this.#stalled(incarnationId, afterSeq, unmendable(`${stalled.detail}, ${UNKNOWN_BEGINNING}`));
    this.#events.forked({ incarnationId, after });
    return { length: afterSeq, stalled: stalled.detail, broken: false };
  }

  /** What others can still give of a doubted log begins behind all that is here. Where it begins right behind, it counts all the same. */
  #uncompared(incarnationId: IncarnationId, afterSeq: number): Applied {
    const length = this.#core.parts.store.logLength(incarnationId);
    const detail = `${length} entries are here, and others can give those behind ${afterSeq} only, ${UNKNOWN_BEGINNING}`;
    return this.#stalled(incarnationId, length, unmendable(detail));
  }

  async #endDoubt(): Promise<void> {
    const { store } = this.#core.parts;
    await this.#core.committer.submit({ decide: () => null, write: () => endDoubt(store) });
    this.#doubted = null;
  }

  /** Gives how many were not what a row names. One that is not looked for any more is none of them, and is not kept. */
  async store(objects: readonly SealedObject[]): Promise<number> {
    if (this.#obstacle() !== null) return 0;
    const { store } = this.#core.parts;
    const stored = this.#core.committer.submit({
      decide: () => null,
      write: () => {
        let refused = 0;
        let mayOpenSplit = false;
        for (const object of objects) {
          const demanded = store.missing.demanded(store.state, object.id);
          if (demanded === undefined || demanded.form === null) continue;
          if (!isDemanded(object, demanded.form, demanded.sha256, store.state)) refused += 1;
          else {
            store.putObject(object as NewObject);
            store.missing.forget(object.id);
            if (demanded.made !== null) store.keyEpochs.note(demanded.made, object.epoch);
            mayOpenSplit ||= demanded.table === 'key_split' || demanded.table === 'master_wrap';
          }
        }
        const replaced = mayOpenSplit ? replacedSplitObjects(store.state, (id) => store.hasObject(id)) : [];
        for (const id of replaced) store.eraseObject(id);
        return { refused, erased: replaced.length > 0 };
      },
      committed: ({ erased }) => {
        if (erased) this.#core.parts.erased();
        this.#events.objectsChanged();
      },
    });
    try {
      return (await stored).refused;
    } catch (error) {
      this.#failed(error);
      return 0;
    }
  }

  /** A life of a member, also one that is not known yet, has folded so much of each log. */
  told(peer: string, kmaId: string, applied: VersionVector): void {
    const { self, firstWrites } = this.#core.parts;
    if (kmaId === self.kmaId) return;
    const length = applied[self.incarnationId] ?? 0;
    this.#guarded(() => this.#claims.told(kmaId, peer, length));
    firstWrites.told(kmaId, length);
  }

  /** A life of another KMA has confirmed, after its commits, what it has folded and what it holds. */
  confirmed(peer: string, kmaId: string, applied: VersionVector, holds: VersionVector): void {
    const { store, self } = this.#core.parts;
    if (kmaId === self.kmaId) return;
    this.told(peer, kmaId, applied);
    // More than there is of the own log nobody can hold, and more than it has folded no honest one says it holds.
    const isOfOwn = (seq: number) =>
      seq <= store.logLength(self.incarnationId) && !this.#claims.isOvertakenBy(peer);
    const sound = Object.entries(holds).filter(
      ([log, seq]) => seq <= (applied[log] ?? 0) && (log !== self.incarnationId || isOfOwn(seq)),
    );
    const confirmed = Object.fromEntries(sound.sort());
    const written = this.#written.get(peer);
    if (isEqual(written?.holds, confirmed)) this.#confirmed.delete(peer);
    else this.#confirmed.set(peer, confirmed);
    const { incarnationId } = self;
    const isUrgent = written?.holds[incarnationId] !== confirmed[incarnationId];
    if (isUrgent || performance.now() - (written?.atMs ?? 0) >= OTHERS_MS) this.#writeConfirmed();
  }

  /** What comes while a commit is under way waits for it, and then counts together. */
  #writeConfirmed(): void {
    if (this.#writing || this.#confirmed.size === 0 || this.#obstacle() !== null) return;
    this.#writing = true;
    const all = [...this.#confirmed];
    this.#confirmed.clear();
    const { state } = this.#core.parts.store;
    const { incarnationId } = this.#core.parts.self;
    this.#core.committer
      .submit({
        decide: () => null,
        write: () => {
          const before = state.heldByPeers(incarnationId);
          for (const [peer, holds] of all) state.putHoldings(peer, holds);
          return state.heldByPeers(incarnationId) !== before;
        },
        committed: (changed) => {
          for (const [peer, holds] of all) this.#written.set(peer, { holds, atMs: performance.now() });
          if (changed) this.#events.holdingsChanged();
        },
      })
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#writing = false;
        this.#writeConfirmed();
      });
  }

  async #take(
    incarnationId: IncarnationId,
    afterSeq: number,
    blocks: readonly Uint8Array[],
  ): Promise<Pick<ForeignAppend, 'length' | 'stalled'>> {
    const { store, time, self } = this.#core.parts;
    try {
      const { taken } = await this.#core.committer.submit({
        decide: () => null,
        write: () => {
          const taken = appendForeign(store, incarnationId, afterSeq, blocks, time.nowMs());
          const conflicts = taken.entries.flatMap((entry) => conflictsOf(store.state, entry, self));
          store.conflicts.add(conflicts);
          return { taken, conflicts: conflicts.length };
        },
        committed: ({ taken, conflicts }) => {
          this.#taken(taken);
          if (conflicts > 0) this.#events.conflictsFound();
        },
      });
      return taken;
    } catch (error) {
      this.#failed(error);
      return {
        length: store.logLength(incarnationId),
        stalled: { code: 'gap', detail: 'the store cannot take them now' },
      };
    }
  }

  #taken({ stamp, changes, letGo }: ForeignAppend): void {
    const { self, effect, erased } = this.#core.parts;
    if (stamp === null) return;
    this.#core.observe(stamp);
    for (const one of consequences(changes, self)) effect(one);
    if (letGo.length > 0) erased();
    for (const { keyId } of contestedKeys(changes))
      this.#events.trouble('Key claimed twice', `key=${keyId}: another log says that it has made it`);
    this.#events.changed(new Set(changes.map(({ table }) => table)));
    this.#events.objectsChanged();
  }

  #stalled(incarnationId: string, length: number, { code, detail }: Stall): Applied {
    const { store, self } = this.#core.parts;
    const kmaId = store.state.get('incarnation', incarnationId)?.kmaId ?? null;
    if (!NO_TROUBLE.has(code) && this.#troubles.get(incarnationId) !== detail) {
      this.#troubles.set(incarnationId, detail);
      const kma = kmaId === null ? undefined : store.state.get('kma', kmaId);
      this.#events.trouble('Replication stalled', `kma=${kma?.name ?? ''} log=${incarnationId}: ${detail}`);
    }
    // Of a life of this KMA itself, whose store was a copy, nobody else is to blame.
    const broken = BROKEN.has(code) && kmaId !== self.kmaId;
    return { length, stalled: detail.slice(0, REASON_CHARACTERS_MAX), broken };
  }

  #obstacle(): string | null {
    const { health, restore } = this.#core.parts;
    if (restore.built) return 'a restored KMA is about to take the place of this one';
    const obstacle = health.obstacle({ changes: true });
    return obstacle === null ? null : (obstacle.detail ?? obstacle.refused).slice(0, REASON_CHARACTERS_MAX);
  }

  /** What cannot be written now is tried again with the next telling. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#core.parts.health.noteFailure(error);
    logFailure(error, 'replication');
  }
}

function isEqual(one: VersionVector | undefined, other: VersionVector): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
