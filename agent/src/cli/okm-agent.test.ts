/** The okm-agent command as a process, against KMAs over real TLS: data on stdout, talk on stderr, exit codes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { COMMAND, collected, runAgent, TIMEOUT_MS } from '../../test/agent-command.ts';
import { enrolledProfile } from '../../test/enrolled-agent.ts';
import { temporaryDirectory } from '../../test/temporary-directory.ts';
import { TestCluster, TestFault } from '../../test/test-cluster.ts';
import { loadProfile } from '../profile.ts';

let cluster: TestCluster;
let profile: string;
let work: string;
const ends: (() => unknown)[] = [];
before(async () => {
  const t = { after: (end: () => unknown) => void ends.push(end) };
  cluster = await TestCluster.start(2);
  profile = (await enrolledProfile(t, cluster)).directory;
  work = await temporaryDirectory(t);
});
after(async () => {
  for (const end of ends) await end();
  await cluster.stop();
});

const run = (args: readonly string[], input?: Uint8Array) => runAgent(profile, args, input);

async function json(...args: readonly string[]): Promise<Record<string, string>> {
  const { code, text, err } = await run(['--json', ...args]);
  assert.equal(code, 0, err);
  return JSON.parse(text);
}

test('enrols with a passphrase from a file or standard input, never from an argument', async () => {
  const ports = Object.entries(cluster.ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const enroll = (name: string, ...more: string[]) => [
    ...['--profile', join(work, name), 'enroll', '--kma', '127.0.0.1', '--agent', 'agent1'],
    ...ports,
    ...more,
  ];
  const file = join(work, 'passphrase');
  await writeFile(file, `${cluster.passphrase}\n`);
  const enrolled = await run(['--json', ...enroll('one', '--passphrase-file', file)]);
  assert.equal(enrolled.code, 0, enrolled.err);
  assert.deepEqual(JSON.parse(enrolled.text), {
    agentId: 'agent1',
    kma: '127.0.0.1',
    profile: join(work, 'one'),
    caKeySha256: (await loadProfile(profile)).caKeySha256,
  });
  const wrong = await run(enroll('two'), Buffer.from('wrong\r\n'));
  assert.equal(wrong.code, 4);
  assert.match(
    wrong.err,
    /spent: it is good for one enrolment.*--no-one-time-passphrase.*agent set-passphrase/,
  );
  const right = await run(enroll('two'), Buffer.from(`${cluster.passphrase}\r\n`));
  assert.equal(right.code, 0, right.err);
  assert.match(right.text, /^caKeySha256 +[0-9A-F]{64}$/m);
  assert.match(right.err, /compare caKeySha256/);
  const again = await run(enroll('two'), Buffer.from(cluster.passphrase));
  assert.equal(again.code, 5);
  assert.match(again.err, /already; --replace puts/);
  const groups = await run(['--profile', join(work, 'two'), 'groups']);
  assert.equal(groups.code, 0, groups.err);
});

test('enrols with the modern proof, and with the legacy one only when told', async () => {
  const ports = Object.entries(cluster.ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const enroll = (name: string, ...more: string[]) =>
    run(
      ['--profile', join(work, name), 'enroll', '--kma', '127.0.0.1', '--agent', 'agent1', ...ports, ...more],
      Buffer.from(cluster.passphrase),
    );
  const kma = cluster.kma(1);
  const legacy = kma.callsOf('RetrieveEntityCertificate');
  assert.equal((await enroll('modern')).code, 0);
  assert.equal(kma.callsOf('RetrieveEntityCertificate'), legacy);
  kma.knowsModernProof = false;
  const unknown = await enroll('old');
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /does not know the modern passphrase proof.*--legacy/);
  const told = await enroll('old', '--legacy');
  kma.knowsModernProof = true;
  assert.equal(told.code, 0, told.err);
  assert.equal(kma.callsOf('RetrieveEntityCertificate'), legacy + 1);
  const pinned = await enroll('pinned', '--ca-key', 'AB'.repeat(32));
  assert.equal(pinned.code, 4);
  assert.match(pinned.err, /impostor.*kma root-ca show.*--ca-key/);
});

test('shows groups, members, data units and keys as text and as JSON', async () => {
  const groups = await run(['groups']);
  assert.match(groups.text, /keyGroupId +description\nDefaultGroup +default\nGruppe-Ä +second & more\n/);
  const members = await json('discover');
  assert.deepEqual(
    Object.values(members).map((member) => (member as unknown as { name: string }).name),
    ['KMA1', 'KMA2'],
  );
  const unit = await json(
    'data-unit',
    'create',
    '--external-id',
    'aa01',
    '--tag',
    'VOL1',
    '--description',
    'tape',
  );
  assert.equal(unit['externalUniqueId'], 'AA01');
  const id = unit['dataUnitId'] ?? '';
  assert.deepEqual(await json('data-unit', 'get', id), unit);
  assert.deepEqual(await json('data-unit', 'find', 'AA01'), unit);
  const key = await json('create-key', '--data-unit', id, '--group', 'Gruppe-Ä');
  assert.deepEqual(Object.keys(key), ['keyId', 'keyState', 'keyType', 'keyGroupId']);
  assert.deepEqual(await json('get-key', key['keyId'] ?? ''), key);
  const listed = await run(['keys', id]);
  assert.match(listed.text, new RegExp(`${key['keyId']} +protect and process +Gruppe-Ä\n`));
  assert.equal((await run(['data-unit', 'disassociate', id])).code, 0);
});

test('writes key bytes only into a new file that is asked for', async () => {
  const path = join(work, 'key.hex');
  const made = await run(['create-key', '--reveal-to', path]);
  assert.equal(made.code, 0, made.err);
  const bytes = Buffer.from(cluster.keys.at(-1)?.key.key ?? [])
    .toString('hex')
    .toUpperCase();
  assert.equal(await readFile(path, 'utf8'), `${bytes}\n`);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.ok(!(made.text + made.err).toUpperCase().includes(bytes));
  const keysBefore = cluster.keys.length;
  assert.notEqual((await run(['create-key', '--reveal-to', path])).code, 0);
  assert.equal(cluster.keys.length, keysBefore);
});

test('encrypts and decrypts from standard input to standard output', async () => {
  const content = randomBytes(300_000);
  const encrypted = await run(['encrypt', '--tag', 'stream'], content);
  assert.equal(encrypted.code, 0, encrypted.err);
  assert.match(encrypted.err, /encrypted under key [0-9A-F]{60} of data unit [0-9A-F]{32}/);
  const decrypted = await run(['decrypt'], encrypted.out);
  assert.equal(decrypted.code, 0, decrypted.err);
  assert.ok(decrypted.out.equals(content));
});

test('encrypts and decrypts files, under the key of a data unit', async () => {
  const [plain, sealed, again] = ['plain', 'sealed', 'again'].map((name) => join(work, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(plain, 'payroll');
  const outcome = await json('encrypt', '-i', plain, '-o', sealed);
  const unit = cluster.units.get(outcome['dataUnitId'] ?? '');
  assert.equal(unit?.externalTag, 'plain');
  assert.deepEqual(await json('decrypt', '-i', sealed, '-o', again), { ...outcome, bytes: 7 });
  assert.equal(await readFile(again, 'utf8'), 'payroll');
  assert.equal((await run(['decrypt', '-i', sealed, '-o', again])).code, 5);
  assert.equal((await run(['decrypt', '-i', sealed, '-o', again, '--force'])).code, 0);
  const second = await json(
    'encrypt',
    '-i',
    plain,
    '-o',
    `${sealed}2`,
    '--data-unit',
    outcome['dataUnitId'] ?? '',
  );
  assert.equal(second['keyId'], outcome['keyId']);
});

test('refuses an altered file with exit code 7, says so, and leaves no output file', async () => {
  const sealed = (await run(['encrypt'], randomBytes(200_000))).out;
  sealed[sealed.length - 5] = (sealed.at(-5) ?? 0) ^ 1;
  const piped = await run(['decrypt'], sealed);
  assert.equal(piped.code, 7);
  assert.match(piped.err, /altered or cut short; discard the output: it is incomplete/);
  const output = join(work, 'never');
  const toFile = await run(['decrypt', '-o', output], sealed);
  assert.equal(toFile.code, 7);
  assert.match(toFile.err, /no output file was written/);
  assert.deepEqual(
    (await readdir(work)).filter((name) => name.startsWith('never')),
    [],
  );
  assert.equal((await run(['decrypt'], Buffer.from('not encrypted at all'))).code, 7);
});

test('removes the part of a file that was written when it is interrupted', async () => {
  const sealed = (await run(['encrypt'], randomBytes(200_000))).out;
  const output = join(work, 'interrupted');
  const child = spawn(process.execPath, [COMMAND, '--profile', profile, 'decrypt', '-o', output], {
    stdio: 'pipe',
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const err = collected(child.stderr);
  child.stdin.on('error', () => {});
  // The input goes on, so that the command waits for more of it.
  child.stdin.write(sealed.subarray(0, 150_000));
  const parts = async () => (await readdir(work)).filter((name) => name.startsWith('interrupted'));
  while ((await parts()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  await ended;
  assert.equal(child.signalCode, 'SIGINT');
  assert.equal((await err).toString(), '');
  assert.deepEqual(await parts(), []);
});

test('ends quietly when nobody reads its output any more', async () => {
  const child = spawn(process.execPath, [COMMAND, '--profile', profile, 'encrypt'], {
    stdio: 'pipe',
    timeout: TIMEOUT_MS,
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const err = collected(child.stderr);
  child.stdin.on('error', () => {});
  child.stdout.destroy();
  child.stdin.end(randomBytes(1_000_000));
  assert.equal(await ended, 1);
  assert.doesNotMatch((await err).toString(), /EPIPE|at /);
});

test('makes no key for an input or output that cannot be', async () => {
  const before = cluster.units.size;
  assert.equal((await run(['encrypt', '-i', join(work, 'missing')])).code, 1);
  assert.equal((await run(['encrypt', '-i', work])).code, 2);
  await writeFile(join(work, 'there'), '');
  assert.equal((await run(['encrypt', '-o', join(work, 'there')])).code, 5);
  assert.equal(cluster.units.size, before);
});

test('ends with the documented exit code for each kind of failure', async (t) => {
  const setFault = (fault: TestFault | null) => {
    for (const kma of cluster.kmas) kma.fault = fault;
  };
  t.after(() => setFault(null));
  for (const [args, code] of [
    [['nonsense'], 2],
    [['groups', '--nonsense'], 2],
    [['--timeout', '0', 'groups'], 2],
    [['get-key', 'ABC'], 2],
    [['get-key', 'AB'.repeat(30)], 3],
    [['data-unit', 'get', 'AB'.repeat(16)], 3],
    [['--profile', join(work, 'nobody'), 'groups'], 1],
  ] as const)
    assert.equal((await run(args)).code, code, args.join(' '));
  for (const [number, code] of [
    [1000, 4],
    [1015, 5],
    [1018, 6],
    [1142, 1],
  ] as const) {
    setFault(new TestFault(number, 'no'));
    assert.equal((await run(['--failover-limit', '1', 'groups'])).code, code, String(number));
  }
});

test('says of a denied call that enrolling again may help', async (t) => {
  t.after(() => {
    for (const kma of cluster.kmas) kma.fault = null;
  });
  for (const kma of cluster.kmas) kma.fault = new TestFault(1000, 'Access denied');
  assert.match((await run(['groups'])).err, /what to do: .*enrol again .*okm-agent enroll --replace/);
});

test('revokes a key, and says it where a KMA does not know how', async (t) => {
  const { keyId } = cluster.createKey('', '');
  assert.deepEqual(await json('revoke-key', keyId.toLowerCase()), { keyId, revoked: true });
  assert.ok(cluster.revoked.has(keyId));
  assert.equal((await run(['revoke-key', 'AB'.repeat(30)])).code, 3);
  assert.equal((await run(['revoke-key', 'ABC'])).code, 2);
  for (const kma of cluster.kmas) kma.knowsRevocation = false;
  t.after(() => {
    for (const kma of cluster.kmas) kma.knowsRevocation = true;
  });
  const unknown = await run(['revoke-key', keyId]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /not implemented/);
});

test('says errors as JSON on standard error when asked for JSON', async () => {
  const { code, text, err } = await run(['--json', 'get-key', 'AB'.repeat(30)]);
  assert.equal(text, '');
  assert.deepEqual(JSON.parse(err), {
    error: { kind: 'not-found', fault: 1009, message: '1009 Key does not exist', exitCode: code },
  });
});

test('does not let a KMA steer the terminal', async () => {
  const { dataUnitId } = cluster.createUnit('', 'a\u009b31mred', '');
  const { text } = await run(['data-unit', 'get', dataUnitId]);
  assert.ok(text.includes('red'));
  assert.ok(!text.includes('\u009b'));
});

test('fails over when a KMA never answers, within the time given', async (t) => {
  cluster.kma(1).behaviour = 'silence';
  t.after(() => {
    cluster.kma(1).behaviour = 'serve';
  });
  const { code, err } = await run(['--timeout', '2', 'groups']);
  assert.equal(code, 0, err);
});

test('explains itself and its exit codes', async () => {
  const { code, text } = await run(['--help']);
  assert.equal(code, 0);
  assert.match(text, /Exit codes:/);
});
