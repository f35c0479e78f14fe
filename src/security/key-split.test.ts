/** Holds the key split: T of N open it, fewer or wrong ones do not, and no refusal tells which was wrong. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isRefusal } from '../core/refusal.ts';
import {
  createKeySplit,
  judgeCredentials,
  KEY_SPLIT_COST,
  openKeySplit,
  splitAnew,
  splitInfo,
} from './key-split.ts';
import { KEY_SPLIT_FORMAT } from './key-split-format.ts';
import { SecretBytes } from './secret-bytes.ts';

/** Cheap enough to try hundreds of openings. */
const COST = { memoryKib: 8, passes: 1, lanes: 1 };
const SPLIT_ID = '5'.repeat(32);
const ROOT_EPOCH_ID = 'E'.repeat(32);
const ROOT = randomBytes(32);
const REFUSED = { refused: 'QUORUM_NOT_MET' };

const holder = (index: number) => ({
  name: `holder ${index}`,
  passphrase: SecretBytes.fromText(`Passphrase-${index}`),
});
const holders = (size: number) => Array.from({ length: size }, (_, index) => holder(index));
const wrong = (name: string) => ({ name, passphrase: SecretBytes.fromText('Wrong-passphrase-1') });

function create(threshold: number, size: number, change: { splitId?: string; root?: Buffer } = {}) {
  const rootKeyMaterial = new SecretBytes(Buffer.from(change.root ?? ROOT));
  const splitId = change.splitId ?? SPLIT_ID;
  const credentials = holders(size);
  return createKeySplit(
    { threshold, credentials, rootKeyMaterial, rootEpochId: ROOT_EPOCH_ID, splitId },
    COST,
  );
}
const open = async (object: Uint8Array, indices: readonly number[]) =>
  openKeySplit(object, indices.map(holder), COST);
async function opensWith(object: Uint8Array, indices: readonly number[]): Promise<void> {
  const root = await open(object, indices);
  assert.ok(!isRefusal(root), `refused ${indices}`);
  assert.deepEqual(root.reveal(), ROOT);
}

const threeOfFive = await create(3, 5);

test('opens with every subset of at least 3 of 5, and with no smaller one', async () => {
  for (let mask = 0; mask < 2 ** 5; mask += 1) {
    const indices = [0, 1, 2, 3, 4].filter((index) => (mask & (2 ** index)) !== 0);
    if (indices.length >= 3) await opensWith(threeOfFive, indices);
    else assert.deepEqual(await open(threeOfFive, indices), REFUSED, `opened with ${indices}`);
  }
});

test('opens whatever the order of the credentials', async () => {
  await opensWith(threeOfFive, [4, 0, 2]);
  await opensWith(threeOfFive, [2, 4, 0]);
});

