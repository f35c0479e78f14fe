/** Counts what this KMA serves, by agent and all together, in memory, and writes it down once a minute. It answers nobody. */
import { type AgentCounts, hourOf, NO_COUNTS, sumOf, withRequest } from '../../core/agent-performance.ts';
import type { Fingerprint } from '../../core/ids.ts';
import type { Store } from '../../store/store.ts';
import { logFailure } from './failure.ts';

/** What agents are sent on with, and who else asks. */
type Beside = 'busy' | 'management' | 'replication';
const NOTHING: Readonly<Record<Beside, number>> = { busy: 0, management: 0, replication: 0 };

export class ServedCounts {
  readonly #store: Store;
  /** By agent. A write for each request would cost an fsync; a core that is killed loses a minute of it. */
  #counts = new Map<string, AgentCounts>();
  #beside: Readonly<Record<Beside, number>> = NOTHING;
  #hour = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whose certificate is none of ours is counted elsewhere. */
  countAgent(
    fingerprint: Fingerprint | null,
    request: { readonly operation: string; readonly refused: boolean; readonly durationMs: number },
  ): void {
    const certificate =
      fingerprint === null ? undefined : this.#store.state.get('agent_certificate', fingerprint);
    const agentId = certificate?.agentId ?? null;
    if (agentId === null) return;
    this.#counts.set(agentId, withRequest(this.#counts.get(agentId) ?? NO_COUNTS, request));
  }

  count(what: Beside): void {
    this.#beside = { ...this.#beside, [what]: this.#beside[what] + 1 };
  }

  /** Into the hour it is now, which has a row from its first minute on. What cannot be written now is written later. */
  write(nowMs: number): void {
    const hour = hourOf(nowMs);
    if (this.#counts.size === 0 && this.#beside === NOTHING && hour === this.#hour) return;
    try {
      this.#store.transaction(() => {
        const { agentPerformance, kmaPerformance } = this.#store;
        for (const [agentId, counts] of this.#counts) agentPerformance.add(hour, { agentId, ...counts });
        const agents = agentPerformance.agentsIn(hour);
        kmaPerformance.add({ hour, agents, ...sumOf(this.#counts.values()), ...this.#beside });
        if (hour === this.#hour) return;
        agentPerformance.cut(hour);
        kmaPerformance.cut(hour);
      });
      this.#counts = new Map();
      this.#beside = NOTHING;
      this.#hour = hour;
    } catch (error) {
      logFailure(error, 'counts of what was served');
    }
  }
}
