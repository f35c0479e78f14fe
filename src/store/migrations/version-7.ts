/** From schema version 6 to 7: copies of the audit chains of other KMAs. A store that has it never runs it again. */
import { AUDIT_COPIES } from '../local-tables.ts';
import type { Migration } from './migration.ts';

export const VERSION_7: Migration = [...AUDIT_COPIES];
