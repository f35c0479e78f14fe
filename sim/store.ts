/** The store of a simulated KMA: what production keeps in one SQLite file, in maps. It changes in transactions, which a loss of power takes back until they are synced. */
import type { LogEntry } from '../src/core/facts.ts';
import { foldFact } from '../src/core/fold.ts';
import type { NamedObject, RowChange } from '../src/core/named-objects.ts';
import { HLC_ZERO, type Hlc } from '../src/core/stamp.ts';
import type { FoldTarget, StateView } from '../src/core/state.ts';
import type { AnyRow, TableName } from '../src/core/tables.ts';
import type { AuditNote } from '../src/operations/audit-record.ts';
import type { NewObject } from '../src/operations/operation.ts';
import { HashedState } from './hashed-state.ts';
import { foldRead, foldWritten } from './shared-rows.ts';
import { VectorSum } from './vectors.ts';

type Vector = Readonly<Record<string, number>>;

interface Log {
  readonly blocks: Uint8Array[];
  stamp: string;
}

export interface AuditRow {
  readonly operation: string;
  readonly note: AuditNote;
}

/** Takes one change back, in the store or in a copy of it. */
type Undo = (store: Store) => unknown;

const ERASED = 'erasuresPending';

/** How a fact gets into rows; a mutant folds otherwise. */
export type Fold = typeof foldFact;

export class Store implements FoldTarget {
  readonly state: HashedState;
  readonly #logs: Map<string, Log>;
  readonly #objects: Map<string, NewObject>;
  readonly #local: Map<string, string>;
  /** Objects that rows name and that are not here. */
  readonly #missing: Map<string, NamedObject>;
  readonly audit: AuditRow[];
  readonly #fold: Fold;
  /** Of the lengths of all logs. */
  readonly #sum: VectorSum;
  /** All logs that there are, by name. */
  #order: readonly string[] = [];
  /** Null where logs have changed since it was asked for. */
  #vector: Vector | null = null;
  #open: Undo[] | null = null;
  #unsynced: Undo[] = [];
  readonly #unsyncedObjects = new Set<string>();

