/** Children that end unasked, are replaced and are stopped, as real processes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { KeptProcess } from './kept-process.ts';

/** Answers every message with its own, says what it was started with, and ends when told. */
const CHILD = `
process.on('message', (message) => {
  if (message.t === 'end') process.exit(3);
  if (message.t === 'stop' && !message.deaf) process.exit(0);
  if (message.t === 'stop') return;
  process.send({ pid: process.pid, message, environment: Object.keys(process.env) });
});
process.on('disconnect', () => process.exit(0));
`;

interface Said {
  readonly pid: number;
  readonly message: { readonly t: string; readonly n: number };
  readonly environment: readonly string[];
}

function keep(t: TestContext, restart = true, fromTheStart = true) {
  const directory = mkdtempSync(join(tmpdir(), 'openkma-test-'));
  const path = join(directory, 'child.mjs');
  writeFileSync(path, CHILD);
  const said: Said[] = [];
  const ends: string[] = [];
  let starts = 0;
  let heard = Promise.withResolvers<Said>();
  const kept = new KeptProcess({
    name: 'child',
    instance: directory,
    entry: pathToFileURL(path),
    nodeOptions: [],
    startMessage: () => ({ t: 'start', n: ++starts }),
    onMessage: (message) => {
      said.push(message as Said);
      heard.resolve(message as Said);
      heard = Promise.withResolvers();
    },
    onUnexpectedEnd: (how) => {
      ends.push(how);
      return restart;
    },
    report: () => {},
  });
  if (fromTheStart) kept.start();
  t.after(async () => {
    await kept.stop({ t: 'stop' }, 1_000);
    rmSync(directory, { recursive: true });
  });
  return { kept, said, ends, next: () => heard.promise };
}

test('one that is not there from the start begins once', { timeout: 20_000 }, async (t) => {
  const { kept, said, next } = keep(t, true, false);
  assert.equal(kept.pid, undefined);
  const first = next();
  kept.begin();
  const { pid } = await first;
  kept.begin();
  assert.equal(kept.pid, pid);
  assert.equal(said.length, 1);
});

test('one that was stopped before it began does not begin any more', { timeout: 20_000 }, async (t) => {
  const { kept } = keep(t, true, false);
  await kept.stop({ t: 'stop' }, 1_000);
  kept.begin();
  assert.equal(kept.pid, undefined);
});

test('a killed child is started again and told anew where it stands', { timeout: 20_000 }, async (t) => {
  const { kept, ends, next } = keep(t);
  const first = await next();
  process.kill(first.pid, 'SIGKILL');
  const second = await next();
  assert.notEqual(second.pid, first.pid);
  assert.equal(second.message.n, 2);
  assert.equal(kept.pid, second.pid);
  assert.deepEqual(ends, ['was ended by SIGKILL']);
});

test('a child gets no variables that change the runtime', { timeout: 20_000 }, async (t) => {
  process.env['NODE_OPTIONS'] = '--max-http-header-size=4096';
  process.env['OPENKMA_TEST_SECRET'] = 'x';
  t.after(() => {
    delete process.env['NODE_OPTIONS'];
    delete process.env['OPENKMA_TEST_SECRET'];
  });
  const { environment } = await keep(t).next();
  assert.ok(environment.includes('PATH'));
  assert.ok(!environment.includes('NODE_OPTIONS'));
  assert.ok(!environment.includes('OPENKMA_TEST_SECRET'));
});

test('a replaced child is followed by another at once', { timeout: 20_000 }, async (t) => {
  const { kept, ends, next } = keep(t);
  const first = await next();
  kept.replace({ t: 'stop' }, 1_000);
  assert.notEqual((await next()).pid, first.pid);
  assert.deepEqual(ends, []);
});

test('a child that does not listen is ended by force', { timeout: 20_000 }, async (t) => {
  const { kept, next } = keep(t);
  const { pid } = await next();
  await kept.stop({ t: 'stop', deaf: true }, 50);
  assert.equal(kept.pid, undefined);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('a child that should stay ended stays ended', { timeout: 20_000 }, async (t) => {
  const { kept, ends, next } = keep(t, false);
  await next();
  kept.send({ t: 'end' });
  while (kept.pid !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(ends, ['ended with code 3']);
});
