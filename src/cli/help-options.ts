/** Which options help lists as those of all commands. It prints nothing. */
import type { Command, Option } from 'commander';

/** Of the program alone: what "backup" takes is not for "backup list". */
export function programOptions(command: Command): Option[] {
  let program = command;
  while (program.parent !== null) program = program.parent;
  return program === command ? [] : program.options.filter(({ hidden }) => !hidden);
}
