/** How much this KMA keeps of an audit chain, an own one or a copy: by the retention settings and its time now. It cuts nothing. */
import { readSetting } from '../../core/settings.ts';
import type { RetentionTerm } from '../../operations/audit-record.ts';
import type { RetentionLimit } from '../../store/audit-chain.ts';
import type { Core } from './core.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export function retentionLimit({ parts: { store, time } }: Core, term: RetentionTerm): RetentionLimit {
  const nowMs = time.nowMs();
  return {
    nowMs,
    records: readSetting(store.state, `${term}TermRecords`),
    oldestMs: nowMs - readSetting(store.state, `${term}TermDays`) * DAY_MS,
  };
}
