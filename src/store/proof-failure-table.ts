/** Passphrase proofs that failed in a row, of entities that exist, as local rows. It judges nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface StoredFailures {
  /** Role and name, as in "agent:drive-1". */
  readonly entity: string;
  /** Typed at the appliance; those from the network are counted apart. */
  readonly atAppliance: boolean;
  readonly count: number;
  readonly lastMs: number;
}

export class ProofFailureTable {
  readonly #all: StatementSync;
  readonly #replace: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync) {
    this.#all = database.prepare(
      'SELECT entity, at_appliance AS atAppliance, count, last_ms AS lastMs FROM proof_failure ORDER BY last_ms',
    );
    this.#replace = database.prepare(
      'REPLACE INTO proof_failure (entity, at_appliance, count, last_ms) VALUES (?, ?, ?, ?)',
    );
    this.#delete = database.prepare('DELETE FROM proof_failure WHERE entity = ? AND at_appliance = ?');
  }

  /** The one that failed last at the end. */
  all(): readonly StoredFailures[] {
    return this.#all.all().map(({ entity, atAppliance, count, lastMs }) => ({
      entity: String(entity),
      atAppliance: atAppliance === 1,
      count: Number(count),
      lastMs: Number(lastMs),
    }));
  }

  /** Of both places together, by entity. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { entity, count } of this.all()) counts.set(entity, (counts.get(entity) ?? 0) + count);
    return counts;
  }

  /** Inside a transaction. Only rows that differ are written. */
  become(failures: readonly StoredFailures[]): void {
    const before = new Map(this.all().map((row) => [keyOf(row), row]));
    for (const row of failures) {
      const known = before.get(keyOf(row));
      before.delete(keyOf(row));
      if (known?.count === row.count && known.lastMs === row.lastMs) continue;
      this.#replace.run(row.entity, Number(row.atAppliance), row.count, row.lastMs);
    }
    for (const row of before.values()) this.#delete.run(row.entity, Number(row.atAppliance));
  }
}

function keyOf({ entity, atAppliance }: StoredFailures): string {
  return `${Number(atAppliance)}${entity}`;
}
