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

/** The appliance command as it is called here; `data`: the data directory that was given, or null where it is the usual one. */
export function calledAs(data: string | null): string {
  return data === null ? ownName('kma') : `${ownName('kma')} --data ${shellWord(data)}`;
}

/** Advice names commands as `"kma ...`, which here becomes what can be typed. */
export function withOwnName(text: string, data: string | null): string {
  const called = calledAs(data);
  return text.replaceAll(/"kma ([^"]*)"/g, (_, words: string) => {
    const rest = data === null ? words : words.replace(' --data DIR', '');
    return `"${called} ${rest}"`;
  });
}
