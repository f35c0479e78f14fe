/** Indexes of the lists of data units and keys, which show the newest first. */
import type { Migration } from './migration.ts';

export const LISTS: Migration = [
  'CREATE INDEX data_unit_by_created ON data_unit (createdAt, id)',
  `CREATE INDEX data_unit_by_tag ON data_unit (externalTag, id) WHERE externalTag <> ''`,
  'CREATE INDEX key_by_created ON key (createdAt, id)',
];
