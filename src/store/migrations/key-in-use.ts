/** The part of version 3 for the in-use flag of a data unit's keys. */
import type { Migration } from './migration.ts';

export const KEY_IN_USE: Migration = ['ALTER TABLE "data_unit_key" ADD COLUMN "inUse" INTEGER'];
