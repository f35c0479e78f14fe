/** "okm login", "logout" and "whoami": a session for all further commands of a profile, kept in a file of its owner alone, without any passphrase. */
import type { Command } from 'commander';
import { Profiles } from '../../client/profile.ts';
import { OpenKmaError } from '../../errors.ts';
import { readUser } from '../operation-command.ts';
import { Connection } from './connection.ts';
import type { Globals } from './globals.ts';
import { operationNamed } from './operation-named.ts';
import { printResult } from './result.ts';

export function addSessionCommands(program: Command, globals: () => Globals): void {
  program
    .command('login')
    .helpGroup('Clusters and sessions:')
    .description('Logs a user in; further commands need no passphrase until the session ends.')
    .argument('<user>', 'user ID')
    .addHelpText(
      'after',
      '\nA session ends at the time shown, and before that where nothing is asked for the inactivity of "okm whoami".\n\nExample:\n  okm login olga\n',
    )
    .action(async (user: string) => {
      const options = globals();
      if (options.cacert !== undefined || options.caKey !== undefined)
        throw new OpenKmaError('USAGE', 'a session is kept in a profile: make one with "okm profile create"');
      const connection = new Connection(options);
      const { name: profile } = await connection.profile();
      const named = await readUser({ ...options, user });
      if (named === null) throw new TypeError('a user was given');
      const session = await connection.logIn(named);
      await new Profiles().saveSession(profile, session);
      const until = new Date(session.expiresAtMs).toISOString();
      printResult({ user, kma: session.place.address, until }, options);
    });
  program
    .command('logout')
    .helpGroup('Clusters and sessions:')
    .description('Ends the session at the KMA and forgets it here.')
    .addHelpText('after', '\nExample:\n  okm logout\n')
    .action(async () => {
      const options = globals();
      await new Connection(options).logOut();
      printResult(null, options);
    });
  program
    .command('whoami')
    .helpGroup('Clusters and sessions:')
    .description('Shows the session that commands are run with.')
    .addHelpText('after', '\nExample:\n  okm whoami\n')
    .action(async () => {
      const options = globals();
      const connection = new Connection(options);
      const user = await connection.user();
      const shown = await connection.use(user, async (manager) => {
        const { output } = await manager.call(operationNamed('ShowSession'), {});
        return { kma: manager.place.address, ...(output as object) };
      });
      printResult(shown, options);
    });
}