test('opens 1 of 1, 1 of 4, 10 of 10', async () => {
  await opensWith(await create(1, 1), [0]);
  const oneOfFour = await create(1, 4);
  await opensWith(oneOfFour, [3]);
  await opensWith(oneOfFour, [1, 2]);
  const tenOfTen = await create(10, 10);
  await opensWith(tenOfTen, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  assert.deepEqual(await open(tenOfTen, [0, 1, 2, 3, 4, 5, 6, 7, 8]), REFUSED);
});

test("refuses a wrong passphrase, an unknown name, another person's passphrase and a name twice alike", async () => {
  const [a, b, c] = [holder(0), holder(1), holder(2)];
  const attempts = [
    [a, b, wrong(c.name)],
    [a, b, wrong('nobody')],
    [a, b, { name: c.name, passphrase: b.passphrase }],
    [a, b, b],
    [a, b, c, c],
    [a, b, c, wrong('nobody')],
    [a, b, { ...c, name: c.name.toUpperCase() }],
    [],
  ];
  for (const attempt of attempts) assert.deepEqual(await openKeySplit(threeOfFive, attempt, COST), REFUSED);
});

test('says whose credentials are right where they are too few, and nothing where one of them is wrong', async () => {
  const [a, b, c] = [holder(0), holder(1), holder(2)];
  const few = await judgeCredentials(threeOfFive, [b, a], COST);
  assert.deepEqual(few, { names: [b.name, a.name], rootKeyMaterial: null });
  const enough = await judgeCredentials(threeOfFive, [a, b, c], COST);
  assert.ok(!isRefusal(enough));
  assert.deepEqual(enough.rootKeyMaterial?.reveal(), ROOT);
  for (const attempt of [[a, wrong(b.name)], [wrong('nobody')], [a, a], [a, b, c, wrong('nobody')]])
    assert.deepEqual(await judgeCredentials(threeOfFive, attempt, COST), REFUSED);
});

test('refuses more than ten credentials without hashing any', async () => {
  const answer = await openKeySplit(threeOfFive, holders(11), COST);
  assert.ok(isRefusal(answer) && answer.refused === 'INVALID_PARAMETERS');
});

test('refuses a damaged object, wherever the damage is', async () => {
  let readable = 0;
  for (let index = 0; index < threeOfFive.length; index += 7) {
    const damaged = Buffer.from(threeOfFive);
    damaged[index] = (damaged[index] ?? 0) ^ 0x01;
    if (splitInfo(damaged) === null) continue;
    readable += 1;
    assert.deepEqual(await open(damaged, [0, 1, 2]), REFUSED, `opened with byte ${index} changed`);
  }
  assert.ok(readable > 100, 'most damage is inside fields and leaves a text that can be read');
});

test('refuses what is no key split: empty, cut, too long, not JSON, other spacing', async () => {
  const text = Buffer.from(threeOfFive).toString('utf8');
  const spaced = JSON.stringify(JSON.parse(text), null, 1);
  for (const other of ['', '{}', 'null', text.slice(0, -1), `${text}\n`, spaced, 'x'.repeat(100_000)])
    assert.equal(splitInfo(Buffer.from(other)), null);
  assert.deepEqual(await openKeySplit(Buffer.from(spaced), [0, 1, 2].map(holder), COST), REFUSED);
});

type Json = ReturnType<typeof JSON.parse>;
async function refusesAltered(alter: (split: Json) => void): Promise<void> {
  const split = JSON.parse(Buffer.from(threeOfFive).toString('utf8'));
  alter(split);
  const altered = Buffer.from(JSON.stringify(split));
  assert.notEqual(splitInfo(altered), null, 'the alteration is one that can be read');
  assert.deepEqual(await open(altered, [0, 1, 2]), REFUSED);
}

test('refuses a lowered threshold, another split ID or epoch, swapped or foreign shares, keys and check value', async () => {
  const other = JSON.parse(Buffer.from(await create(3, 5, { splitId: '6'.repeat(32) })).toString('utf8'));
  const same = JSON.parse(Buffer.from(await create(3, 5)).toString('utf8'));
  await refusesAltered((split) => Object.assign(split, { threshold: 2 }));
  await refusesAltered((split) => Object.assign(split, { splitId: other.splitId }));
  await refusesAltered((split) => Object.assign(split, { rootEpochId: other.splitId }));
  await refusesAltered((split) => Object.assign(split, { check: other.check }));
  await refusesAltered((split) => Object.assign(split, { check: same.check }));
  await refusesAltered((split) => {
    [split.holders[0].share, split.holders[1].share] = [split.holders[1].share, split.holders[0].share];
  });
  await refusesAltered((split) => Object.assign(split.holders[0], other.holders[0]));
  await refusesAltered((split) => Object.assign(split.holders[0], same.holders[0]));
  await refusesAltered((split) => Object.assign(split.holders[0].key.cost, { passes: 2 }));
});

test('refuses a split in which the record of a person who is not there was exchanged', async () => {
  const other = JSON.parse(Buffer.from(await create(3, 5)).toString('utf8'));
  await refusesAltered((split) => Object.assign(split.holders[4], other.holders[4]));
});

test('splits of two root key materials do not mix', async () => {
  const object = await create(2, 3, { root: randomBytes(32) });
  const root = await open(object, [0, 1]);
  assert.ok(!isRefusal(root));
  assert.notDeepEqual(root.reveal(), ROOT);
});

test('refuses a split that was made cheaper than the floor', async () => {
  assert.deepEqual(await openKeySplit(threeOfFive, [0, 1, 2].map(holder)), REFUSED);
});

test('makes and opens a split at the real cost', async () => {
  const request = {
    threshold: 1,
    credentials: [holder(0)],
    rootKeyMaterial: new SecretBytes(Buffer.from(ROOT)),
    rootEpochId: ROOT_EPOCH_ID,
    splitId: SPLIT_ID,
  };
  const object = await createKeySplit(request);
  const { cost } = JSON.parse(Buffer.from(object).toString('utf8')).holders[0].key;
  assert.deepEqual(cost, KEY_SPLIT_COST);
  assert.deepEqual(cost, { memoryKib: 64 * 1024, passes: 3, lanes: 1 });
  const root = await openKeySplit(object, [holder(0)]);
  assert.ok(!isRefusal(root));
  assert.deepEqual(root.reveal(), ROOT);
});

test('describes a split without opening it, and shows no root key material', () => {
  const names = holders(5).map(({ name }) => name);
  const expected = { splitId: SPLIT_ID, rootEpochId: ROOT_EPOCH_ID, threshold: 3, size: 5, names };
  assert.deepEqual(splitInfo(threeOfFive), expected);
  const text = Buffer.from(threeOfFive).toString('utf8');
  assert.ok(text.includes(KEY_SPLIT_FORMAT) && !text.includes(ROOT.toString('base64').slice(0, 40)));
});

test('leaves the given root key material and passphrases as they were', async () => {
  const rootKeyMaterial = new SecretBytes(Buffer.from(ROOT));
  const credentials = holders(2);
  const request = {
    threshold: 1,
    credentials,
    rootKeyMaterial,
    rootEpochId: ROOT_EPOCH_ID,
    splitId: SPLIT_ID,
  };
  const object = await createKeySplit(request, COST);
  assert.ok(!isRefusal(await openKeySplit(object, credentials, COST)));
  assert.deepEqual(rootKeyMaterial.reveal(), ROOT);
  assert.equal(credentials[0]?.passphrase.reveal().toString(), 'Passphrase-0');
});

test('new root key material is split among the same persons without them, and their passphrases open it', async () => {
  const rootKeyMaterial = new SecretBytes(randomBytes(32));
  const to = { rootKeyMaterial, rootEpochId: 'F'.repeat(32), splitId: '6'.repeat(32) };
  const anew = await splitAnew(threeOfFive, new SecretBytes(Buffer.from(ROOT)), to);
  assert.ok(anew);
  const names = holders(5).map(({ name }) => name);
  const { rootEpochId, splitId } = to;
  assert.deepEqual(splitInfo(anew), { splitId, rootEpochId, threshold: 3, size: 5, names });
  const opened = await open(anew, [0, 2, 4]);
  assert.ok(!isRefusal(opened));
  assert.deepEqual(opened.reveal(), rootKeyMaterial.reveal());
  assert.deepEqual(await open(anew, [0, 2]), REFUSED);
  assert.deepEqual(
    await open(threeOfFive, [0, 2, 4]).then((root) => !isRefusal(root) && root.reveal()),
    ROOT,
  );
});

test('nothing is split among public keys that the root key material does not vouch for', async () => {
  const to = {
    rootKeyMaterial: new SecretBytes(randomBytes(32)),
    rootEpochId: 'F'.repeat(32),
    splitId: SPLIT_ID,
  };
  assert.equal(await splitAnew(threeOfFive, new SecretBytes(randomBytes(32)), to), null);
  const [a, b] = [await create(1, 1), await create(1, 1)].map((object) =>
    JSON.parse(Buffer.from(object).toString()),
  );
  a.holders = b.holders;
  const forged = Buffer.from(JSON.stringify(a));
  assert.equal(await splitAnew(forged, new SecretBytes(Buffer.from(ROOT)), to), null);
});

test('throws for a request that its caller should have refused', async () => {
  await assert.rejects(create(2, 1));
  await assert.rejects(create(0, 1));
  await assert.rejects(create(1, 0));
  await assert.rejects(create(1, 11));
  await assert.rejects(create(1, 2, { root: randomBytes(16) }));
  await assert.rejects(create(1, 2, { splitId: 'not an ID' }));
  const twice = { threshold: 1, credentials: [holder(0), holder(0)] };
  const rootKeyMaterial = new SecretBytes(randomBytes(32));
  await assert.rejects(
    createKeySplit({ ...twice, rootKeyMaterial, rootEpochId: ROOT_EPOCH_ID, splitId: SPLIT_ID }, COST),
  );
});
