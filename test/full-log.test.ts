/** A log that cannot be written: it ends no process, stands in the way of no retrieval and no restart, and is written again when there is space. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RESERVE_BYTES } from '../src/store/space-reserve.ts';
import { TestKma } from './support/kma.ts';
import { RawAgent, unitOf } from './support/raw-agent.ts';
import { isAlive, ServedKma } from './support/served-kma.ts';
import { SmallDisk } from './support/small-disk.ts';
import { until } from './support/until.ts';

const HOST = { answers: { managementAddress: '127.0.0.1', serviceAddress: '127.0.0.1' } };
const CREATE = { dataUnit: unitOf(''), keyGroupId: '' };
const PAGE_BYTES = 4096;

/** A KMA that does not run, with an agent of it and that agent's key. */
async function prepared() {
  const kma = await TestKma.start(HOST);
  const { name, identity } = await RawAgent.create(kma, 'drive-1');
  const at = (served: ServedKma) => new RawAgent(name, served.ports, identity);
  const { keyId } = await new RawAgent(name, kma.ports, identity).createKey();
  await kma.stop();
  const retrieve = async (served: ServedKma) => {
    const asked = { keyId, keyGroupId: '', dataUnit: unitOf('') };
    return (await at(served).answer('RetrieveKey', asked)).status;
  };
  return { kma, at, retrieve };
}

/** The process of this name is killed, and another takes its place, of which the supervisor has its line. */
async function replaced(served: ServedKma, name: string): Promise<void> {
  const before = served.childNamed(name);
  process.kill(before, 'SIGKILL');
  await until(`another ${name}`, () => !isAlive(before) && served.children().length === 5);
}

test('a log that takes no line from the beginning', async (t) => {
  const { kma, retrieve } = await prepared();
  t.after(() => kma[Symbol.asyncDispose]());
  await using served = await ServedKma.startLoggingTo('/dev/full', kma);
  for (const name of ['front', 'reader', 'core']) await replaced(served, name);
  await until('keys are retrieved', async () => (await retrieve(served)) === 200);
  assert.ok(isAlive(served.pid));
  assert.equal(await served.end('SIGTERM'), 0);
});

test('a log on the disk of the store, which is full', async (t) => {
  const disk = SmallDisk.mount(128);
  if (typeof disk === 'string') return t.skip(disk);
  t.after(() => disk.unmount());
  const { kma, at, retrieve } = await disk.during(prepared);
  t.after(() => kma[Symbol.asyncDispose]());
  const log = join(disk.path, 'log');
  await using served = await ServedKma.startLoggingTo(log, kma);
  const reserve = () => statSync(join(kma.data, 'reserve'), { throwIfNoEntry: false })?.size ?? 0;
  await until('space is kept aside', () => reserve() === RESERVE_BYTES);
  const core = served.childNamed('core');
  // The last page of the log would take some lines still.
  appendFileSync(log, '\n'.repeat(PAGE_BYTES - (statSync(log).size % PAGE_BYTES)));
  await until('the disk is full', async () => {
    disk.fill();
    return (await at(served).answer('CreateKey', CREATE)).status === 500;
  });
  for (let i = 0; i < 20; i++) assert.equal(await retrieve(served), 200);
  assert.equal(served.childNamed('core'), core, 'the core that could not say so goes on');

  await t.test('a core that ends meanwhile begins again out of the space kept aside', async () => {
    disk.fill();
    const before = reserve();
    await replaced(served, 'core');
    await until('keys are retrieved', async () => {
      disk.fill();
      return (await retrieve(served)) === 200;
    });
    assert.ok(reserve() > 0 && reserve() < before);
  });

  await t.test('with space again there are lines again', async () => {
    disk.free();
    const bytes = statSync(log).size;
    await replaced(served, 'reader');
    await until('a line', () =>
      readFileSync(log, 'utf8').slice(bytes).includes('reader was ended by SIGKILL'),
    );
  });
  assert.equal(await served.end('SIGTERM'), 0);

  await t.test('a whole KMA begins on a full disk as well', async () => {
    disk.fill();
    await using again = await ServedKma.startLoggingTo('/dev/null', kma);
    assert.equal(await retrieve(again), 200);
    await again.end('SIGTERM');
  });
});
