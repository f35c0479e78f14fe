/** "npm start" as a process tree of its own: the first start to "ready" with each passphrase once, the second one resuming it, and every way it can end. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PORTS } from '../src/ports.ts';
import { OFFICER } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';
import { until } from './support/until.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FIRST_PORT = Math.min(...PORTS.map(({ port }) => port));
const folder = mkdtempSync(join(tmpdir(), 'openkma-demo-'));
// Fronts of a KMA started as root are another user, who has to pass here.
chmodSync(folder, 0o711);
const data = join(folder, 'data');
/** Generous, since a first start makes keys and hashes. */
const READY_MS = 120_000;
const started: Demo[] = [];
after(() => {
  for (const demo of started) demo.signal('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** scripts/run.mjs with the demonstration below it, in a process group of its own, as a terminal has it. */
class Demo {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(directory: string, ...options: string[]) {
    const argv = ['scripts/run.mjs', 'src/cli/demo.ts', '--data', directory, ...options];
    this.#child = spawn(process.execPath, argv, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, TMPDIR: folder },
    });
    this.#child.stdout?.on('data', (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.on('data', (text) => {
      this.stderr += text;
    });
    this.ended = once(this.#child, 'close').then(([code]) => code);
    started.push(this);
  }

  /** To the whole group, as Ctrl-C does. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.#child.pid ?? 0), signal);
    } catch {
      // It has ended.
    }
  }

  /** Lines of --json. */
  events(): Record<string, unknown>[] {
    return this.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

const somePorts = () => ['--port-offset', String(randomInt(7_000, 28_000))];

/** Runs it to its end; another draw of ports where somebody has one of these. */
async function run(directory: string, ...options: string[]): Promise<Demo> {
  for (let attempt = 1; ; attempt++) {
    const demo = new Demo(directory, ...somePorts(), ...options);
    demo.ended.catch(() => undefined);
    const status = await demo.ended;
    if (status === 0) return demo;
    if (attempt === 5 || !demo.stderr.includes('PORT_TAKEN')) assert.fail(`${status}: ${demo.stderr}`);
  }
}

/** All processes below a demonstration have its directory for temporary files among their variables. */
function processesLeft(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${folder}\0`);
    } catch {
      return false;
    }
  });
}

/** "    officer   Xabcd-..." lines below the heading. */
function passphrasesOf(demo: Demo): Map<string, string> {
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
  'starting core',
  'user compliance',
  'user operator',
  'user backup-operator',
  'site "here"',
  'key policy "two-years" and the key group "demo"',
  'agent "demo-agent"',
  'default key group',
  'core security backup',
  'key pool',
  'database backup',
  'okm-agent enroll',
  'okm-agent discover',
  'data-unit create',
  'create-key',
  'okm-agent encrypt',
  'okm-agent decrypt',
  'compare',
];
let passphrases = new Map<string, string>();

test('the first start does each step with its time, prints each passphrase once, and ends in "ready"', async () => {
  const demo = await run(data, '--once');
  const done = demo.stdout.split('\n').filter((line) => /^ *\d+ ms {2}/.test(line));
  assert.equal(done.length, STEPS.length, demo.stdout);
  for (const [index, step] of STEPS.entries())
    assert.ok(done[index]?.includes(step), `${step}: ${done[index]}`);
  passphrases = passphrasesOf(demo);
  assert.deepEqual(
    [...passphrases.keys()],
    ['holder-1', 'holder-2', 'holder-3', 'officer', 'compliance', 'operator', 'backup-operator'],
  );
  for (const passphrase of passphrases.values())
    assert.equal(demo.stdout.split(passphrase).length, 2, 'each passphrase once');
  assert.match(demo.stdout, /autonomous unlocking is ON/);
  assert.match(demo.stdout, /\nready after \d+\.\d s; listening on\n {4}ca +127\.0\.0\.1:\d+\n/);
  assert.match(demo.stdout, new RegExp(`\n {4}bin/kma --data ${data} status\n`));
  assert.ok(demo.stdout.indexOf('ready after') > demo.stdout.indexOf('Passphrases'), 'ready comes last');
  assert.equal(demo.stderr, '');
  assert.deepEqual(processesLeft(), []);
});

test('what it leaves beside the data is for the owner alone, and decrypts to the file', () => {
  const files = readdirSync(folder).filter((name) => name.startsWith('data'));
  assert.deepEqual(files.sort(), [
    'data',
    'data-agent',
    'data-backup',
    'data-demo.age',
    'data-demo.md',
    'data.unlock-key',
  ]);
  for (const name of files) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
  const plain = readFileSync(join(ROOT, 'README.md'));
  assert.deepEqual(readFileSync(join(folder, 'data-demo.md')), plain);
  assert.ok(!readFileSync(join(folder, 'data-demo.age')).includes(plain.subarray(0, 40)));
});

test('a second start resumes the data without passphrases; its users still have them; Ctrl-C ends everything', async () => {
  const demo = new Demo(data, ...somePorts());
  await until('it is ready', () => demo.stdout.includes('ready after'), READY_MS);
  assert.match(demo.stdout, new RegExp(`resuming ${data}`));
  assert.doesNotMatch(demo.stdout, /Passphrases|QuickStart|LOCKED/);
  const officer = { ...OFFICER, passphrase: passphrases.get('officer') ?? '' };
  const shell = new KmaShell(data, folder);
  assert.match(await shell.text('site list', { user: officer }), /^here /m);
  assert.match(await shell.text('status'), /1 agent, 1 enrolled/);
  assert.ok(processesLeft().length >= 5, 'the runner, the demonstration, core, reader and a front');
  demo.signal('SIGINT');
  assert.equal(await demo.ended, 0);
  assert.match(demo.stdout, /SIGINT: stopping\n +stopped\n$/);
  assert.equal(demo.stderr, '');
  assert.deepEqual(processesLeft(), []);
  assert.ok(!existsSync(join(data, 'admin.sock')));
});

test('a taken port is named with its holder before anything is set up', async () => {
  const holder = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const directory = join(folder, 'taken');
  try {
    const demo = new Demo(directory, '--json', '--port-offset', String(port - FIRST_PORT));
    assert.equal(await demo.ended, 1);
    const { error } = demo.events().at(-1) as { error: { code: string; detail: string } };
    assert.equal(error.code, 'PORT_TAKEN');
    assert.match(
      error.detail,
      new RegExp(`port ${port} at 127\\.0\\.0\\.1 is held by .*process ${process.pid}`),
    );
    assert.match(demo.stderr, /what to do: Stop the program named/);
    assert.ok(!existsSync(directory));
  } finally {
    holder.close();
  }
});

test('a first start that was interrupted is begun anew; --json is one JSON object a line', async () => {
  const directory = join(folder, 'broken-off');
  const demo = new Demo(directory, ...somePorts());
  await until('QuickStart is done', () => demo.stdout.includes('ms  QuickStart'), READY_MS);
  demo.signal('SIGINT');
  assert.equal(await demo.ended, 1);
  assert.match(demo.stderr, /^error: ended by SIGINT; the next start begins anew/);
  assert.deepEqual(processesLeft(), []);
  // Nobody got the passphrases of that KMA.
  const events = (await run(directory, '--once', '--json')).events();
  const steps = events.filter(({ event }) => event === 'step');
  assert.equal(steps.length, STEPS.length);
  assert.ok(steps.every(({ ms, ok }) => typeof ms === 'number' && ok === true));
  const people = events.find(({ event }) => event === 'passphrases')?.['people'];
  assert.ok(Array.isArray(people) && people.length === 7);
  const ready = events.find(({ event }) => event === 'ready');
  assert.equal(ready?.['locked'], false);
  assert.ok(Array.isArray(ready?.['listens']) && ready['listens'].length === PORTS.length);
  const resumed = (await run(directory, '--once', '--json')).events();
  assert.deepEqual(
    resumed.map(({ event }) => event),
    ['title', 'step', 'ready', 'log'],
  );
});

test('a directory with other files is refused, and stays as it is', async () => {
  const before = readdirSync(folder).length;
  const demo = new Demo(folder, ...somePorts());
  assert.equal(await demo.ended, 5);
  assert.match(demo.stderr, /DATA_DIRECTORY_NOT_EMPTY/);
  const again = new Demo(folder, ...somePorts());
  assert.equal(await again.ended, 5);
  assert.equal(readdirSync(folder).length, before);
});
