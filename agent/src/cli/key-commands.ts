/** `okm-agent create-key`, `get-key`, `keys` and `revoke-key`: they tell about keys; key bytes go only into a file that is asked for. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Command } from 'commander';
import type { KeyOptions } from '../client.ts';
import type { RetrievedKey } from '../key-calls.ts';
import { exampleHelp, withAgent } from './context.ts';
import { humanState, type Printable } from './output.ts';

interface KeyCommandOptions {
  readonly dataUnit?: string;
  readonly group?: string;
  readonly revealTo?: string;
}

function keyOptions({ dataUnit, group }: KeyCommandOptions): KeyOptions {
  return {
    ...(dataUnit === undefined ? {} : { dataUnitId: dataUnit }),
    ...(group === undefined ? {} : { keyGroupId: group }),
  };
}

function withKeyOptions(command: Command): Command {
  return command
    .option('--data-unit <id>', 'associate the key with this data unit')
    .option('--group <id>', "key group; the agent's default group without it")
    .option(
      '--reveal-to <file>',
      'also write the key as 64 hex digits into a new file that only you may read',
    );
}

export function addKeyCommands(program: Command): void {
  withKeyOptions(program.command('create-key').description('create a key, ready to encrypt with'))
    .addHelpText('after', exampleHelp('okm-agent create-key --data-unit 24072F2D9892BE582A1E7FB320BA76F6'))
    .action(async (options: KeyCommandOptions, command: Command) => {
      await withAgent(command, async ({ client, output, json }) => {
        const key = await revealing(options.revealTo, () => client.createKey(keyOptions(options)));
        output.record(shown(key, json));
      });
    });

  withKeyOptions(program.command('get-key <key-id>').description('show a key: its state and group'))
    .addHelpText(
      'after',
      exampleHelp('okm-agent get-key KEY-ID', 'okm-agent get-key KEY-ID --reveal-to key.hex'),
    )
    .action(async (keyId: string, options: KeyCommandOptions, command: Command) => {
      await withAgent(command, async ({ client, output, json }) => {
        const key = await revealing(options.revealTo, () => client.retrieveKey(keyId, keyOptions(options)));
        output.record(shown(key, json));
      });
    });

  program
    .command('keys <data-unit-id>')
    .description('list the keys of a data unit: first the one to encrypt with, then the others by creation')
    .addHelpText('after', exampleHelp('okm-agent keys 24072F2D9892BE582A1E7FB320BA76F6'))
    .action(async (dataUnitId: string, _options: object, command: Command) => {
      await withAgent(command, async ({ client, output, json }) => {
        const records: Printable[] = [];
        for await (const key of client.retrieveDataUnitKeys(dataUnitId)) {
          key.key.wipe();
          records.push(shown(key, json));
        }
        output.list(records, ['keyId', 'keyState', 'keyGroupId']);
      });
    });

  program
    .command('revoke-key <key-id>')
    .description(
      'say that nobody is to encrypt with a key any more; it still decrypts, and there is no way back',
    )
    .addHelpText('after', exampleHelp('okm-agent revoke-key KEY-ID'))
    .action(async (keyId: string, _options: object, command: Command) => {
      await withAgent(command, async ({ client, output }) => {
        await client.revokeKey(keyId);
        output.outcome({ keyId: keyId.toUpperCase(), revoked: true }, 'revoked', false);
      });
    });
}

/** The file is made before the call, so that no key is created that then has nowhere to go. */
async function revealing(path: string | undefined, call: () => Promise<RetrievedKey>): Promise<RetrievedKey> {
  if (path === undefined) return await call();
  const file = await open(path, 'wx', 0o600);
  try {
    const key = await call();
    await writeKey(file, key);
    return key;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function writeKey(file: FileHandle, { key }: RetrievedKey): Promise<void> {
  const line = Buffer.from(`${key.reveal().toString('hex').toUpperCase()}\n`, 'latin1');
  await file.writeFile(line);
  await file.sync();
  line.fill(0);
}

function shown({ keyId, keyState, keyType, keyGroupId }: RetrievedKey, json: boolean): Printable {
  return { keyId, keyState: json ? keyState : humanState(keyState), keyType, keyGroupId };
}
