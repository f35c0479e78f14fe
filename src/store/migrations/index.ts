/** The steps between schema versions in their order; a change of core/tables.ts needs one as soon as a release has written the old tables. Nothing is run here. */
import type { Migration } from './migration.ts';
import { VERSION_2 } from './version-2.ts';
import { VERSION_3 } from './version-3.ts';
import { VERSION_4 } from './version-4.ts';
import { VERSION_5 } from './version-5.ts';
import { VERSION_6 } from './version-6.ts';
import { VERSION_7 } from './version-7.ts';

export const MIGRATIONS: readonly Migration[] = [
  VERSION_2,
  VERSION_3,
  VERSION_4,
  VERSION_5,
  VERSION_6,
  VERSION_7,
];
