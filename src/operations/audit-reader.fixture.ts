/** For tests of operations that read the audit: a reader over the records that a test gives. It verifies nothing. */
import type { AuditReader, AuditRecord } from './audit-record.ts';

export function readerOf(records: readonly AuditRecord[]): AuditReader {
  return {
    verify: () => [],
    *verification() {
      yield { done: 0, total: 0 };
      return [];
    },
    newestRow: () => Math.max(0, ...records.map(({ row }) => row)),
    record(wanted) {
      const record = records.find(({ row }) => row === wanted);
      if (record === undefined) throw new Error(`there is no audit record ${wanted}`);
      return record;
    },
    find: (wanted) =>
      records.find(({ id, row }) => wanted === (typeof wanted === 'number' ? row : id)) ?? null,
  };
}
