/** What this KMA has served as local rows, one for each hour that it ran in, for a month: what the cluster is told, and the running hour. It judges nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { HOURS_KEPT, type KmaHour } from '../core/kma-performance.ts';

export class KmaPerformanceTable {
  readonly #add: StatementSync;
  readonly #hours: StatementSync;
  readonly #cut: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      `INSERT INTO kma_performance
         (hour, agents, create_key, retrieve_key, register_kwk, other, refused, total_ms, busy, management, replication)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET agents = excluded.agents,
       create_key = create_key + excluded.create_key, retrieve_key = retrieve_key + excluded.retrieve_key,
       register_kwk = register_kwk + excluded.register_kwk, other = other + excluded.other,
       refused = refused + excluded.refused, total_ms = total_ms + excluded.total_ms, busy = busy + excluded.busy,
       management = management + excluded.management, replication = replication + excluded.replication`,
    );
    this.#hours = database.prepare(
      `SELECT hour, agents, create_key AS createKey, retrieve_key AS retrieveKey, register_kwk AS registerKwk, other,
         refused, total_ms AS totalMs, busy, management, replication
       FROM kma_performance WHERE hour BETWEEN ? AND ? ORDER BY hour`,
    );
    this.#cut = database.prepare('DELETE FROM kma_performance WHERE hour <= ?');
  }

  /** Inside a transaction, as `cut`. All is added up but the number of agents. */
  add(counts: KmaHour): void {
    const { hour, agents, createKey, retrieveKey, registerKwk, other, refused, totalMs } = counts;
    const { busy, management, replication } = counts;
    this.#add.run(
      ...[hour, agents, createKey, retrieveKey, registerKwk, other, refused, totalMs],
      ...[busy, management, replication],
    );
  }

  /** From the first to the last of these. */
  hours(firstHour: number, lastHour: number): readonly KmaHour[] {
    return this.#hours.all(firstHour, lastHour).map((row) => ({ ...row }) as unknown as KmaHour);
  }

  cut(nowHour: number): void {
    this.#cut.run(nowHour - HOURS_KEPT);
  }
}
