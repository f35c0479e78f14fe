/** The command "kma console": its words and its help; it needs a terminal, and takes no passphrase from elsewhere. */
import type { Command } from 'commander';
import { OpenKmaError } from '../../errors.ts';

const HELP = `
Asks for a user ID and a passphrase, then shows a numbered menu of what the roles of that user may at the
machine: reboot, shut down, log back in to the cluster, passphrases, TLS versions, DNS, reset to factory
default, technical support, the root CA. The KMA has to run. Ctrl-C goes one step back, and in the end leaves;
without a key for as long as a log-in may idle ("kma security show") the user is logged out. What it offers has
commands of its own for scripts. docs/console.md shows how a machine starts it on its screen.

Example:
  kma console
  kma console --data /var/lib/openkma
`;

/** What the program knows of where it works. */
interface Place {
  readonly globals: () => { readonly data: string; readonly json: boolean };
  readonly inOwnWords: (text: string) => string;
}

export function addConsoleCommand(program: Command, { globals, inOwnWords }: Place): void {
  program
    .command('console')
    .description('the console of the KMA on this terminal: log-in and a numbered menu, by role')
    .addHelpText('after', HELP)
    .action(async () => {
      const { data, json } = globals();
      if (json) throw new OpenKmaError('USAGE', 'the console is for people: it has no --json');
      if (!process.stdin.isTTY || !process.stdout.isTTY || process.env['TERM'] === 'dumb')
        throw new OpenKmaError('USAGE', 'there is no terminal for the console');
      const [{ runConsole }, { Keyboard }, { Terminal }] = await Promise.all([
        import('./console.ts'),
        import('./keyboard.ts'),
        import('../quickstart/terminal.ts'),
      ]);
      const terminal = new Terminal(process.stdin, process.stdout);
      try {
        const advise = (_code: string, advice: string) => inOwnWords(advice);
        const keyboard = new Keyboard(terminal);
        process.exitCode = await runConsole({ keyboard, dataDirectory: data, advise, inOwnWords });
      } finally {
        terminal.close();
      }
    });
}
