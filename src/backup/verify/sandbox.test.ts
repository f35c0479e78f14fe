/** The sandbox: private, gone whatever ends the work, and what only a kill can leave goes with the next run, while those of living runs stay. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inSandbox, scratchObstacle } from './sandbox.ts';

const SANDBOX = new URL('./sandbox.ts', import.meta.url).href;
const NAME = /^openkma-verify-[0-9a-f]{32}$/;

function newScratch(t: TestContext): string {
  const scratch = mkdtempSync(join(tmpdir(), 'openkma-test-'));
  t.after(() => rmSync(scratch, { recursive: true, force: true }));
  return scratch;
}

/** A process that has filled its sandbox and works on; it never ends by itself. */
async function working(t: TestContext, scratch: string): Promise<ChildProcess> {
  const program = `
    import { writeFileSync } from 'node:fs';
    import { inSandbox } from ${JSON.stringify(SANDBOX)};
    await inSandbox(${JSON.stringify(scratch)}, () => undefined, (directory) => {
      writeFileSync(directory + '/backup.db', 'decrypted');
      process.stdout.write('in it');
      return new Promise((resolve) => setInterval(() => undefined, 1000));
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  assert.equal(String((await once(child.stdout, 'data'))[0]), 'in it');
  return child;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const closed = once(child, 'close');
  child.kill(signal);
  assert.deepEqual(await closed, [null, signal]);
}

/** What is said while another sandbox comes and goes. */
async function nextRun(scratch: string): Promise<string[]> {
  const said: string[] = [];
  await inSandbox(
    scratch,
    (text) => void said.push(text),
    async () => undefined,
  );
  return said;
}

test('it is private while the work goes on, and gone when it is done or has failed', async (t) => {
  const scratch = newScratch(t);
  const seen = await inSandbox(
    scratch,
    () => assert.fail('nothing to say'),
    async (directory) => {
      writeFileSync(join(directory, 'some'), 'thing');
      return { names: readdirSync(scratch), mode: statSync(directory).mode & 0o777 };
    },
  );
  assert.match(seen.names.join(), NAME);
  assert.equal(seen.mode, 0o700);
  assert.deepEqual(readdirSync(scratch), []);
  const failing = inSandbox(
    scratch,
    () => undefined,
    async () => Promise.reject(new Error('broken')),
  );
  await assert.rejects(failing, /broken/);
  assert.deepEqual(readdirSync(scratch), []);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`${signal} ends the run as it ends any, and nothing is left`, async (t) => {
    const scratch = newScratch(t);
    await ended(await working(t, scratch), signal);
    assert.deepEqual(readdirSync(scratch), []);
  });

test('what a killed run left is removed by the next one, which says so; that of a living run stays', async (t) => {
  const scratch = newScratch(t);
  const living = await working(t, scratch);
  const alive = readdirSync(scratch);
  await ended(await working(t, scratch), 'SIGKILL');
  const [dead = ''] = readdirSync(scratch).filter((name) => !alive.includes(name));
  assert.match(dead, NAME);
  assert.deepEqual(await nextRun(scratch), [`removed ${join(scratch, dead)}, which a killed run had left`]);
  assert.deepEqual(readdirSync(scratch), alive);
  await ended(living, 'SIGTERM');
  assert.deepEqual(readdirSync(scratch), []);
});

test('an empty directory of a run that was killed at its first step goes after a minute, and others’ never', async (t) => {
  const scratch = newScratch(t);
  const [fresh, old] = ['a', 'b'].map((digit) => join(scratch, `openkma-verify-${digit.repeat(32)}`));
  assert.ok(fresh !== undefined && old !== undefined);
  for (const path of [fresh, old, join(scratch, 'openkma-verify-mine')]) mkdirSync(path);
  writeFileSync(join(scratch, `openkma-verify-${'c'.repeat(32)}`), 'a file');
  const twoMinutesAgo = Date.now() / 1000 - 120;
  utimesSync(old, twoMinutesAgo, twoMinutesAgo);
  assert.deepEqual(await nextRun(scratch), []);
  const left = readdirSync(scratch).map((name) => name.slice('openkma-verify-'.length)[0]);
  assert.deepEqual(left.sort(), ['a', 'c', 'm']);
});

test('one that cannot be removed is named', async (t) => {
  const scratch = newScratch(t);
  const path = join(scratch, `openkma-verify-${'d'.repeat(32)}`);
  mkdirSync(path);
  writeFileSync(join(path, 'lock.db'), 'no database, and no lock that could be asked for'.repeat(100));
  assert.deepEqual(await nextRun(scratch), [
    `${path} is left from a killed run and cannot be removed: remove it by hand`,
  ]);
});

test('a scratch directory that is not there or has too little space is an obstacle', (t) => {
  const scratch = newScratch(t);
  assert.equal(scratchObstacle(scratch, 1), null);
  assert.equal(scratchObstacle(join(scratch, 'none'), 1)?.refused, 'SCRATCH_UNUSABLE');
  assert.match(scratchObstacle(scratch, 2 ** 60)?.detail ?? '', /bytes free/);
});
