/** Every command made from the catalogue: its help has an example, and the example is understood. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Command } from 'commander';
import { operations } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { addOperationCommand, describeGroups, type OperationRequest } from './operation-command.ts';

const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'openkma-examples-'));
after(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});
process.chdir(folder);
writeFileSync('user.txt', 'Some-passphrase-1\n');

const offered = operations.filter(({ command }) => command !== undefined);

/** A program with all commands; what they would send is in `sent`. */
function programFor(): { program: Command; sent: { operation: Operation; request: OperationRequest }[] } {
  const sent: { operation: Operation; request: OperationRequest }[] = [];
  const program = new Command('kma').exitOverride().option('--data <directory>').option('--json');
  for (const operation of offered)
    addOperationCommand(program, operation, async (request) => {
      sent.push({ operation, request });
    });
  describeGroups(program);
  return { program, sent };
}

/** Words as a shell would split them; only double quotes are in the examples. */
function wordsOf(example: string): string[] {
  return [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

function contentOf(fileName: string): string {
  if (fileName.endsWith('.pem')) return PEM;
  return fileName.includes('quorum') ? 'holder-1 Split-one-1\n' : 'Some-passphrase-1\n';
}

/** Makes the files that an example names. */
function writeNamedFiles(words: readonly string[]): void {
  for (const [index, word] of words.entries())
    if (words[index - 1]?.endsWith('-file') === true) writeFileSync(word, contentOf(word));
}

for (const operation of offered) {
  const { words = [], example = '' } = operation.command ?? {};
  const name = `kma ${words.join(' ')}`;

  test(`${name} --help shows its example`, () => {
    const { program } = programFor();
    const command = words.reduce<Command>((at, word) => {
      const found = at.commands.find((child) => child.name() === word);
      assert.ok(found !== undefined, word);
      return found;
    }, program);
    let help = '';
    command.configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    assert.ok(help.includes(`Usage: ${name}`), help);
    assert.ok(help.includes(operation.summary.split(' ').slice(0, 3).join(' ')));
    assert.ok(help.includes(`Example:\n  ${example}`));
  });

  test(`${name}: the example is understood`, async () => {
    assert.ok(example.startsWith(name), `${example} is an example of ${name}`);
    const argv = wordsOf(example).slice(1);
    writeNamedFiles(argv);
    const { program, sent } = programFor();
    const passphrase = argv.includes('--user') ? ['--user-passphrase-file', 'user.txt'] : [];
    await program.parseAsync([...argv, ...passphrase], { from: 'user' });
    const [only] = sent;
    assert.equal(only?.operation, operation);
    const { user, quorum, input } = only?.request ?? {};
    assert.equal(user !== null, Array.isArray(operation.callers), 'it names a user where one is needed');
    const files = (operation.quorum ? 1 : 0) + (operation.newKeySplit ? 1 : 0);
    assert.equal(quorum?.length, files, 'it gives a quorum where one is needed');
    // Placeholders such as KEYID stand for what nobody knows beforehand, as does what another program would print.
    if (!/\$\(|\b(KEYID|KEY|ID|HASH|FINGERPRINT|BASE64)\b/.test(example)) {
      const parsed = operation.input.safeParse(input);
      assert.ok(parsed.success, parsed.error?.message);
    }
  });
}

async function rolesOf(given: string): Promise<unknown> {
  const { program, sent } = programFor();
  for (const file of ['olga.txt', 'quorum.txt']) writeFileSync(file, 'holder-1 Split-one-1\n');
  const argv = `user create olga --roles ${given} --passphrase-file olga.txt --user officer`.split(' ');
  const files = ['--user-passphrase-file', 'user.txt', '--quorum-file', 'quorum.txt'];
  await program.parseAsync([...argv, ...files], { from: 'user' });
  return sent[0]?.request.input['roles'];
}

test('a word of a few is taken in any letter case, and another one is refused with all that are possible', async () => {
  assert.deepEqual(await rolesOf('operator,Backup-Operator'), ['OPERATOR', 'BACKUP_OPERATOR']);
  await assert.rejects(rolesOf('operator,tester'), /"tester" is none of: SECURITY_OFFICER, .*AUDITOR/);
});

test('a group says which commands it has', () => {
  const { program } = programFor();
  const site = program.commands.find((command) => command.name() === 'site');
  assert.equal(site?.description(), 'create, list, show, modify, delete');
});

test('no option takes a passphrase itself, only a file with it', () => {
  const { program } = programFor();
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  const options = all(program).flatMap((command) => command.options);
  const secret = options.filter(
    ({ long }) => /passphrase|quorum/.test(long ?? '') && !/-file$/.test(long ?? ''),
  );
  assert.deepEqual(
    secret.filter((option) => option.required || option.optional).map(({ long }) => long),
    ['--passphrase-minimum-length'],
  );
});
