/** Which backups may hold a key, with the margin for clocks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupsHolding, BACKUP_MARGIN_MS as MARGIN, mayBeInBackup, mayHold } from './backup-holding.ts';
import { created, event, type Fact } from './facts.ts';
import { backupDestroyed, FoldingWorld, LIFE, madeBackup, madeKey, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, ObjectId } from './ids.ts';
import { hlc, type Stamp, stampOf } from './stamp.ts';

const MADE = 10_000_000;
const DESTROYED = 20_000_000;
const createdStamp = stampOf(hlc(MADE, 0), LIFE);
const living = { createdAt: MADE, createdStamp, destroyedAt: null, destroyedStamp: null };
const destroyed = { createdAt: MADE, createdStamp, destroyedAt: DESTROYED, destroyedStamp: 'S' as Stamp };
const erased = (life: IncarnationId) =>
  created('object_erasure', `object-K:${life}`, {
    objectId: 'object-K' as ObjectId,
    incarnationId: life,
    erasedAt: DESTROYED,
  });
/** Its clock is right. */
const backupOf = (createdAt: number) => ({ createdAt, createdStamp: stampOf(hlc(createdAt, 0), OTHER_LIFE) });
const holds = (createdAt: number, key: typeof living | typeof destroyed) =>
  mayHold(backupOf(createdAt), key, true);

test('a backup from up to the margin before the key was made may hold it', () => {
  assert.equal(holds(MADE - MARGIN, living), true);
  assert.equal(holds(MADE - MARGIN - 1, living), false);
  assert.equal(holds(2 ** 47, living), true);
});

test('a backup from up to the margin after the key was destroyed may hold it', () => {
  assert.equal(holds(DESTROYED + MARGIN, destroyed), true);
  assert.equal(holds(DESTROYED + MARGIN + 1, destroyed), false);
});

test('a destroyed key without a date may be in every later backup', () => {
  assert.equal(mayHold(backupOf(DESTROYED), { ...destroyed, destroyedAt: null }, true), true);
  assert.equal(
    mayHold(
      { createdAt: null, createdStamp: null },
      { ...living, createdAt: null, createdStamp: null },
      true,
    ),
    true,
  );
});

test('a backup of a KMA that had not confirmed the erasure by then may hold the key, however late it was made', () => {
  assert.equal(mayHold(backupOf(2 ** 47), destroyed, false), true);
  const world = new FoldingWorld();
  const [there, elsewhere] = [OTHER_LIFE, LIFE];
  let ms = DESTROYED;
  const foldAt = (life: typeof LIFE, ...facts: Fact[]) => world.foldAt(hlc(++ms, 0), life, ...facts);
  foldAt(
    elsewhere,
    madeKey('K', 1, undefined, MADE),
    event('key', 'K', 'destroyed', { destroyedAt: DESTROYED, destroyedComment: '' }),
    erased(elsewhere),
  );
  const late = DESTROYED + 2 * MARGIN;
  foldAt(elsewhere, ...madeBackup('of one that knew', {}, late));
  foldAt(there, ...madeBackup('of one cut off', {}, late));
  foldAt(there, erased(there), ...madeBackup('in the entry of the erasure', {}, late));
  foldAt(there, ...madeBackup('after the erasure', {}, late));
  const key = world.state.get('key', 'K');
  assert.ok(key);
  assert.deepEqual(
    backupsHolding(world.state, key)
      .map(({ id }) => id)
      .sort(),
    ['in the entry of the erasure', 'of one cut off'],
  );
});

test('a backup may hold a key that was made while a clock was ahead, however early its own date is', () => {
  const world = new FoldingWorld();
  const DAY = 86_400_000;
  const foldAt = (ms: number, life: IncarnationId, ...facts: Fact[]) =>
    world.foldAt(hlc(ms, 0), life, ...facts);
  // Of a KMA whose clock was a day ahead; whoever has folded that writes after it, also with a right clock.
  foldAt(MADE + DAY, LIFE, madeKey('K', 1, undefined, MADE + DAY));
  foldAt(MADE + DAY, OTHER_LIFE, ...madeBackup('with it', {}, MADE + 1));
  foldAt(MADE + 2, OTHER_LIFE, ...madeBackup('without it', {}, MADE + 2));
  foldAt(
    MADE + DAY + 1,
    LIFE,
    event('key', 'K', 'destroyed', { destroyedAt: MADE + DAY + 1, destroyedComment: '' }),
  );
  const key = world.state.get('key', 'K');
  assert.ok(key);
  assert.deepEqual(
    backupsHolding(world.state, key).map(({ id }) => id),
    ['with it'],
  );
  assert.equal(mayBeInBackup(world.state, key), true);
});

test('lists the backups of its time whose destruction nobody confirmed', () => {
  const world = new FoldingWorld();
  world.fold(...madeBackup('before', {}, MADE - MARGIN - 1));
  world.fold(
    madeKey('K', 1, undefined, MADE),
    event('key', 'K', 'destroyed', { destroyedAt: DESTROYED, destroyedComment: '' }),
    erased(LIFE),
  );
  world.fold(
    ...madeBackup('first', {}, MADE + 1),
    ...madeBackup('second', {}, DESTROYED - 1),
    ...madeBackup('after', {}, DESTROYED + MARGIN + 1),
  );
  const key = world.state.get('key', 'K');
  assert.ok(key);
  assert.deepEqual(
    backupsHolding(world.state, key).map(({ id }) => id),
    ['first', 'second'],
  );
  world.fold(backupDestroyed('first'));
  assert.equal(mayBeInBackup(world.state, key), true);
  world.fold(backupDestroyed('second'));
  assert.equal(mayBeInBackup(world.state, key), false);
  assert.deepEqual(backupsHolding(world.state, key), []);
});
