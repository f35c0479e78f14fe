/** Upkeep of the audit chains: cuts them and the copies of other KMAs' to their size and age, and signs the own heads. It writes no records of operations. */
import { headText, RETENTION_TERMS } from '../../core/audit.ts';
import { kmaOfIncarnation } from '../../core/life.ts';
import { isRefusal } from '../../core/refusal.ts';
import { signText } from '../../security/log-signing.ts';
import { readLogSeed } from '../../setup/local-identity.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import { retentionLimit } from './audit-retention.ts';
import type { Core } from './core.ts';

/** Records cut in one transaction. */
const CUT_RECORDS = 1000;

/** Cuts each term's chain, of earlier lives too, to its size and age, from the front, a bounded piece at a time. Often, so that a busy KMA is never far beyond them. */
export async function cutAudit(core: Core): Promise<void> {
  const { store, self } = core.parts;
  for (const { incarnationId, term } of store.audit.chains()) {
    if (kmaOfIncarnation(store.state, incarnationId) !== self.kmaId) continue;
    const limit = retentionLimit(core, term);
    for (;;) {
      const seq = store.audit.dueCut(incarnationId, term, limit, CUT_RECORDS);
      if (seq === undefined) break;
      const hash = store.audit.hashAt(incarnationId, term, seq);
      const cut = { incarnationId, term, seq, hash };
      if (isRefusal(await core.callLocal('CutAuditLog', cut))) break;
    }
  }
}

/**
 * Copies of other KMAs' chains go by the same limits, and by nothing else: the fact of a cut any member may write, and none
 * shall have the others forget. A copy is local, so no fact tells of its cut.
 */
export async function cutAuditCopies(core: Core): Promise<void> {
  const { store, self, clock, health } = core.parts;
  // By a clock that is years ahead everything would be old.
  if (clock.odd() !== null || health.obstacle({ changes: true }) !== null) return;
  for (const { incarnationId, term } of store.audit.chains()) {
    const kmaId = kmaOfIncarnation(store.state, incarnationId);
    if (kmaId === null || kmaId === self.kmaId) continue;
    const due = () => store.audit.dueCut(incarnationId, term, retentionLimit(core, term), CUT_RECORDS);
    const write = () => {
      const seq = due();
      if (seq !== undefined) store.auditCopies.cut({ incarnationId, term }, seq);
    };
    while (due() !== undefined) await core.committer.submit({ decide: () => null, write });
  }
}

/** Signs the head of each chain, so that records cut off the end show (architecture, invariant of the audit). */
export async function signHeads(core: Core, directory: DataDirectory): Promise<void> {
  const { store, self } = core.parts;
  const seed = readLogSeed(directory);
  const heads = RETENTION_TERMS.flatMap((term) => {
    const head = store.audit.head(self.incarnationId, term);
    if (head === undefined) return [];
    const text = headText({ incarnationId: self.incarnationId, term, ...head });
    return [{ term, ...head, signature: signText(seed, text) }];
  });
  seed.wipe();
  if (heads.length > 0) await core.callLocal('SignAuditHeads', { heads });
}
