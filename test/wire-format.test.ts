/** One version back works: logs, and the messages between KMAs, as version 1 and version 3 wrote them, are taken by the software of today and mean the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { event, type LogEntry } from '../src/core/facts.ts';
import type { IncarnationId, KmaId } from '../src/core/ids.ts';
import { kmaOfIncarnation } from '../src/core/life.ts';
import { logLimit } from '../src/core/log-end.ts';
import { hlc, hlcMs, stampOf } from '../src/core/stamp.ts';
import { livingRows } from '../src/operations/entities.ts';
import { joinerSays } from '../src/replication/join-messages.ts';
import { decodePeerMessage } from '../src/replication/peer-encoding.ts';
import { peerMessage } from '../src/replication/peer-messages.ts';
import { standingAnswer } from '../src/replication/standing-messages.ts';
import { sha256Hex } from '../src/security/sealing.ts';
import { appendForeign } from '../src/store/foreign-entries.ts';
import { INCARNATION, temporaryStore } from '../src/store/store.fixture.ts';
import type { Store } from '../src/store/store.ts';
import { REPLICATION_VERSION } from '../src/version.ts';

interface Old {
  readonly life: {
    readonly id: IncarnationId;
    readonly kmaId: KmaId;
    readonly logPublicKey: string;
    readonly replicationPublicKey: string;
  };
  readonly log: readonly string[];
  readonly messages: readonly string[];
}

/** Written by OpenKMA of that replication version; never to be made anew. */
function writtenBy(version: number): Old {
  const url = new URL(`./wire-format/version-${version}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Old;
}
const OLD = writtenBy(1);
const BEFORE = writtenBy(3);
const entriesOf = ({ log }: Old) => log.map((text) => JSON.parse(text) as LogEntry);

/** All of it, in the store of a member of today that has let its life in. */
function folded(t: TestContext, { life, log }: Old): Store {
  const { store } = temporaryStore(t);
  const admitted = event('incarnation', life.id, 'admitted', {
    admittedKmaId: life.kmaId,
    admittedLogPublicKey: life.logPublicKey,
    admittedReplicationKey: life.replicationPublicKey,
  });
  const nowMs = hlcMs((JSON.parse(log.at(-1) ?? '') as LogEntry).stamp);
  store.transaction(() => {
    const stamp = stampOf(hlc(nowMs, 0), INCARNATION);
    store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Admit', facts: [admitted] });
  });
  const blocks = log.map((text) => Buffer.from(text));
  while (store.logLength(life.id) < blocks.length) {
    const length = store.logLength(life.id);
    const taken = store.transaction(() => appendForeign(store, life.id, length, blocks.slice(length), nowMs));
    assert.equal(taken.stalled, null);
    assert.ok(taken.length > length);
  }
  return store;
}

const keysMadeIn = (old: Old) =>
  entriesOf(old)
    .flatMap(({ facts }) => facts)
    .filter((fact) => 'event' in fact && fact.table === 'key' && fact.event === 'created').length;

test('a log of version 1 is folded to its end, and says what it said', (t) => {
  const store = folded(t, OLD);
  const names = (table: 'user' | 'site' | 'key_group' | 'agent' | 'kma') =>
    livingRows(store.state, table).map(({ name }) => name);
  assert.deepEqual(
    [names('site'), names('key_group'), names('agent'), names('kma'), names('user').length],
    [['rome'], ['group-a'], ['drive-1'], ['kma-test'], 3],
  );
  const [agent] = livingRows(store.state, 'agent');
  assert.equal(agent?.description, 'in hall 2');
  assert.ok(keysMadeIn(OLD) > 0);
  assert.equal(store.state.count('key', 'pool', { equals: [OLD.life.id] }), keysMadeIn(OLD));
  const life = store.state.get('incarnation', OLD.life.id);
  assert.equal(life?.replicationVersion, null, 'which counts as the first');
});

test('a log of version 3 is folded to its end, with what versions 2 and 3 brought', (t) => {
  const { state } = folded(t, BEFORE);
  const { id, kmaId } = BEFORE.life;
  assert.equal(state.get('incarnation', id)?.replicationVersion, 3);
  assert.deepEqual(
    livingRows(state, 'snmp_manager').map(({ name, port }) => [name, port]),
    [['noc', 9162]],
  );
  const [conflict] = state.page('conflict', '', 9);
  assert.deepEqual([conflict?.keptValueJson, conflict?.lostValueJson], ['"here"', '"there"']);
  const lost = state.page('kma', '', 9).find(({ removedHow }) => removedHow === 'lost');
  assert.equal(lost?.name, 'peer');
  assert.equal(state.page('master_epoch', '', 9).length, 2);
  assert.deepEqual(
    state.page('member_key', '', 9).map((key) => key.id),
    [id],
  );
  assert.deepEqual(
    state.page('root_copy', '', 9).map((copy) => copy.incarnationId),
    [id],
  );
  const [end] = state.page('log_end', '', 9);
  assert.deepEqual([end?.byIncarnationId, end?.length, end?.laterLength], [id, 4, null]);
  const closed = end?.incarnationId ?? '';
  assert.equal(logLimit(state, closed, 0), 4, 'as the version before said it');
  assert.equal(kmaOfIncarnation(state, closed), lost?.id);
  assert.notEqual(lost?.id, kmaId);
  assert.ok(keysMadeIn(BEFORE) > 0);
});

for (const [version, old] of [
  [1, OLD],
  [3, BEFORE],
] as const)
  test(`messages of version ${version} between KMAs are read`, () => {
    const read = old.messages.map((hex) => peerMessage.parse(decodePeerMessage(Buffer.from(hex, 'hex'))));
    assert.deepEqual(
      read.map(({ t }) => t),
      ['hello', 'welcome', 'health', 'ping', 'pong', 'want', 'have', 'bye'],
    );
    const [hello] = read;
    assert.ok(hello?.t === 'hello');
    assert.deepEqual(
      [hello.protocol, hello.replicationVersion, hello.incarnationId, hello.replicationPublicKey],
      [1, version, old.life.id, old.life.replicationPublicKey],
    );
    const have = read.find((message) => message.t === 'have');
    assert.ok(have?.t === 'have');
    const hashes = have.objects.map(({ bytes }) => sha256Hex(bytes));
    const named = entriesOf(old).flatMap(({ facts }) =>
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
