/** "okm backup verify": the files of a backup where they lie, on this computer. It asks no KMA. */
import type { Command } from 'commander';
import { addBackupVerify } from '../backup-verify.ts';
import type { Globals } from './globals.ts';
import { printResult } from './result.ts';

/** To be added after "backup" itself. */
export function addOkmBackupVerify(program: Command, globals: () => Globals): void {
  addBackupVerify(
    program,
    'okm',
    () => globals().json === true,
    (report, shown) => {
      const { json, tsv } = globals();
      printResult(json === true || tsv === true ? report : shown, globals());
    },
  );
}