  constructor(fold: Fold = foldFact, like: Store | null = null) {
    this.#fold = fold;
    this.state = like === null ? new HashedState() : like.state.copy();
    this.#sum = like === null ? new VectorSum() : like.#sum.copy();
    this.#logs = new Map();
    if (like !== null)
      for (const [id, { blocks, stamp }] of like.#logs) this.#logs.set(id, { blocks: [...blocks], stamp });
    this.#objects = new Map(like === null ? [] : like.#objects);
    this.#local = new Map(like === null ? [] : like.#local);
    this.#missing = new Map(like === null ? [] : like.#missing);
    this.audit = like === null ? [] : [...like.audit];
  }

  /** What a copy of the disk holds now: only what no loss of power takes back. */
  copy(): Store {
    const copy = new Store(this.#fold, this);
    for (const undo of [...this.#unsynced].reverse()) undo(copy);
    return copy;
  }

  /** All or nothing. */
  transaction<T>(work: () => T): T {
    if (this.#open !== null) throw new Error('a transaction is open already');
    this.#open = [];
    try {
      const result = work();
      this.#unsynced.push(...this.#open);
      return result;
    } catch (error) {
      for (const undo of this.#open.reverse()) undo(this);
      throw error;
    } finally {
      this.#open = null;
    }
  }
  /** From now on no crash takes it back. */
  sync(): void {
    this.#unsynced = [];
    this.#unsyncedObjects.clear();
  }
  /** `kept`: so many of the changes stay, which no disk under a journal does; a mutant. */
  losePower(kept = 0): void {
    for (const undo of this.#unsynced.splice(kept).reverse()) undo(this);
    this.sync();
  }

  getRow(table: TableName, id: string): AnyRow | undefined {
    return this.state.getRow(table, id);
  }
  putRow(table: TableName, row: AnyRow): void {
    const before = this.state.restoreRow(table, row.id, row);
    this.#undoable((store) => store.state.restoreRow(table, row.id, before));
  }

  /** Gives the position, from 1. */
  append(incarnationId: string, entry: LogEntry, block: Uint8Array): number {
    this.#append(incarnationId, entry, block);
    foldWritten(this.#fold, this, entry, block);
    return this.logLength(incarnationId);
  }
  appendForeignEntry(incarnationId: string, entry: LogEntry, block: Uint8Array): readonly RowChange[] {
    this.#append(incarnationId, entry, block);
    const { facts } = entry;
    const before = facts.map(({ table, id }) => this.getRow(table, id));
    foldRead(this.#fold, this, entry, block);
    const known = new Set<AnyRow>();
    return facts.flatMap(({ table, id }, place): RowChange[] => {
      const after = this.getRow(table, id);
      // Of several facts about one row the first tells.
      if (after === undefined || after === before[place] || known.has(after)) return [];
      known.add(after);
      return [{ table, before: before[place], after }];
    });
  }
  #append(incarnationId: string, entry: LogEntry, block: Uint8Array): void {
    const log = this.#logOf(incarnationId);
    const before = log.stamp;
    this.#undoable((store) => {
      const undone = store.#logOf(incarnationId);
      undone.blocks.pop();
      undone.stamp = before;
      store.#grown(incarnationId, -1);
    });
    log.blocks.push(block);
    this.#grown(incarnationId, 1);
    if (entry.stamp > log.stamp) log.stamp = entry.stamp;
  }
  /** As in production: the rows that the end of the log has touched are folded anew from all that is left. */
  takeBack(incarnationId: string, afterSeq: number): readonly LogEntry[] {
    const log = this.#logOf(incarnationId);
    const before = { blocks: [...log.blocks], stamp: log.stamp };
    const taken = log.blocks.splice(afterSeq).map(entryOf);
    this.#undoable((store) => {
      store.#logs.set(incarnationId, { ...before, blocks: [...before.blocks] });
      store.#grown(incarnationId, taken.length);
    });
    this.#grown(incarnationId, -taken.length);
    const last = log.blocks.at(-1);
    log.stamp = last === undefined ? '' : entryOf(last).stamp;
    const touched = new Set(taken.flatMap(({ facts }) => facts.map(({ table, id }) => `${table} ${id}`)));
    for (const { facts } of taken)
      for (const { table, id } of facts) {
        const row = this.state.getRow(table, id);
        this.#undoable((store) => store.state.restoreRow(table, id, row));
        this.state.restoreRow(table, id, undefined);
      }
    for (const { blocks } of this.#logs.values())
      for (const block of blocks) {
        const { facts, stamp } = entryOf(block);
        for (const fact of facts) if (touched.has(`${fact.table} ${fact.id}`)) this.#fold(this, fact, stamp);
      }
    return taken;
  }
  logLength(incarnationId: string): number {
    return this.#logs.get(incarnationId)?.blocks.length ?? 0;
  }
  readLog(incarnationId: string, afterSeq: number, limit = Number.MAX_SAFE_INTEGER): readonly Uint8Array[] {
    return this.#logs.get(incarnationId)?.blocks.slice(afterSeq, afterSeq + limit) ?? [];
  }
  logStamp(incarnationId: string): string {
    return this.#logs.get(incarnationId)?.stamp ?? '';
  }
  lastStamp(): Hlc {
    let last: string = HLC_ZERO;
    for (const { stamp } of this.#logs.values()) if (stamp > last) last = stamp;
    return last.slice(0, HLC_ZERO.length) as Hlc;
  }
  vector(): Vector {
    this.#vector ??= this.#vectorOfLogs();
    return this.#vector;
  }
  #vectorOfLogs(): Vector {
    if (this.#order.length !== this.#logs.size) this.#order = [...this.#logs.keys()].sort();
    const vector: Record<string, number> = {};
    for (const id of this.#order) {
      const length = this.logLength(id);
      if (length > 0) vector[id] = length;
    }
    return vector;
  }

  /** The same where the vector is the same. */
  vectorHash(): string {
    return this.#sum.hash;
  }
  #grown(incarnationId: string, by: number): void {
    this.#vector = null;
    this.#sum.grow(incarnationId, by);
    this.state.putLogLength(incarnationId, this.logLength(incarnationId));
  }

  putObject(object: NewObject): void {
    if (this.#objects.has(object.id)) throw new Error(`object ${object.id} is stored already`);
    this.#undoable((store) => {
      store.#unsyncedObjects.delete(object.id);
      store.#objects.delete(object.id);
    });
    this.#objects.set(object.id, object);
    this.#unsyncedObjects.add(object.id);
    this.#forgetMissing(object.id);
  }
  getObject(id: string): NewObject | undefined {
    return this.#objects.get(id);
  }
  /** What a loss of power takes away. */
  unsyncedObjects(): Iterable<string> {
    return this.#unsyncedObjects;
  }
  hasObjectSynced(id: string): boolean {
    return this.#objects.has(id) && !this.#unsyncedObjects.has(id);
  }
  hasObject(id: string): boolean {
    return this.#objects.has(id);
  }
  objectIds(): IterableIterator<string> {
    return this.#objects.keys();
  }
  eraseObject(id: string): boolean {
    this.#forgetMissing(id);
    const before = this.#objects.get(id);
    if (before === undefined) return false;
    this.#undoable((store) => store.#objects.set(id, before));
    return this.#objects.delete(id);
  }

  readonly missing = {
    note: (_: StateView, named: readonly NamedObject[]): void => {
      for (const object of named)
        if (!this.#objects.has(object.id) && !this.#missing.has(object.id)) {
          this.#undoable((store) => store.#missing.delete(object.id));
          this.#missing.set(object.id, object);
        }
    },
  };
  lacks(): ReadonlyMap<string, NamedObject> {
    return this.#missing;
  }
  /** For each log the position up to which every key that is not destroyed has its sealed object here. */
  heldVector(): Vector {
    if (this.#missing.size === 0) return this.vector();
    const held: Record<string, number> = { ...this.vector() };
    for (const { made } of this.#missing.values())
      if (made !== null) held[made.incarnationId] = Math.min(held[made.incarnationId] ?? 0, made.seq - 1);
    return held;
  }
  #forgetMissing(id: string): void {
    const before = this.#missing.get(id);
    if (before === undefined) return;
    this.#undoable((store) => store.#missing.set(id, before));
    this.#missing.delete(id);
  }

  appendAudit(row: AuditRow): void {
    this.#undoable((store) => store.audit.pop());
    this.audit.push(row);
  }

  getLocal(name: string): string | undefined {
    return this.#local.get(name);
  }
  setLocal(name: string, value: string): void {
    const before = this.#local.get(name);
    this.#undoable((store) =>
      before === undefined ? store.#local.delete(name) : store.#local.set(name, before),
    );
    this.#local.set(name, value);
  }
  /** Objects that are gone from here, until that is recorded. */
  erased(): readonly string[] {
    return JSON.parse(this.#local.get(ERASED) ?? '[]') as string[];
  }
  noteErased(ids: readonly string[]): void {
    if (ids.length > 0) this.setLocal(ERASED, JSON.stringify([...this.erased(), ...ids]));
  }
  /** Of keys that were destroyed before this life began: it has none of them, and has to say so too. */
  noteErasedBefore(incarnationId: string): void {
    const gone = [...this.state.rows('key')].flatMap(({ destroyedStamp, objectId }) => {
      if (destroyedStamp == null || typeof objectId !== 'string' || this.#objects.has(objectId)) return [];
      return this.state.get('object_erasure', `${objectId}:${incarnationId}`) === undefined ? [objectId] : [];
    });
    this.noteErased(gone);
  }
  forgetErased(ids: readonly string[]): void {
    this.setLocal(ERASED, JSON.stringify(this.erased().filter((id) => !ids.includes(id))));
  }
  /** What belongs to this machine alone is in no backup. */
  forgetMachine(): void {
    this.#local.clear();
  }

  #logOf(incarnationId: string): Log {
    const known = this.#logs.get(incarnationId);
    if (known !== undefined) return known;
    const log: Log = { blocks: [], stamp: '' };
    this.#logs.set(incarnationId, log);
    return log;
  }
  #undoable(undo: Undo): void {
    if (this.#open === null) throw new Error('the store is changed inside a transaction only');
    this.#open.push(undo);
  }
}

export function entryOf(block: Uint8Array): LogEntry {
  return JSON.parse(Buffer.from(block).toString('utf8')) as LogEntry;
}
