/** Upkeep of the audit chains: cuts them to their size and age, and signs their heads. It writes no records of operations. */
import { headText, RETENTION_TERMS } from '../../core/audit.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import { signText } from '../../security/log-signing.ts';
import { readLogSeed } from '../../setup/local-identity.ts';
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
    const limit = {
      records: readSetting(store.state, `${term}TermRecords`),
      oldestMs: time.nowMs() - readSetting(store.state, `${term}TermDays`) * DAY_MS,
    };
    for (;;) {
      const seq = store.audit.dueCut(incarnationId, term, limit, CUT_RECORDS);
      if (seq === undefined) break;
      const hash = store.audit.hashAt(incarnationId, term, seq);
      const cut = { incarnationId, term, seq, hash };
      if (isRefusal(await core.callLocal('CutAuditLog', cut))) break;
    }
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
