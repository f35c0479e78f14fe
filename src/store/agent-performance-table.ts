/** What agents asked of this KMA as local rows, one for each agent and hour, for a month or a million rows. It judges nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AgentCountsRow } from '../core/agent-performance.ts';
import { HOURS_KEPT } from '../core/kma-performance.ts';

const ROWS_MAX = 1_000_000;

const SUMS = `SUM(create_key) AS createKey, SUM(retrieve_key) AS retrieveKey,
  SUM(register_kwk) AS registerKwk, SUM(other) AS other, SUM(refused) AS refused, SUM(total_ms) AS totalMs`;

export class AgentPerformanceTable {
  readonly #add: StatementSync;
  readonly #sums: StatementSync;
  readonly #agents: StatementSync;
  readonly #count: StatementSync;
  readonly #oldest: StatementSync;
  readonly #cut: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      `INSERT INTO agent_performance (hour, agent, create_key, retrieve_key, register_kwk, other, refused, total_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET create_key = create_key + excluded.create_key,
       retrieve_key = retrieve_key + excluded.retrieve_key, register_kwk = register_kwk + excluded.register_kwk,
       other = other + excluded.other, refused = refused + excluded.refused, total_ms = total_ms + excluded.total_ms`,
    );
    this.#sums = database.prepare(
      `SELECT agent AS agentId, ${SUMS} FROM agent_performance WHERE hour BETWEEN ? AND ? GROUP BY agent ORDER BY agent`,
    );
    this.#agents = database.prepare('SELECT count(*) AS agents FROM agent_performance WHERE hour = ?');
    this.#count = database.prepare('SELECT count(*) AS rows FROM agent_performance');
    this.#oldest = database.prepare('SELECT min(hour) AS hour FROM agent_performance');
    this.#cut = database.prepare('DELETE FROM agent_performance WHERE hour <= ?');
  }

  /** Inside a transaction, as `cut`. */
  add(
    hour: number,
    { agentId, createKey, retrieveKey, registerKwk, other, refused, totalMs }: AgentCountsRow,
  ) {
    this.#add.run(hour, agentId, createKey, retrieveKey, registerKwk, other, refused, totalMs);
  }

  /** Of the hours from the first to the last of these, in order of agent. */
  sums(firstHour: number, lastHour: number): readonly AgentCountsRow[] {
    return this.#sums.all(firstHour, lastHour).map((row) => ({ ...row }) as unknown as AgentCountsRow);
  }

  /** How many asked in this hour. */
  agentsIn(hour: number): number {
    return Number(this.#agents.get(hour)?.['agents']);
  }

  /** Of very many agents the oldest hours go before a month is over. */
  cut(nowHour: number, rowsMax = ROWS_MAX): void {
    this.#cut.run(nowHour - HOURS_KEPT);
    while (Number(this.#count.get()?.['rows']) > rowsMax) this.#cut.run(Number(this.#oldest.get()?.['hour']));
  }
}
