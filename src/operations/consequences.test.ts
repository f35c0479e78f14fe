/** Holds what is changed elsewhere to what it means here: replies, failures, TLS settings and the pool follow, each once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, type Fact, removed, set } from '../core/facts.ts';
import {
  activated,
  admittedLife,
  FoldingWorld,
  LIFE,
  madeBackup,
  madeKey,
  OTHER_LIFE,
} from '../core/folding.fixture.ts';
import type { KmaId, ObjectId } from '../core/ids.ts';
import type { RowChange } from '../core/named-objects.ts';
import { consequences } from './consequences.ts';

const SELF = { kmaId: 'KMA' as KmaId, incarnationId: LIFE };
const POOL = { effect: 'pool-changed' };
const TLS = { effect: 'tls-changed' };

/** Of the last entry, folded after the ones before. */
function after(before: readonly Fact[], ...last: readonly Fact[]) {
  const world = new FoldingWorld();
  world.fold(...before);
  const rows = [...new Map(last.map((fact) => [`${fact.table} ${fact.id}`, fact])).values()];
  const changes = rows.map(({ table, id }) => ({ table, id, before: world.state.getRow(table, id) }));
  world.fold(...last);
  return consequences(
    changes.map((change) => ({ ...change, after: world.state.getRow(change.table, change.id) }) as RowChange),
    SELF,
  );
}
const user = [created('user', 'U', { name: 'olga', createdAt: 1 })];
const agent = [created('agent', 'A', { name: 'drive', createdAt: 1 })];
const kma = (id: string) => [created('kma', id, { name: `name-${id}`, createdAt: 1, number: 1 })];
const verifier = { verifierObjectId: 'O' as ObjectId, verifierSha256: 'AA' };

test('another passphrase voids the replies of the old one and forgets its failures, and so does a deletion', () => {
  const olga = [{ effect: 'passphrase-set', entity: 'user:olga' }];
  assert.deepEqual(after(user, set('user', 'U', verifier)), olga);
  assert.deepEqual(after(user, set('user', 'U', { proofDisabled: 1 })), olga);
  assert.deepEqual(after(user, removed('user', 'U')), olga);
  assert.deepEqual(after(user, set('user', 'U', { description: 'x' })), []);
  assert.deepEqual(after([], ...user, set('user', 'U', verifier)), [], 'nobody has proven anything before');
  const secret = set('agent', 'A', { legacySecretObjectId: 'O' as ObjectId, legacySecretSha256: 'AA' });
  assert.deepEqual(after(agent, secret), [{ effect: 'passphrase-set', entity: 'agent:drive' }]);
});

test("this KMA's certificate and TLS minimum, and the root, change what the fronts serve; others' do not", () => {
  const certificate = (id: string) => set('kma', id, { certificatePem: 'PEM' });
  assert.deepEqual(after(kma('KMA'), certificate('KMA')), [TLS]);
  assert.deepEqual(after(kma('KMA'), set('kma', 'KMA', { minimumTls: '1.3' })), [TLS]);
  assert.deepEqual(after(kma('PEER'), certificate('PEER')), []);
  assert.deepEqual(after([], set('certificate_authority', 'root', { certificatePem: 'PEM' })), [TLS]);
});

test('what decides about Ready keys has the pool counted anew, once', () => {
  assert.deepEqual(after(kma('PEER'), removed('kma', 'PEER')), [
    { effect: 'passphrase-set', entity: 'kma:name-PEER' },
    POOL,
  ]);
  assert.deepEqual(after([], admittedLife(OTHER_LIFE)), [POOL]);
  assert.deepEqual(after([], ...madeBackup('B', {})), [POOL]);
  assert.deepEqual(after([], set('setting', 'keyPoolSize', { valueJson: '5' })), [POOL]);
  assert.deepEqual(after([], set('setting', 'entityCertificateDays', { valueJson: '5' })), []);
});

test('a key of the own pool that others have destroyed leaves it; keys of others change nothing here', () => {
  const destroyed = event('key', 'K', 'destroyed', { destroyedAt: 1, destroyedComment: '' });
  assert.deepEqual(after([madeKey('K', 1)], destroyed), [POOL]);
  assert.deepEqual(after([madeKey('K', 1, OTHER_LIFE)], destroyed), []);
  assert.deepEqual(after([], madeKey('K', 1, OTHER_LIFE), activated('K', 'G', 1)), []);
});
