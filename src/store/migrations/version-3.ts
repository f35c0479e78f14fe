/** From schema version 2 to 3: what management over the network needs, a part for each thing. A store that has it never runs it again. */
import { AGENT_PERFORMANCE, IDEMPOTENCY, PROOF_FAILURES, SYSTEM_MESSAGES } from '../local-tables.ts';
import { AUDIT_COLUMNS } from './audit-columns.ts';
import { KEY_IN_USE } from './key-in-use.ts';
import { LISTS } from './lists.ts';
import type { Migration } from './migration.ts';
import { PENDING } from './pending.ts';
import { ROOT_RENEWAL } from './root-renewal.ts';
import { USER_CERTIFICATES } from './user-certificates.ts';

/** A migration gives new replicated columns no values: the state hash of old backups leaves NULLs out. */
export const VERSION_3: Migration = [
  ...IDEMPOTENCY,
  ...PENDING,
  ...ROOT_RENEWAL,
  ...KEY_IN_USE,
  ...AGENT_PERFORMANCE,
  ...PROOF_FAILURES,
  ...SYSTEM_MESSAGES,
  ...USER_CERTIFICATES,
  ...LISTS,
  ...AUDIT_COLUMNS,
];
