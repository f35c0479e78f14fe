/** A damaged store is noticed at start and when it is read, said by status and audit, changed no more, and served where it is sound; nothing loops. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isRefusal } from '../src/core/refusal.ts';
import { OpenKmaError } from '../src/errors.ts';
import { Pages } from './support/damaged-pages.ts';
import { AUDITOR, BACKUP, OFFICER, TestKma } from './support/kma.ts';
import { kmaCommand } from './support/kma-command.ts';
import { RawAgent, unitOf } from './support/raw-agent.ts';
import { withStore } from './support/restoring.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const enrolled = await RawAgent.create(kma, 'drive-1');
const keys = new Map<string, string>();
const hex = (key: Uint8Array) => Buffer.from(key).toString('hex');
for (let i = 0; i < 30; i++) {
  const { keyId, key } = await enrolled.createKey();
  keys.set(keyId, hex(key));
}
const [, second = ''] = keys.keys();
await kma.stop();
const pages = new Pages(kma.data);

interface Status {
  readonly errorState: string;
  readonly storeTrouble: readonly string[];
}
const status = () => kma.ask<Status>('ShowStatus', {});
const troubleSaid = () => until('the status says it', async () => (await status()).storeTrouble.length > 0);
const agent = () => new RawAgent(enrolled.name, kma.ports, enrolled.identity);

async function refusalOf(...asked: Parameters<typeof kma.answer>): Promise<string | null> {
  const answer = await kma.answer(...asked);
  return isRefusal(answer) ? answer.refused : null;
}
/** Of all keys: how many were given, right every time, and how many refused as agents fail over on it. */
async function retrieveAll(): Promise<{ given: number; refused: number }> {
  const counted = { given: 0, refused: 0 };
  for (const [keyId, key] of keys) {
    const answer = await agent().answer('RetrieveKey', { keyId, keyGroupId: '', dataUnit: unitOf('') });
    if ('key' in answer.response) {
      assert.equal(hex(answer.response.key.key), key);
      counted.given += 1;
    } else {
      assert.equal(answer.status, 500);
      assert.match(answer.xml, /Server Error|>1149 /);
      counted.refused += 1;
    }
  }
  return counted;
}
const createRefusal = () => agent().refusal('CreateKey', { dataUnit: unitOf(''), keyGroupId: '' });
const audited = () =>
  kma.rows<{ condition: string; message: string }>(
    'ListAuditEvents',
    { filter: ['operation=NoteTrouble'], limit: 10 },
    AUDITOR,
  );

/** Runs `work` on a KMA started with the damage; then it is mended, and all keys are there. */
async function damaged(change: () => void, work: () => Promise<void>): Promise<void> {
  change();
  try {
    await kma.resume();
    const core = kma.kma.pids().get('core');
    await work();
    assert.equal(kma.kma.pids().get('core'), core, 'the core is the same process all the time');
    assert.ok(!kma.lines.some((line) => line.includes('starting it again')));
  } finally {
    await kma.stop();
    pages.settle();
    change();
  }
  await kma.resume();
  assert.deepEqual(await retrieveAll(), { given: keys.size, refused: 0 });
  assert.deepEqual((await status()).storeTrouble, []);
  await kma.stop();
  pages.settle();
}

pages.settle();

test('a page of the keys: they are refused, all others given, and nothing is changed any more', async () => {
  const page = pages.leafWith('key', [...keys.keys()]);
  await damaged(
    () => pages.invert(page),
    async () => {
      await troubleSaid();
      const { given, refused } = await retrieveAll();
      assert.ok(given > 0 && refused > 0, `${given} given, ${refused} refused`);
      assert.equal(await createRefusal(), 'Server Error');
      assert.equal(await refusalOf('CreateSite', { site: 'site-z' }, OFFICER), 'STORE_DAMAGED');
      assert.equal(await refusalOf('CreateDatabaseBackup', {}, BACKUP), 'STORE_DAMAGED');
      const [event] = await audited();
      assert.equal(event?.condition, 'Store is damaged');
      const shown = await kmaCommand('--data', kma.data, 'status');
      assert.match(shown.stdout, /Store {6}\S/);
      assert.match(shown.stdout, /restore from the last backup/);
    },
  );
});

test('a page of the log, which no operation reads: noticed at start, and every key is given', async () => {
  const page = pages.middleLeaf('log');
  await damaged(
    () => pages.invert(page),
    async () => {
      await troubleSaid();
      assert.deepEqual(await retrieveAll(), { given: keys.size, refused: 0 });
      assert.equal(await createRefusal(), 'Server Error');
      assert.equal(
        await refusalOf('ModifySite', { site: 'site-a', description: 'x' }, OFFICER),
        'STORE_DAMAGED',
      );
    },
  );
});

test('an old page of the audit: noticed at start, and retrieval is recorded as ever', async () => {
  const page = pages.middleLeaf('audit');
  await damaged(
    () => pages.invert(page),
    async () => {
      await troubleSaid();
      assert.deepEqual(await retrieveAll(), { given: keys.size, refused: 0 });
    },
  );
});

test('the page where the audit is continued: nothing can be recorded, so nothing is done, and the status says so', async () => {
  const page = pages.lastLeaf('audit');
  await damaged(
    () => pages.invert(page),
    async () => {
      assert.deepEqual(await retrieveAll(), { given: 0, refused: keys.size });
      assert.equal(await createRefusal(), 'Server Error');
      assert.match((await status()).errorState, /the audit cannot be continued/);
      assert.equal(await refusalOf('CreateSite', { site: 'site-z' }, OFFICER), 'ERROR_STATE');
      assert.match(kma.kma.errorState() ?? '', /audit/);
    },
  );
});

test('one byte of a sealed key: that key is refused, all else goes on, and the status names the object', async () => {
  const object = withStore(kma.data, (store) => {
    const id = store.state.get('key', second)?.objectId ?? '';
    return { id, bytes: Buffer.from(store.getObject(id)?.bytes ?? []) };
  });
  await damaged(
    () => pages.invertByteOf(object.bytes),
    async () => {
      assert.deepEqual(await retrieveAll(), { given: keys.size - 1, refused: 1 });
      assert.match((await status()).storeTrouble.join(), new RegExp(`object ${object.id} does not open`));
      const { keyId, key } = await agent().createKey();
      keys.set(keyId, hex(key));
      const [event] = await audited();
      assert.equal(event?.message, `object ${object.id} does not open`);
    },
  );
});

test('the first page: it does not start, with the code of the damage, and leaves nothing running', async () => {
  pages.invert(1);
  try {
    await assert.rejects(
      kma.resume(),
      (error) => error instanceof OpenKmaError && error.code === 'STORE_DAMAGED',
    );
  } finally {
    pages.invert(1);
  }
  await kma.resume();
  assert.deepEqual(await retrieveAll(), { given: keys.size, refused: 0 });
});
