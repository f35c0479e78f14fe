/** "npm start" as a process tree of its own, with three KMAs: the first start to "ready" with each passphrase once, later ones resuming it, and every way it can end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { initialise } from '../src/cli/init-command.ts';
import { ROLES } from '../src/operations/operation.ts';
import { PORTS } from '../src/ports.ts';
import { builtPages } from '../src/services/web/built-pages.ts';
import { DEMO, DemoProcess, ROOT } from './support/demo-process.ts';
import { drawnPort } from './support/free-port.ts';
import { HOLDERS, OFFICER, QUORUM } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';
import { ENTER, PseudoTerminal } from './support/pseudo-terminal.ts';
import { until } from './support/until.ts';

/** Port 443 is opened only where pages are built. */
const OPENED = PORTS.filter(({ service }) => service !== 'web' || builtPages() !== undefined);
const folder = mkdtempSync(join(tmpdir(), 'openkma-demo-'));
// Fronts of a KMA started as root are another user, who has to pass here.
chmodSync(folder, 0o711);
const data = join(folder, 'data');
/** Generous, since a first start makes keys and hashes. */
const READY_MS = 240_000;
const started: DemoProcess[] = [];
after(() => {
  for (const demo of started) demo.signal('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(directory: string, ...options: string[]): DemoProcess {
  const demo = new DemoProcess(folder, directory, options);
  started.push(demo);
  return demo;
}

const somePorts = () => ['--port-offset', String(drawnPort())];

/** Runs it to its end; another draw of ports where somebody has one of these. */
async function run(directory: string, ...options: string[]): Promise<DemoProcess> {
  for (let attempt = 1; ; attempt++) {
    const demo = start(directory, ...somePorts(), ...options);
    const status = await demo.ended();
    if (status === 0) return demo;
    if (attempt === 5 || !demo.stderr.includes('PORT_TAKEN')) assert.fail(`${status}: ${demo.stderr}`);
  }
}

/** All processes below a demonstration have its directory for temporary files among their variables. */
function processesLeft(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${folder}`);
    } catch {
      return false;
    }
  });
}

/** "    officer   Xabcd-..." lines below the heading. */
function passphrasesOf(demo: DemoProcess): Map<string, string> {
  const [, below = ''] = demo.stdout.split('Passphrases, shown this once:\n');
  const [block = ''] = below.split('\n\n');
  return new Map(
    block
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/) as [string, string]),
  );
}

const STEPS = [
  'QuickStart',
  'kma-1 starts',
  'users for the five other roles',
  'sites "here"',
  'key policy "two-years", key group "demo"',
  'key pool',
  'core security backup',
  'database backup',
  'agent "demo-agent"',
  'okm-agent enroll',
  'okm-agent encrypt',
  'entries for kma-2 and kma-3',
  'kma-2 joins',
  'kma-3 joins',
  'kma-2 and kma-3 start',
  'kma-2: keys of its own are Ready',
  'okm-agent discover: ',
  'kill -9: the ',
  'okm-agent decrypt: kma-1 does not answer, kma-2 gives the key',
  'okm-agent encrypt',
  'kma-1 starts',
  'kma-1 catches up',
];
const STEPS_OF_ONE = STEPS.indexOf('entries for kma-2 and kma-3') + 1;
let passphrases = new Map<string, string>();
const person = (name: string) => ({ name, passphrase: passphrases.get(name) ?? '' });

/** What each KMA has for its state. */
function hashesOf(demo: DemoProcess): Map<string, string> {
  const [, below = ''] = demo.stdout.split('the same state of all (SHA-256):\n');
  return new Map(
    [...below.matchAll(/^ {4}(\S+) +([0-9A-F]{64})$/gm)].map(([, kma = '', hash = '']) => [kma, hash]),
  );
}

test('the first start does each step with its time, shows that three KMAs have one state, and each passphrase once', async () => {
  const demo = await run(data, '--once');
  const done = demo.stdout.split('\n').filter((line) => /^ *\d+ ms {2}/.test(line));
  assert.equal(done.length, STEPS.length, demo.stdout);
  for (const [index, step] of STEPS.entries())
    assert.ok(done[index]?.includes(step), `${step}: ${done[index]}`);
  const hashes = hashesOf(demo);
  assert.deepEqual([...hashes.keys()], ['kma-1', 'kma-2', 'kma-3']);
  assert.equal(new Set(hashes.values()).size, 1);
  passphrases = passphrasesOf(demo);
  assert.deepEqual(
    [...passphrases.keys()],
    [
      ...['holder-1', 'holder-2', 'holder-3', 'officer', 'compliance', 'operator', 'backup-operator'],
      ...['auditor', 'quorum-member'],
    ],
  );
  for (const passphrase of passphrases.values())
    assert.equal(demo.stdout.split(passphrase).length, 2, 'each passphrase once');
  assert.match(demo.stdout, /autonomous unlocking is ON/);
  assert.match(
    demo.stdout,
    /\nready after \d+\.\d s: 3 KMAs\n {4}kma-1 {2}127\.0\.0\.11 {2}\S+\n {4}kma-2 {2}127\.0\.0\.12 /,
  );
  assert.match(demo.stdout, new RegExp(`\n {4}bin/kma --data ${data} status\n`));
  assert.ok(demo.stdout.indexOf('ready after') > demo.stdout.indexOf('Passphrases'), 'ready comes last');
  assert.equal(demo.stderr, '');
  assert.deepEqual(processesLeft(), []);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('openkma-')),
    [],
  );
});

test('what it leaves beside the data is for the owner alone, and decrypts to the file', () => {
  const files = readdirSync(folder).filter((name) => name.startsWith('data'));
  assert.deepEqual(files.sort(), [
    'data',
    'data-2',
    'data-2.unlock-key',
    'data-3',
    'data-3.unlock-key',
    'data-agent',
    'data-backup',
    'data-demo-VOL001.age',
    'data-demo-VOL002.age',
    'data-demo.md',
    'data.unlock-key',
  ]);
  for (const name of files) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
  const plain = readFileSync(join(ROOT, 'README.md'));
  assert.deepEqual(readFileSync(join(folder, 'data-demo.md')), plain);
  assert.ok(!readFileSync(join(folder, 'data-demo-VOL001.age')).includes(plain.subarray(0, 40)));
});

test('a second start resumes all three without passphrases; its users still have them; Ctrl-C ends everything', async () => {
  const demo = start(data, ...somePorts());
  await until('it is ready', () => demo.stdout.includes('ready after'), READY_MS);
  assert.ok(demo.stdout.includes(`resuming ${data}, ${data}-2 and ${data}-3\n`), demo.stdout);
  assert.doesNotMatch(demo.stdout, /Passphrases|QuickStart|LOCKED|can join/);
  assert.equal(new Set(hashesOf(demo).values()).size, 1);
  const [one, two] = [data, `${data}-2`].map((directory) => new KmaShell(directory, folder));
  assert.ok(one !== undefined && two !== undefined);
  const user = person('officer');
  assert.match(await one.text('site list', { user }), /^here /m);
  const users = await one.rows<{ roles: string[] }>(['user', 'list'], { user });
  assert.deepEqual(new Set(users.flatMap(({ roles }) => roles)), new Set(ROLES), 'somebody of each role');
  assert.match(await one.text('status'), /1 agent, 1 enrolled/);
  const hash = async (kma: KmaShell) => /: ([0-9A-F]{64})\n/.exec(await kma.text('state'))?.[1];
  await until('both show the same', async () => (await hash(one)) === (await hash(two)));
  // The first was dead when the agent decrypted; its audit has it from the second.
  const asked = (kma: KmaShell) =>
    kma.rows<{ kmaName: string }>(
      ['audit', 'list', '--filter', 'entityId=demo-agent', '--filter', 'operation~RetrieveKey'],
      { user },
    );
  for (const kma of [two, one])
    await until('the audit has the decryption', async () => {
      const names = (await asked(kma)).map(({ kmaName }) => kmaName);
      assert.ok(names.every((name) => name !== 'kma-1'));
      return names.includes('kma-2');
    });
  assert.ok(processesLeft().length >= 15, 'of each KMA supervisor, core, reader, replicator and fronts');
  demo.signal('SIGINT');
  assert.equal(await demo.ended(), 0);
  assert.match(demo.stdout, /SIGINT: ending\n +ended\n$/);
  assert.equal(demo.stderr, '');
  assert.deepEqual(processesLeft(), []);
  assert.ok(!existsSync(join(data, 'admin.sock')));
});

test('where the demonstration itself is killed, its KMAs end too', async () => {
  const demo = start(data, ...somePorts(), '--kmas', '1');
  await until('it is ready', () => demo.stdout.includes('ready after'), READY_MS);
  demo.signal('SIGKILL');
  await until('nothing of it runs', () => processesLeft().length === 0);
});

test('a taken port is named with its holder before anything is set up', async () => {
  const holder = createServer().listen({ host: '127.0.0.12', port: 0 });
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const directory = join(folder, 'taken');
  try {
    const least = Math.min(...OPENED.map((row) => row.port));
    const demo = start(directory, '--json', '--once', '--port-offset', String(port - least));
    assert.equal(await demo.ended(), 1);
    const { error } = demo.events().at(-1) as { error: { code: string; detail: string } };
    assert.equal(error.code, 'PORT_TAKEN');
    assert.match(
      error.detail,
      new RegExp(`port ${port} at 127\\.0\\.0\\.12 is held by .*process ${process.pid}`),
    );
    assert.match(demo.stderr, /what to do: Stop the program named/);
    assert.ok(!existsSync(directory));
  } finally {
    holder.close();
  }
});

test('a first start that was interrupted, also while another KMA joins, is begun anew; --json is one JSON object a line', async () => {
  const directory = join(folder, 'broken-off');
  const demo = start(directory, ...somePorts(), '--kmas', '2');
  await until('the second KMA has joined', () => demo.stdout.includes('ms  kma-2 joins'), READY_MS);
  demo.signal('SIGINT');
  assert.equal(await demo.ended(), 1);
  assert.match(demo.stderr, /^error: ended by SIGINT; the next start begins anew/);
  assert.deepEqual(processesLeft(), []);
  assert.ok(existsSync(`${directory}-2/kma.db`));
  // Nobody got the passphrases of that cluster.
  const events = (await run(directory, '--once', '--json', '--kmas', '1')).events();
  assert.ok(!existsSync(`${directory}-2`) && !existsSync(`${directory}-2.unlock-key`));
  const steps = events.filter(({ event }) => event === 'step');
  assert.equal(steps.length, STEPS_OF_ONE);
  assert.ok(steps.every(({ ms, ok }) => typeof ms === 'number' && ok === true));
  const people = events.find(({ event }) => event === 'passphrases')?.['people'];
  assert.ok(Array.isArray(people) && people.length === 9);
  const ready = events.find(({ event }) => event === 'ready') as
    | { kmas: { locked: boolean; listens: unknown[] }[] }
    | undefined;
  assert.deepEqual(
    ready?.kmas.map(({ locked, listens }) => [locked, listens.length]),
    [[false, OPENED.length]],
  );
  const resumed = (await run(directory, '--once', '--json', '--kmas', '1')).events();
  assert.deepEqual(
    resumed.map(({ event }) => event),
    ['title', 'step', 'ready', 'log'],
  );
});

test('one that is killed the moment there is a KMA is begun anew, since nobody was shown its passphrases', async () => {
  const directory = join(folder, 'killed-early');
  const demo = start(directory, ...somePorts(), '--kmas', '1');
  const { promise: made, resolve } = Promise.withResolvers<boolean>();
  const watcher = watch(folder, (_event, name) => {
    if (name !== 'killed-early' || !existsSync(directory)) return;
    demo.signal('SIGKILL');
    resolve(existsSync(`${directory}.first-start`));
  });
  const marked = await Promise.race([made, demo.ended()]);
  watcher.close();
  await demo.ended();
  assert.equal(marked, true);
  const again = await run(directory, '--once', '--kmas', '1');
  assert.equal(passphrasesOf(again).size, 9);
});

test('a KMA that was there before runs at its own address, alone until two are let in beside it, and stays what it was', async () => {
  const directory = join(folder, 'before');
  await initialise(directory, {
    kmaName: 'demo-kma',
    threshold: 2,
    credentials: HOLDERS,
    securityOfficer: OFFICER,
    autonomousUnlock: false,
  });
  const identity = () => readFileSync(join(directory, 'local', 'identity.json'), 'utf8');
  const before = identity();
  const alone = await run(directory, '--once');
  assert.match(alone.stdout, /note: kma-2 and kma-3 can join, .*: npm start -- .*--answers FILE/);
  assert.match(alone.stdout, / s: a KMA\n {4}demo-kma {2}127\.0\.0\.1 {2}\S+ {2}LOCKED/);
  await using terminal = new PseudoTerminal(
    [process.execPath, ...DEMO, '--data', directory, ...somePorts(), '--kmas', '2', '--once'],
    80,
    { TMPDIR: folder },
  );
  await terminal.answer(
    /kma-2 can join demo-kma[\s\S]*name of the Security Officer \(Enter: not now\): /,
    `officer${ENTER}`,
  );
  await terminal.answer(/passphrase of officer: /, OFFICER.passphrase + ENTER);
  for (const { name, passphrase } of QUORUM) {
    await terminal.answer(/name of key holder \d[^:]*: /, name + ENTER);
    await terminal.answer(new RegExp(`passphrase of ${name}: `), passphrase + ENTER);
  }
  await terminal.answer(/name of key holder 3[^:]*: /, ENTER);
  assert.equal(await terminal.ended(), 0, terminal.text);
  assert.match(terminal.text, / ms {2}kma-2 joins: [\s\S]* s: 2 KMAs/);
  assert.ok(!terminal.text.includes(OFFICER.passphrase));
  const answers = join(folder, 'admitters.json');
  writeFileSync(answers, JSON.stringify({ securityOfficer: OFFICER, quorum: QUORUM }), { mode: 0o600 });
  const joined = await run(directory, '--once', '--answers', answers);
  const hashes = hashesOf(joined);
  assert.deepEqual([...hashes.keys()], ['demo-kma', 'kma-2', 'kma-3']);
  assert.equal(new Set(hashes.values()).size, 1);
  assert.match(joined.stdout, / {4}demo-kma {2}127\.0\.0\.1 {3}\S+\n {4}kma-2 {5}127\.0\.0\.12 /);
  assert.equal(identity(), before);
  // Where the first one does not unlock itself, neither do they; the quorum has unlocked all.
  assert.ok(!existsSync(`${directory}.unlock-key`) && !existsSync(`${directory}-2.unlock-key`));
  for (const name of hashes.keys()) assert.ok(joined.stdout.includes(`: ${name} is unlocked\n`), name);
  assert.doesNotMatch(joined.stdout, /LOCKED/);
  assert.deepEqual(processesLeft(), []);
});

test('a directory beside it that is of another cluster is refused', async () => {
  const directory = join(folder, 'mixed');
  for (const data of [directory, `${directory}-2`])
    await initialise(data, {
      kmaName: 'kma-1',
      threshold: 1,
      credentials: HOLDERS,
      securityOfficer: OFFICER,
    });
  const demo = start(directory, ...somePorts());
  assert.equal(await demo.ended(), 5);
  assert.match(demo.stderr, /mixed-2 is a KMA of another cluster/);
});

test('a directory with other files is refused, and stays as it is', async () => {
  const before = readdirSync(folder).length;
  const demo = start(folder, ...somePorts());
  assert.equal(await demo.ended(), 5);
  assert.match(demo.stderr, /DATA_DIRECTORY_NOT_EMPTY/);
  const again = start(folder, ...somePorts());
  assert.equal(await again.ended(), 5);
  assert.equal(readdirSync(folder).length, before);
});
