/** Sealed objects that rows name and this KMA does not have: written by the fold of foreign entries, answered by other members. It fetches nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ObjectId } from '../core/ids.ts';
import { NAMING_TABLES, type NamedObject, namedObjects } from '../core/named-objects.ts';
import type { StateView } from '../core/state.ts';
import type { AnyRow, TableName } from '../core/tables.ts';
import type { VersionVector } from '../core/version-vector.ts';

const PAGE_ROWS = 1_000;
/** In the place of a log for what is no key; there its time stands in the place of the position. */
const NO_LOG = '';

export class MissingObjects {
  readonly #note: StatementSync;
  readonly #forget: StatementSync;
  readonly #naming: StatementSync;
  readonly #nextLog: StatementSync;
  readonly #firsts: StatementSync;
  readonly #behind: StatementSync;
  readonly #upTo: StatementSync;
  readonly #any: StatementSync;
  readonly #firstMade: StatementSync;
  readonly #clear: StatementSync;

  constructor(database: DatabaseSync) {
    this.#note = database.prepare(
      `INSERT INTO missing_object (id, since, named_in, named_by, incarnation, seq)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM object WHERE id = ?1)
       ON CONFLICT (id) DO UPDATE SET named_in = excluded.named_in, named_by = excluded.named_by,
         incarnation = excluded.incarnation, seq = excluded.seq
       WHERE coalesce(missing_object.incarnation, '${NO_LOG}') = '${NO_LOG}'`,
    );
    this.#forget = database.prepare('DELETE FROM missing_object WHERE id = ?');
    this.#naming = database.prepare('SELECT named_in, named_by FROM missing_object WHERE id = ?');
    this.#nextLog = database.prepare(
      'SELECT min(incarnation) AS log FROM missing_object WHERE incarnation > ?',
    );
    this.#firsts = database.prepare('SELECT id FROM missing_object WHERE incarnation = ? ORDER BY seq, id');
    this.#behind = database.prepare('SELECT id FROM missing_object WHERE id > ? ORDER BY id');
    this.#upTo = database.prepare('SELECT id FROM missing_object WHERE id <= ? ORDER BY id');
    this.#any = database.prepare('SELECT 1 FROM missing_object LIMIT 1');
    this.#firstMade = database.prepare('SELECT min(seq) AS seq FROM missing_object WHERE incarnation = ?');
    this.#clear = database.prepare('DELETE FROM missing_object');
  }

  /**
   * Those that are here already are not noted. What an object has to be says the first row that names it, as long as it
   * does, and of a key the key: any member can name an object of another one's in a row of its own.
   */
  note(state: StateView, named: readonly NamedObject[], nowMs: number): void {
    for (const { id, table, row, made } of named)
      if (made !== null || this.demanded(state, id) === undefined)
        this.#note.run(id, nowMs, table, row, made?.incarnationId ?? NO_LOG, made?.seq ?? nowMs);
  }
  forget(id: string): void {
    this.#forget.run(id);
  }
  has(id: string): boolean {
    return this.#naming.get(id) !== undefined;
  }
  /** What the row that names it demands of it now; undefined for one that is not missing. */
  demanded(state: StateView, id: string): NamedObject | undefined {
    const naming = this.#naming.get(id);
    if (naming === undefined) return undefined;
    const table = String(naming['named_in']) as TableName;
    const row = state.get(table, String(naming['named_by'])) as AnyRow | undefined;
    return namedObjects(state, table, row).find((named) => named.id === id);
  }
  get any(): boolean {
    return this.#any.get() !== undefined;
  }
  /** Of each log as many as of every other, its first keys, and before them the oldest of what is no key. */
  firsts(limit: number, fits: (id: string) => boolean = () => true): readonly ObjectId[] {
    const logs = [NO_LOG, ...this.#logs()];
    const share = Math.max(1, Math.floor(limit / logs.length));
    const firsts = logs.flatMap((log) => {
      const found: ObjectId[] = [];
      for (const { id } of this.#firsts.iterate(log)) {
        if (fits(String(id))) found.push(String(id) as ObjectId);
        if (found.length >= share) break;
      }
      return found;
    });
    return firsts.slice(0, limit);
  }
  /** All of them, each once: those behind this one, then the others up to it. */
  *around(after: string): Generator<ObjectId> {
    for (const statement of [this.#behind, this.#upTo])
      for (const { id } of statement.iterate(after)) yield String(id) as ObjectId;
  }

  #logs(): readonly string[] {
    const logs: string[] = [];
    let log = this.#nextLog.get(NO_LOG)?.['log'];
    while (typeof log === 'string') {
      logs.push(log);
      log = this.#nextLog.get(log)?.['log'];
    }
    return logs;
  }

  /** For each log the position up to which every key that is not destroyed has its sealed object here. */
  heldVector(vector: VersionVector): VersionVector {
    if (!this.any) return vector;
    return Object.fromEntries(
      Object.entries(vector).map(([incarnationId, length]) => {
        const first = this.#firstMade.get(incarnationId)?.['seq'];
        return [incarnationId, typeof first === 'number' ? Math.min(length, first - 1) : length];
      }),
    );
  }

  /** Inside a transaction: for a store whose list of them was left behind, such as one made from a copy. Reads all rows that can name one. */
  findAll(state: StateView, nowMs: number): void {
    this.#clear.run();
    for (const table of NAMING_TABLES) {
      let rows = state.page(table, '', PAGE_ROWS);
      while (rows.length > 0) {
        for (const row of rows) this.note(state, namedObjects(state, table, row as unknown as AnyRow), nowMs);
        rows = state.page(table, rows.at(-1)?.id ?? '', PAGE_ROWS);
      }
    }
  }
}
