/** Runs one operation of the appliance where no core runs yet (QuickStart, restore, a copied store): decides and commits it with its audit record. */
import { randomBytes } from 'node:crypto';
import { idFrom } from '../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import { type Hlc, nextHlc, stampOf } from '../core/stamp.ts';
import type { DecideContext } from '../operations/contexts.ts';
import type { Operation, Self } from '../operations/operation.ts';
import { kmaTimeMs } from '../store/kma-time.ts';
import type { Store } from '../store/store.ts';

export function runAlone<In, Prepared, Mid, Out>(
  store: Store,
  self: Self,
  operation: Operation<In, Prepared, Mid, Out>,
  given: unknown,
  prepared: Prepared,
): Mid | Refusal {
  const input = operation.input.safeParse(given);
  if (!input.success) {
    const issue = input.error.issues[0];
    return refuse('INVALID_PARAMETERS', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  return store.transaction(() => commitAlone(store, self, operation, input.data, prepared, null));
}

/** Inside a transaction. `clock`: of the entry, where it is not to be the next reading. */
export function commitAlone<In, Prepared, Mid, Out>(
  store: Store,
  self: Self,
  operation: Operation<In, Prepared, Mid, Out>,
  input: In,
  prepared: Prepared,
  clock: Hlc | null,
): Mid | Refusal {
  const nowMs = kmaTimeMs(store);
  const decision = operation.decide?.(input, contextOf(store, self, nowMs), prepared);
  if (decision === undefined) throw new Error(`${operation.name} does not decide`);
  if (isRefusal(decision)) return decision;
  for (const object of decision.objects ?? []) store.putObject(object);
  const stamp = stampOf(clock ?? nextHlc(store.lastStamp(), nowMs), self.incarnationId);
  store.appendEntry(self.incarnationId, { v: 1, stamp, operation: operation.name, facts: decision.facts });
  store.appendAudit(self.incarnationId, {
    id: idFrom(randomBytes(16)),
    createdAt: nowMs,
    operation: operation.name,
    severity: decision.audit?.severity ?? 'success',
    condition: decision.audit?.condition ?? 'Success',
    message: decision.audit?.message ?? '',
    entityId: '',
    entityAddress: '',
    kmaId: self.kmaId,
    kmaName: self.kmaName,
    class: operation.audit.class,
    term: operation.audit.retention,
    solution: '',
  });
  return decision.output;
}

function contextOf(store: Store, self: Self, nowMs: number): DecideContext {
  return {
    state: store.state,
    self,
    origin: { service: 'local', address: '', localAddress: '', fingerprint: null },
    caller: { kind: 'local' },
    nowMs,
    load: 0,
    nextSeq: store.logLength(self.incarnationId) + 1,
    unlocked: false,
    random: (bytes) => randomBytes(bytes),
  };
}
