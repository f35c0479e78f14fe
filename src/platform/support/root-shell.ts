/** The shell of the Primary Administrator as texts: root's bash in the machine's own file system, which tells each line it is given. Root can keep it from telling; nothing here hides that. */
import { join } from 'node:path';
import { SANDBOX } from './sandbox.ts';

/** Of the pipe in the socket directory; lines are short enough to be written whole. */
export const COMMANDS_PIPE = 'commands';
const LINE_MAX = 900;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** `etc` is where the files lie outside, since the shell runs there. */
export function rootShellFiles(etc: string, socketDirectory: string): Readonly<Record<string, string>> {
  const pipe = quoted(join(socketDirectory, COMMANDS_PIPE));
  return {
    'root-shell': `#!/bin/sh
# What it was started with is recorded first. Opened for reading too, the pipe never makes it wait.
if [ -n "\${SSH_ORIGINAL_COMMAND+given}" ]; then set -- /bin/bash -c "$SSH_ORIGINAL_COMMAND"
else set -- /bin/bash --rcfile ${quoted(join(etc, 'root-bashrc'))} -i; fi
exec nsenter --mount=${SANDBOX.machine}/${process.pid}/ns/mnt /usr/bin/env -i HOME=/root USER=root LOGNAME=root SHELL=/bin/bash \\
  PATH=${PATH} TERM="\${TERM:-dumb}" SSH_CONNECTION="$SSH_CONNECTION" OPENKMA_COMMANDS=${pipe} \\
  /bin/sh -c 'cd /root; told=$(printf "%.${LINE_MAX}s" "$*" | tr "\\n\\t" "  ")
printf "%s\\tbegins: %s\\n" "$SSH_CONNECTION" "$told" 1<>"$OPENKMA_COMMANDS"; exec "$@"' sh "$@"
`,
    'root-bashrc': `[ -r /etc/bash.bashrc ] && . /etc/bash.bashrc
[ -r /root/.bashrc ] && . /root/.bashrc
HISTCONTROL=
# Nothing is left in files of the machine.
unset HISTFILE
openkma_told=
openkma_tell() {
  local line; line=$(HISTTIMEFORMAT= history 1)
  [ "$line" = "$openkma_told" ] && return
  openkma_told=$line
  line=\${line//$'\\n'/ }
  printf '%s\\t%.${LINE_MAX}s\\n' "$SSH_CONNECTION" "$line" 1<>"$OPENKMA_COMMANDS"
} 2>/dev/null
PROMPT_COMMAND=openkma_tell
`,
  };
}

/** One word for a shell, whatever is in it. */
const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
