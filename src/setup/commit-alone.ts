/** Commits one accepted decision with its audit record where no core runs yet: QuickStart and restore. It decides nothing. */
import { randomBytes } from 'node:crypto';
import { idFrom } from '../core/ids.ts';
import { nextHlc, stampOf } from '../core/stamp.ts';
import type { Accepted, AuditClass, Self } from '../operations/operation.ts';
import type { Store } from '../store/store.ts';

export function commitAlone(
  store: Store,
  self: Self,
  operation: {
    readonly name: string;
    readonly audit: { readonly class: AuditClass; readonly retention: 'long' | 'medium' | 'short' };
  },
  decision: Accepted<unknown>,
  nowMs: number,
): void {
  store.transaction(() => {
    const stamp = stampOf(nextHlc(store.lastStamp(), nowMs), self.incarnationId);
    for (const object of decision.objects ?? []) store.putObject(object);
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
  });
}
