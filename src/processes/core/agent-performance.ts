/** Counts what agents ask of this KMA, in memory, and writes it down once a minute. It answers nobody. */
import { type AgentCounts, hourOf, NO_COUNTS, withRequest } from '../../core/agent-performance.ts';
import type { Fingerprint } from '../../core/ids.ts';
import type { Store } from '../../store/store.ts';
import { logFailure } from './failure.ts';

export class AgentPerformance {
  readonly #store: Store;
  /** By agent. A write for each request would cost an fsync; a core that is killed loses a minute of it. */
  #counts = new Map<string, AgentCounts>();
  #cutHour = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whose certificate is none of ours is counted elsewhere. */
  count(
    fingerprint: Fingerprint | null,
    request: { readonly operation: string; readonly refused: boolean; readonly durationMs: number },
  ): void {
    const certificate =
      fingerprint === null ? undefined : this.#store.state.get('agent_certificate', fingerprint);
    const agentId = certificate?.agentId ?? null;
    if (agentId === null) return;
    this.#counts.set(agentId, withRequest(this.#counts.get(agentId) ?? NO_COUNTS, request));
  }

  /** Into the hour it is now. What cannot be written now is written later. */
  write(nowMs: number): void {
    const hour = hourOf(nowMs);
    if (this.#counts.size === 0 && hour === this.#cutHour) return;
    try {
      this.#store.transaction(() => {
        const { agentPerformance } = this.#store;
        for (const [agentId, counts] of this.#counts) agentPerformance.add(hour, { agentId, ...counts });
        if (hour !== this.#cutHour) agentPerformance.cut(hour);
      });
      this.#counts = new Map();
      this.#cutHour = hour;
    } catch (error) {
      logFailure(error, 'counts of agents');
    }
  }
}
