/** What the one-word commands for scripts have in common: their place in the help, log-in, and printing. It knows none of them. */
import type { Command } from 'commander';
import type { Manager } from '../../../client/manager.ts';
import { Connection } from '../connection.ts';
import type { Globals } from '../globals.ts';
import type { Rows } from '../pages.ts';
import { printResult } from '../result.ts';
import { printPages } from '../whole-report.ts';

export interface ScriptCommand {
  readonly word: string;
  readonly description: string;
  /** Options and their values, without the words themselves. */
  readonly example: string;
  /** Adds the options. */
  options(command: Command): void;
  /** Reads files before anybody logs in, and gives the work to be done then: a result, or pages of a list. */
  work(
    given: Readonly<Record<string, unknown>>,
  ): (manager: Manager) => Promise<unknown> | AsyncGenerator<Rows>;
}

export function addScriptCommand(program: Command, globals: () => Globals, script: ScriptCommand): void {
  const command = program
    .command(script.word)
    .helpGroup('One word each, for scripts:')
    .description(script.description)
    .addHelpText('after', `\nExample:\n  ${`okm ${script.word} ${script.example}`.trim()}\n`);
  script.options(command);
  command.action(async (given: Readonly<Record<string, unknown>>) => {
    const options = globals();
    const connection = new Connection(options);
    const work = script.work(given);
    const user = await connection.user();
    await connection.use(user, async (manager) => {
      const result = work(manager);
      if ('then' in result) printResult(await result, options);
      else await printPages(result, options);
    });
  });
}

/** The options that were given, out of those of an operation. */
export function inputOf(
  given: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([option, field]) =>
      given[option] === undefined ? [] : [[field, given[option]]],
    ),
  );
}
