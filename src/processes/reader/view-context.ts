/** What operations that only show something see of a store, which is open for reading. It shows nothing itself. */
import type { ViewContext } from '../../operations/contexts.ts';
import type { Self } from '../../operations/operation.ts';
import { createAuditReader } from '../../store/audit-reader.ts';
import { createListReader } from '../../store/list-query.ts';
import { stateHash } from '../../store/state-hash.ts';
import type { Store } from '../../store/store.ts';
import { storeReport } from '../../store/store-report.ts';

export function viewContextOf(store: Store, self: Self, nowMs: number): ViewContext {
  return {
    ...{ state: store.state, nowMs, self },
    audit: createAuditReader(store, self.kmaId),
    lists: createListReader(store, nowMs),
    agentPerformance: (firstHour, lastHour) => store.agentPerformance.sums(firstHour, lastHour),
    kmaPerformance: (firstHour, lastHour) => store.kmaPerformance.hours(firstHour, lastHour),
    storeReport: () => storeReport(store),
    replicated: () => ({ stateHash: stateHash(store), vector: store.vector() }),
    systemMessages: () => store.systemMessages.newest(),
    proofFailures: () => store.proofFailures.counts(),
  };
}
