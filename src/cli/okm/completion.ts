/** Completion of command words and options for bash, zsh and fish, made from the commands themselves. It completes no names of things: for that a KMA would have to be asked. */
import type { Command } from 'commander';
import { Argument } from 'commander';
import { OpenKmaError } from '../../errors.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .helpGroup('Clusters and sessions:')
    .description('Prints a script that completes the words of okm in a shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExample:\n  okm completion bash > ~/.local/share/bash-completion/completions/okm\n',
    )
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program, shell));
    });
}

export function completionScript(program: Command, shell: Shell): string {
  const words = wordsByPath(program);
  if (shell === 'bash') return bashScript(words);
  return shell === 'zsh' ? zshScript(words) : fishScript(words);
}

/** For "okm", "okm user", "okm user list", ...: what may follow. */
function wordsByPath(program: Command): ReadonlyMap<string, readonly string[]> {
  const globals = program.options.flatMap(({ long }) => long ?? []);
  const found = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string) => {
    const children = command.commands.map((child) => child.name());
    const options = command === program ? [] : command.options.flatMap(({ long }) => long ?? []);
    found.set(path, [...children, ...options, ...globals, '--help']);
    for (const child of command.commands) visit(child, `${path} ${child.name()}`);
  };
  visit(program, program.name());
  for (const word of [...found.values()].flat())
    if (!/^[\w-]+$/.test(word)) throw new OpenKmaError('SERVER_ERROR', `"${word}" is no word of a shell`);
  return found;
}

/** A line for each command, in the form of a shell's "case". */
function caseLines(
  words: ReadonlyMap<string, readonly string[]>,
  line: (path: string, words: string) => string,
): string {
  return [...words].map(([path, next]) => line(path, next.join(' '))).join('\n');
}

/** For bash and zsh alike: prints what may follow a path. */
function nextFunction(words: ReadonlyMap<string, readonly string[]>): string {
  return `_okm_next() {
  case "$1" in
${caseLines(words, (path, next) => `    '${path}') echo '${next}' ;;`)}
  esac
}`;
}

/** In each shell the longest path of words typed so far that is a command counts; options and their values are passed over. */
function bashScript(words: ReadonlyMap<string, readonly string[]>): string {
  return `# Completion of okm for bash.
${nextFunction(words)}
_okm() {
  local path=okm word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word != -* && -n $(_okm_next "$path $word") ]] && path="$path $word"
  done
  mapfile -t COMPREPLY < <(compgen -W "$(_okm_next "$path")" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _okm okm
`;
}

function zshScript(words: ReadonlyMap<string, readonly string[]>): string {
  return `#compdef okm
# Completion of okm for zsh.
${nextFunction(words)}
_okm() {
  local path=okm word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word != -* && -n "$(_okm_next "$path $word")" ]] && path="$path $word"
  done
  compadd -- \${=$(_okm_next "$path")}
}
compdef _okm okm
`;
}

function fishScript(words: ReadonlyMap<string, readonly string[]>): string {
  return `# Completion of okm for fish.
function __okm_next
  switch "$argv[1]"
${caseLines(words, (path, next) => `    case '${path}'\n      string split ' ' '${next}'`)}
  end
end
function __okm_complete
  set -l path okm
  for word in (commandline -opc)[2..-1]
    if not string match -q -- '-*' $word; and test -n "$(__okm_next "$path $word")"
      set path "$path $word"
    end
  end
  __okm_next $path
end
complete -c okm -a '(__okm_complete)'
`;
}
