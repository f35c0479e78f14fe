/** How our commands are called from here, in what is printed to be copied: by name where PATH has them, else by path. It runs none of them. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord } from './shell-word.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAMS = { kma: 'bin/kma', 'okm-agent': 'agent/bin/okm-agent' } as const;
/** npm puts it into the PATH of what it runs; the shell that called npm does not have it. */
const NPM_ONLY = join('node_modules', '.bin');

export function ownName(
  program: keyof typeof PROGRAMS,
  path = process.env['PATH'] ?? '',
  from = process.cwd(),
): string {
  const file = realpathSync(join(ROOT, PROGRAMS[program]));
  const named = path
    .split(delimiter)
    .filter((directory) => directory !== '' && !directory.endsWith(NPM_ONLY))
    .map((directory) => join(directory, program))
    .find(existsSync);
  if (named !== undefined && realpathSync(named) === file) return program;
  return shellWord(relative(from, ROOT) === '' ? PROGRAMS[program] : file);
}

/** Advice names commands as `"kma ..."`, which here becomes what can be typed: for the data directory that was asked about too. */
export function withOwnName(text: string, words: readonly string[] = process.argv.slice(2)): string {
  const data = dataGiven(words);
  const directory = data === undefined ? '' : ` --data ${shellWord(data)}`;
  return text.replaceAll(/"kma ([^"]*)"/g, (_, command: string) => {
    const whole = /(^| )--data /.test(command) ? command : command + directory;
    return `"${ownName('kma')} ${whole}"`;
  });
}

function dataGiven(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '--data' || word.startsWith('--data='));
  return words[at] === '--data' ? words[at + 1] : words[at]?.slice('--data='.length);
}
