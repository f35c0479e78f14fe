/** The part of version 3 by which each thing that lists show of an audit record is a column. The records stay as they are. */
import { AUDIT_INDEXES, AUDIT_TABLE } from '../local-tables.ts';
import type { Migration } from './migration.ts';

/** Empty where the record was spoilt: that it was is for the check of the chain to say. */
const recorded = (field: string) =>
  `coalesce(CASE WHEN json_valid(record) THEN json_extract(record, '$.${field}') END, '')`;
const FIELDS = ['id', 'condition', 'class', 'entityAddress', 'kmaName', 'message', 'solution'];

export const AUDIT_COLUMNS: Migration = [
  'DROP INDEX audit_by_chain',
  'DROP INDEX audit_by_created_at',
  'DROP INDEX audit_by_operation',
  'DROP INDEX audit_by_entity',
  'DROP INDEX audit_by_trouble',
  'ALTER TABLE audit RENAME TO audit_2',
  AUDIT_TABLE,
  `INSERT INTO audit SELECT row, incarnation, term, seq, hash, created_at, operation, severity, entity,
     ${FIELDS.map(recorded).join(', ')}, record FROM audit_2 ORDER BY row`,
  'DROP TABLE audit_2',
  ...AUDIT_INDEXES,
];
