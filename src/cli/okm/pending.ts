/** "okm pending review": shows what approvers approve, and the code to compare aloud, both computed here from the text itself; then gives their credentials for that text alone. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Manager } from '../../client/manager.ts';
import { OpenKmaError } from '../../errors.ts';
import { shortCode, textSha256 } from '../../operations/pending/canonical-text.ts';
import { say } from '../output.ts';
import { promptName } from '../passphrases.ts';
import { QUORUM_OPTION, readQuorum } from '../quorum.ts';
import { printAnswer } from './answer.ts';
import { Connection } from './connection.ts';
import type { Globals } from './globals.ts';
import { operationNamed } from './operation-named.ts';

interface Options {
  readonly code?: string;
  readonly quorumFile?: string;
}
const shown = z.looseObject({
  text: z.string(),
  state: z.string(),
  obstacle: z.string(),
  needed: z.int(),
  counting: z.int(),
});

/** To be added before the commands of the catalogue, which share the group. */
export function addPendingCommands(program: Command, globals: () => Globals): void {
  program
    .command('pending')
    .helpGroup('Each with commands of its own:')
    .command('review')
    .description('Shows what a pending operation would do, and approves exactly that (Quorum Member).')
    .argument('<pendingId>', 'pending operation ID, 32 hex digits')
    .option('--code <code>', 'approve only where the text has this code; asked for otherwise')
    .option(...QUORUM_OPTION)
    .addHelpText('after', '\nExample:\n  okm pending review ID --quorum-file my-quorum.txt\n')
    .action(async (pendingId: string, options: Options) => {
      const connection = new Connection(globals());
      const user = await connection.user();
      const answer = await connection.use(user, async (manager) => {
        const sha256 = await reviewed(manager, pendingId, options.code);
        const quorum = await readQuorum(options.quorumFile);
        const input = { pendingId, textSha256: sha256 };
        return manager.call(operationNamed('ApprovePendingOperation'), input, { quorum });
      });
      printAnswer(answer, globals());
    });
}

/** The hash of the text that was shown and found right. */
async function reviewed(manager: Manager, pendingId: string, expected: string | undefined): Promise<string> {
  const { output } = await manager.call(operationNamed('ShowPendingOperation'), { pendingId });
  const { text, state, obstacle, needed, counting } = shown.parse(output);
  if (text === '') throw new OpenKmaError('PENDING_FINISHED', obstacle === '' ? state : obstacle);
  const sha256 = textSha256(text);
  const code = shortCode(sha256);
  say(`${text}\nCode of this text: ${code}\nApprovals that count: ${counting} of ${needed}`);
  const given = expected ?? (await promptName('the code as the others read it aloud (empty: no)', '--code'));
  if (given.trim().toUpperCase() !== code) throw new OpenKmaError('PENDING_CODE_DIFFERS', `it is ${code}`);
  return sha256;
}
