/** Upkeep of the audit chains: cuts them and the copies of other KMAs' to their size and age, and signs the own heads. It writes no records of operations. */
import { chainId, headText, RETENTION_TERMS } from '../../core/audit.ts';
import { kmaOfIncarnation } from '../../core/life.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { StateView } from '../../core/state.ts';
import type { RetentionTerm } from '../../operations/audit-record.ts';
import { signText } from '../../security/log-signing.ts';
import { readLogSeed } from '../../setup/local-identity.ts';
import type { Chain, RetentionLimit } from '../../store/audit-chain.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Core } from './core.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Records cut in one transaction. */
const CUT_RECORDS = 1000;

/** Cuts each term's chain, of earlier lives too, to its size and age, from the front, a bounded piece at a time. Often, so that a busy KMA is never far beyond them. */
export async function cutAudit(core: Core): Promise<void> {
  const { store, self, time } = core.parts;
  for (const { incarnationId, term } of store.audit.chains()) {
    if (store.state.get('incarnation', incarnationId)?.kmaId !== self.kmaId) continue;
    const limit = limitOf(store.state, term, time.nowMs());
    for (;;) {
      const seq = store.audit.dueCut(incarnationId, term, limit, CUT_RECORDS);
      if (seq === undefined) break;
      const hash = store.audit.hashAt(incarnationId, term, seq);
      const cut = { incarnationId, term, seq, hash };
      if (isRefusal(await core.callLocal('CutAuditLog', cut))) break;
    }
  }
}

function limitOf(state: StateView, term: RetentionTerm, nowMs: number): RetentionLimit {
  return {
    records: readSetting(state, `${term}TermRecords`),
    oldestMs: nowMs - readSetting(state, `${term}TermDays`) * DAY_MS,
  };
}

/** Copies of other KMAs' chains go by the same limits, and where their KMA has cut them, which it may not say any more where it is gone. A copy is local, so no fact tells of it. */
export async function cutAuditCopies(core: Core): Promise<void> {
  const { store, self, clock, health } = core.parts;
  // By a clock that is years ahead everything would be old.
  if (clock.odd() !== null || health.obstacle({ changes: true }) !== null) return;
  for (const { incarnationId, term } of store.audit.chains()) {
    const kmaId = kmaOfIncarnation(store.state, incarnationId);
    if (kmaId === null || kmaId === self.kmaId) continue;
    const due = () => dueCopyCut(core, store.audit.chain(incarnationId, term));
    const write = () => {
      const seq = due();
      if (seq !== null) store.auditCopies.cut({ incarnationId, term }, seq);
    };
    while (due() !== null) await core.committer.submit({ decide: () => null, write });
  }
}

/** A bounded piece; null where nothing is due. */
function dueCopyCut({ parts: { store, time } }: Core, chain: Chain | null): number | null {
  if (chain === null) return null;
  const { incarnationId, term, firstSeq, lastSeq } = chain;
  const limit = limitOf(store.state, term, time.nowMs());
  const byLimit = store.audit.dueCut(incarnationId, term, limit, CUT_RECORDS) ?? 0;
  const cutAt = store.state.get('audit_cut', chainId(chain))?.seq ?? 0;
  const due = Math.max(byLimit, Math.min(cutAt, lastSeq - 1, firstSeq + CUT_RECORDS - 1));
  return due < firstSeq ? null : due;
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
