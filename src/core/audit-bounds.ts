/** How large the fields of an audit record may be. Writers keep to it as readers do: a record never changes, and one that other members refuse would end its chain there for good. */
import type { AuditRecord } from '../operations/audit-record.ts';

type Entry = Omit<AuditRecord, 'row'>;

/** Of a record in its chain: more than anybody will write, and what is counted on from there is a whole number still, to programs and to SQLite. */
export const SEQ_MAX = 2 ** 52;
/** The last moment that dates have a text for in which years have four digits. */
export const CREATED_AT_MS_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** A comment of 8192 characters and 200 key IDs fit. With the other fields, and each character escaped, a record still is one message. */
export const MESSAGE_CHARACTERS_MAX = 32_768;
/** Of every other text. */
export const TEXT_CHARACTERS_MAX = 1_024;

/** What is longer, which nothing is that an operation says today, loses its end. */
export function boundedEntry<T extends Entry>(entry: T): T {
  const tooLong = Object.entries(entry).filter(
    ([field, value]) => typeof value === 'string' && value.length > charactersMax(field),
  );
  if (tooLong.length === 0) return entry;
  const cut = tooLong.map(([field, value]) => [field, String(value).slice(0, charactersMax(field))]);
  return { ...entry, ...Object.fromEntries(cut) };
}

function charactersMax(field: string): number {
  return field === 'message' ? MESSAGE_CHARACTERS_MAX : TEXT_CHARACTERS_MAX;
}
