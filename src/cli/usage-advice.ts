/** What to type where a command line was not understood: the usage and the example of the command that was meant. It judges no words. */
import type { Command } from 'commander';

export function usageAdvice(program: Command, argv: readonly string[]): string {
  const command = commandMeant(program, argv);
  const name = nameOf(command);
  const example = exampleOf(command);
  return [
    `Usage: ${name} ${command.usage()}.`,
    ...(example === null ? [] : [`Example: ${example}`]),
    `"${name} --help" tells all.`,
  ].join('\n    ');
}

/** As far as the words lead. */
function commandMeant(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word.startsWith('-')) {
      const option = [...command.options, ...program.options].find(
        ({ short, long }) => short === word || long === word,
      );
      if (option?.required === true) at += 1;
      continue;
    }
    const child = command.commands.find((known) => known.name() === word);
    if (child === undefined) break;
    command = child;
  }
  return command;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** The first line of it in its help, which is not printed. */
function exampleOf(command: Command): string | null {
  let text = '';
  const writeOut = (more: string) => {
    text += more;
  };
  command.configureOutput({ writeOut }).outputHelp();
  return /Example:\n {2}(.+)/.exec(text)?.[1] ?? null;
}
