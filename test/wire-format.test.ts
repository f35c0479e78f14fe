/** One version back works: a log, and the messages between KMAs, as the first version wrote them, are taken by the software of today and mean the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { event, type LogEntry } from '../src/core/facts.ts';
import type { IncarnationId, KmaId } from '../src/core/ids.ts';
import { hlc, hlcMs, stampOf } from '../src/core/stamp.ts';
import { livingRows } from '../src/operations/entities.ts';
import { joinerSays } from '../src/replication/join-messages.ts';
import { decodePeerMessage } from '../src/replication/peer-encoding.ts';
import { peerMessage } from '../src/replication/peer-messages.ts';
import { standingAnswer } from '../src/replication/standing-messages.ts';
import { sha256Hex } from '../src/security/sealing.ts';
import { appendForeign } from '../src/store/foreign-entries.ts';
import { INCARNATION, temporaryStore } from '../src/store/store.fixture.ts';
import { REPLICATION_VERSION } from '../src/version.ts';

/** Written by OpenKMA of replication version 1; never to be made anew. */
const OLD = JSON.parse(readFileSync(new URL('./wire-format/version-1.json', import.meta.url), 'utf8')) as {
  readonly life: {
    readonly id: IncarnationId;
    readonly kmaId: KmaId;
    readonly logPublicKey: string;
    readonly replicationPublicKey: string;
  };
  readonly log: readonly string[];
  readonly messages: readonly string[];
};
const ENTRIES = OLD.log.map((text) => JSON.parse(text) as LogEntry);
const [LIFE, LAST] = [OLD.life.id, ENTRIES.at(-1)];

test('a log of version 1 is folded to its end, and says what it said', (t) => {
  const { store } = temporaryStore(t);
  const admitted = event('incarnation', LIFE, 'admitted', {
    admittedKmaId: OLD.life.kmaId,
    admittedLogPublicKey: OLD.life.logPublicKey,
    admittedReplicationKey: OLD.life.replicationPublicKey,
  });
  const nowMs = hlcMs(LAST?.stamp ?? hlc(1, 0));
  store.transaction(() => {
    const stamp = stampOf(hlc(nowMs, 0), INCARNATION);
    store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Admit', facts: [admitted] });
  });
  const blocks = OLD.log.map((text) => Buffer.from(text));
  while (store.logLength(LIFE) < blocks.length) {
    const length = store.logLength(LIFE);
    const taken = store.transaction(() => appendForeign(store, LIFE, length, blocks.slice(length), nowMs));
    assert.equal(taken.stalled, null);
    assert.ok(taken.length > length);
  }
  const names = (table: 'user' | 'site' | 'key_group' | 'agent' | 'kma') =>
    livingRows(store.state, table).map(({ name }) => name);
  assert.deepEqual(
    [names('site'), names('key_group'), names('agent'), names('kma'), names('user').length],
    [['rome'], ['group-a'], ['drive-1'], ['kma-test'], 3],
  );
  const [agent] = livingRows(store.state, 'agent');
  assert.equal(agent?.description, 'in hall 2');
  const keys = ENTRIES.flatMap(({ facts }) => facts).filter(
    (fact) => 'event' in fact && fact.table === 'key' && fact.event === 'created',
  );
  assert.ok(keys.length > 0);
  assert.equal(store.state.count('key', 'pool', { equals: [LIFE] }), keys.length);
  assert.equal(store.state.get('incarnation', LIFE)?.replicationVersion, null, 'which counts as the first');
});

test('messages of version 1 between KMAs are read', () => {
  const read = OLD.messages.map((hex) => peerMessage.parse(decodePeerMessage(Buffer.from(hex, 'hex'))));
  assert.deepEqual(
    read.map(({ t }) => t),
    ['hello', 'welcome', 'health', 'ping', 'pong', 'want', 'have', 'bye'],
  );
  const [hello] = read;
  assert.ok(hello?.t === 'hello');
  assert.deepEqual(
    [hello.protocol, hello.replicationVersion, hello.incarnationId, hello.replicationPublicKey],
    [1, 1, LIFE, OLD.life.replicationPublicKey],
  );
  const have = read.find((message) => message.t === 'have');
  assert.ok(have?.t === 'have');
  const hashes = have.objects.map(({ bytes }) => sha256Hex(bytes));
  const named = ENTRIES.flatMap(({ facts }) =>
    facts.flatMap((fact) => ('set' in fact ? Object.values(fact.set) : [])),
  );
  assert.deepEqual(
    hashes.map((hash) => named.includes(hash)),
    [true],
    'the sealed object is the one that the log names',
  );
});

/** Messages that are sent before the version of the other side is known. */
const NEXT = REPLICATION_VERSION + 1;
const ADDED = { rack: 'B7' };

test('a greeting of the next version is read without what that version adds', () => {
  const [hex] = OLD.messages;
  const old = decodePeerMessage(Buffer.from(hex ?? '', 'hex')) as object;
  const hello = peerMessage.parse({ ...old, ...ADDED, replicationVersion: NEXT });
  assert.deepEqual(hello, { ...old, replicationVersion: NEXT });
  const { logPublicKey, replicationPublicKey, id } = OLD.life;
  const joining = {
    t: 'hello',
    protocol: 1,
    softwareVersion: '9.0.0',
    replicationVersion: NEXT,
    incarnationId: id,
    logPublicKey,
    replicationPublicKey,
  };
  assert.deepEqual(joinerSays.parse({ ...joining, ...ADDED }), joining);
  const standing = { t: 'standing', standing: 'member' };
  assert.deepEqual(standingAnswer.parse({ ...standing, ...ADDED }), standing);
});

test('of a version that is known, a greeting with other fields is damage, and so is any later message', () => {
  const [hex] = OLD.messages;
  const old = decodePeerMessage(Buffer.from(hex ?? '', 'hex')) as object;
  for (const replicationVersion of [1, REPLICATION_VERSION])
    assert.equal(
      peerMessage.safeParse({ ...old, ...ADDED, replicationVersion }).error?.issues[0]?.code,
      'unrecognized_keys',
    );
  assert.ok(!peerMessage.safeParse({ ...old, replicationVersion: NEXT, kmaId: 7 }).success);
  assert.ok(!peerMessage.safeParse({ t: 'ping', sequence: 1, ...ADDED }).success);
});
