/** `okm-agent encrypt` and `decrypt`: streams of any size under a key of the KMS; the key never leaves the process. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { cutUtf8, type DataUnit, EXTERNAL_TAG_BYTES } from '@openkma/protocol';
import type { Command } from 'commander';
import type { KmaClient } from '../client.ts';
import { AgentError, type FailureKind } from '../errors.ts';
import type { RetrievedKey } from '../key-calls.ts';
import type { FileKeyNames } from '../okm-stanza.ts';
import { destination, existsAlready, openInput } from './byte-files.ts';
import { exampleHelp, withAgent } from './context.ts';
import { addDescribingOptions, type DescribingOptions, describedBy } from './data-unit-commands.ts';

interface StreamOptions {
  readonly input?: string;
  readonly output?: string;
  readonly force: boolean;
}
interface EncryptOptions extends StreamOptions, DescribingOptions {
  readonly dataUnit?: string;
  readonly group?: string;
}

function withStreamOptions(command: Command): Command {
  return command
    .option('-i, --input <file>', 'instead of standard input')
    .option('-o, --output <file>', 'instead of standard output; written as a whole or not at all')
    .option('--force', 'replace the output file', false);
}

/** Loaded when it is used: its ciphers take longer to load than all the rest. */
const container = () => import('../container.ts');

export function addStreamCommands(program: Command): void {
  const encrypt = program
    .command('encrypt')
    .description('encrypt a file or stream of any size under a key of the KMS (age format)')
    .option('--data-unit <id>', 'encrypt with the current key of this data unit')
    .option('--group <id>', "key group of a new key; the agent's default group without it");
  addDescribingOptions(withStreamOptions(encrypt), true)
    .addHelpText(
      'after',
      `\nWithout --data-unit and --external-id a data unit is created, tagged with the name of the input file.\n${exampleHelp(
        'okm-agent encrypt -i payroll.db -o payroll.db.age',
        'tar c /etc | okm-agent encrypt --tag etc > etc.tar.age',
      )}`,
    )
    .action(async (options: EncryptOptions, command: Command) => await runEncrypt(options, command));

  withStreamOptions(
    program.command('decrypt').description('decrypt what encrypt made; the file itself names its key'),
  )
    .addHelpText(
      'after',
      `\nWith exit code 7 what was written to standard output is genuine but incomplete: discard it.\n${exampleHelp(
        'okm-agent decrypt -i payroll.db.age -o payroll.db',
        'okm-agent decrypt < etc.tar.age | tar t',
      )}`,
    )
    .action(async (options: StreamOptions, command: Command) => await runDecrypt(options, command));
}

async function runEncrypt(options: EncryptOptions, command: Command): Promise<void> {
  if (options.dataUnit !== undefined && options.externalId !== undefined)
    throw new AgentError('usage', 'give --data-unit or --external-id, not both');
  const target = await checkedDestination(options);
  if (target.isStdout && process.stdout.isTTY)
    throw new AgentError('usage', 'encrypted bytes do not suit a terminal: give -o, or redirect the output');
  await withAgent(command, async ({ client, output }) => {
    const source = await openInput(options.input);
    const { encryptStream } = await container();
    const { names, key } = await keyToEncryptWith(client, options);
    const bytes = await target.write(await encryptStream(source, names, key.key));
    key.key.wipe();
    const text = `encrypted under key ${names.keyId} of data unit ${names.dataUnitId}, ${bytes} bytes`;
    output.outcome({ ...names, bytes }, text, target.isStdout);
  });
}

async function keyToEncryptWith(
  client: KmaClient,
  options: EncryptOptions,
): Promise<{ names: FileKeyNames; key: RetrievedKey }> {
  const { dataUnitId } = await dataUnitFor(client, options);
  const group = options.group === undefined ? {} : { keyGroupId: options.group };
  const key = await client.retrieveProtectAndProcessKey(dataUnitId, group);
  return { names: { dataUnitId, keyId: key.keyId }, key };
}

async function dataUnitFor(
  client: KmaClient,
  options: EncryptOptions,
): Promise<Pick<DataUnit, 'dataUnitId'>> {
  const described = describedBy(options);
  if (options.dataUnit !== undefined) return await client.retrieveDataUnit(options.dataUnit, described);
  const { externalUniqueId, ...rest } = described;
  if (externalUniqueId !== undefined)
    return await client.retrieveDataUnitByExternalUniqueId(externalUniqueId, rest);
  const name = options.input === undefined || options.input === '-' ? '' : basename(options.input);
  return await client.createDataUnit({ externalTag: cutUtf8(name, EXTERNAL_TAG_BYTES), ...described });
}

async function runDecrypt(options: StreamOptions, command: Command): Promise<void> {
  const target = await checkedDestination(options);
  await withAgent(command, async ({ client, output }) => {
    const source = await openInput(options.input);
    const { decryptStream } = await container();
    let names: FileKeyNames | undefined;
    const content = await decryptStream(source, async (found) => {
      names = found;
      return (await client.retrieveKey(found.keyId)).key;
    });
    const bytes = await writeAll(target, content);
    const text = `decrypted with key ${names?.keyId ?? ''} of data unit ${names?.dataUnitId ?? ''}, ${bytes} bytes`;
    output.outcome({ ...names, bytes }, text, target.isStdout);
  });
}

/** Damage that shows after the first bytes went to standard output has to be said with the part that came out. */
async function writeAll(
  target: ReturnType<typeof destination>,
  content: AsyncIterable<Uint8Array>,
): Promise<number> {
  try {
    return await target.write(content);
  } catch (error) {
    const damaged: FailureKind = 'damaged';
    if (!(error instanceof AgentError) || error.kind !== damaged) throw error;
    const advice = target.isStdout ? 'discard the output: it is incomplete' : 'no output file was written';
    throw new AgentError(damaged, `${error.message}; ${advice}`, error);
  }
}

/** Refused before a data unit or key is made for output that cannot be written. */
async function checkedDestination({ output, force }: StreamOptions): Promise<ReturnType<typeof destination>> {
  if (output !== undefined && output !== '-' && !force) {
    const there = await stat(output).catch(() => null);
    if (there !== null) throw existsAlready(output);
  }
  return destination(output, force);
}
