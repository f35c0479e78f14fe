/** What a KMA answered, for people and programs: the result, what is still to come, and the exit code that says so. It asks nothing. */
import type { Answer } from '../../client/manager.ts';
import { EXIT } from '../exit-codes.ts';
import { say } from '../output.ts';
import type { Globals } from './globals.ts';
import { printResult } from './result.ts';

export function printAnswer({ became, output, version }: Answer, globals: Globals): void {
  printResult(output, globals);
  if (version !== null && globals.verbose === true) say(`version ${version}`);
  if (became !== 'pending') return;
  say('Not done yet: it waits for more key split credentials; see "okm pending list".');
  process.exitCode = EXIT.pending;
}
