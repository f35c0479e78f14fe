/** The data directory of a KMA that joins: whole and of a life of its own, or not there at all. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { created, set } from '../core/facts.ts';
import { idFrom, type KmaId } from '../core/ids.ts';
import { isRefusal } from '../core/refusal.ts';
import { nextHlc, stampOf } from '../core/stamp.ts';
import { memberKeySha256 } from '../operations/cluster/member-key.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { auditTailOf } from '../store/audit-tail.ts';
import { verifyAudit } from '../store/audit-verification.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { makeSnapshot } from '../store/snapshot.ts';
import { openStore } from '../store/store.ts';
import { openAutonomously } from './autonomous-unlock-files.ts';
import { type JoinedRequest, makeJoinedDirectory } from './joined-data-directory.ts';
import { JoiningDirectory } from './joining-directory.ts';
import { readIdentity, readLogSeed } from './local-identity.ts';
import { runQuickStart } from './run-quickstart.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-joined-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A passphrase must not hold the name. */
const person = (name: string) => ({
  name,
  passphrase: SecretBytes.fromText(`Split-part-7-${[...name].reverse().join('')}`),
});
const NAMES = ['ann', 'ben', 'cem'];
const memberData = join(folder, 'member');
const founded = await runQuickStart({
  dataDirectory: memberData,
  kmaName: 'kma-1',
  threshold: 2,
  credentials: NAMES.map(person),
  officer: person('officer'),
  autonomousUnlock: false,
  keyPoolSize: 1000,
  digest: 'SHA-256',
  minimumTls: '1.2',
  serviceAddress: '',
  managementAddress: '',
  step: () => undefined,
});
assert.ok(!isRefusal(founded));
const NEWCOMER = idFrom<KmaId>(randomBytes(16));
/** What the tests need of the member, with the entry of the newcomer in its store. */
const member = (() => {
  const store = openStore({ path: join(memberData, 'kma.db'), mode: 'write' });
  try {
    const { incarnationId, kmaId } = readIdentity(DataDirectory.at(memberData));
    const stamp = stampOf(nextHlc(store.lastStamp(), Date.now()), incarnationId);
    const facts = [
      created('kma', NEWCOMER, { name: 'kma-2', createdAt: 1, number: 2 }),
      set('kma', NEWCOMER, { enabled: 1 }),
    ];
    store.transaction(() => store.appendEntry(incarnationId, { v: 1, stamp, operation: 'Test', facts }));
    return {
      memberKeySha256: memberKeySha256(store.state.get('kma', kmaId)),
      caPem: store.state.get('certificate_authority', 'root')?.certificatePem ?? '',
      clusterEpochId: store.state.get('incarnation', incarnationId)?.clusterEpochId,
      incarnationId,
      vector: store.vector(),
    };
  } finally {
    store.close();
  }
})();

async function request(name: string, change: Partial<JoinedRequest> = {}) {
  const dataDirectory = join(folder, name);
  const joining = await JoiningDirectory.open(dataDirectory, 'kma-2');
  const { stateHash: hash } = makeSnapshot(join(memberData, 'kma.db'), joining.basePath);
  const wanted: JoinedRequest = {
    dataDirectory,
    basePath: joining.basePath,
    kmaId: NEWCOMER,
    stateHash: hash,
    memberKeySha256: member.memberKeySha256,
    caPem: member.caPem,
    kmaName: 'kma-2',
    identity: joining.identity,
    quorum: ['ann', 'cem'].map(person),
    minimumTls: '1.3',
    serviceAddress: '192.0.2.2',
    managementAddress: '192.0.2.3',
    autonomousUnlock: false,
    keepLocked: false,
    step: () => undefined,
    ...change,
  };
  return { joining, wanted };
}

test('with the quorum the newcomer has the state of the member and a life of its own that begins its log', async () => {
  const { joining, wanted } = await request('joined', { autonomousUnlock: true, keepLocked: true });
  const seed = joining.identity.logSeed.reveal().toString('hex');
  const { incarnationId, logPublicKey, replicationPublicKey } = joining.identity;
  const made = await makeJoinedDirectory(wanted);
  assert.ok(!isRefusal(made), JSON.stringify(made));
  const directory = DataDirectory.open(wanted.dataDirectory);
  assert.deepEqual(readIdentity(directory), { kmaId: NEWCOMER, incarnationId, kmaName: 'kma-2' });
  assert.equal(readLogSeed(directory).reveal().toString('hex'), seed);
  assert.equal(openAutonomously(directory)?.length, 32);
  const store = openStore({ path: directory.databasePath, mode: 'read' });
  const life = store.state.get('incarnation', incarnationId);
  assert.deepEqual(
    [life?.kmaId, life?.reason, life?.logPublicKey, life?.replicationPublicKey, life?.clusterEpochId],
    [NEWCOMER, 'join', logPublicKey, replicationPublicKey, member.clusterEpochId],
  );
  assert.deepEqual(JSON.parse(life?.baseVectorJson ?? ''), member.vector);
  assert.equal(store.logLength(incarnationId), 1);
  assert.equal(store.state.get('kma', NEWCOMER)?.managementAddress, '192.0.2.3');
  assert.equal(store.getLocal('locked'), '1');
  store.close();
});

test('the audit of the member is a copy at the newcomer, whose own begins with its first record', async () => {
  const { wanted } = await request('audited');
  assert.ok(!isRefusal(await makeJoinedDirectory(wanted)));
  const store = openStore({ path: join(wanted.dataDirectory, 'kma.db'), mode: 'read' });
  const tail = auditTailOf(store);
  assert.deepEqual([tail.oldestRow(), tail.newestRow()], [1, 1]);
  assert.deepEqual(
    tail
      .after(0, 9, 1_000_000, 'all')
      .records.map(({ row, operation, kmaName }) => [row, operation, kmaName]),
    [[1, 'JoinCluster', 'kma-2']],
  );
  const reports = verifyAudit(store, NEWCOMER);
  assert.deepEqual(new Set(reports.map(({ verdict }) => verdict)), new Set(['intact']));
  const given = reports.filter(({ incarnationId }) => incarnationId === member.incarnationId);
  assert.ok(given.length > 0 && given.every((chain) => store.auditCopies.isCopy(chain)));
  store.close();
});

test('a wrong quorum makes one refusal and no directory, and the same life tries again', async () => {
  const { joining, wanted } = await request('refused');
  for (const quorum of [
    [person('ann')],
    [person('ann'), { name: 'cem', passphrase: SecretBytes.fromText('Not-of-cem-77') }],
    [person('ann'), person('nobody')],
  ])
    assert.deepEqual(await makeJoinedDirectory({ ...wanted, quorum }), { refused: 'QUORUM_NOT_MET' });
  assert.ok(!existsSync(wanted.dataDirectory));
  joining.removeBase();
  joining.close();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('refused')),
    ['refused.joining'],
  );
  assert.ok(!existsSync(joining.basePath));
  const again = await JoiningDirectory.open(wanted.dataDirectory, 'kma-2');
  assert.equal(again.identity.incarnationId, joining.identity.incarnationId);
  assert.equal(again.identity.logPublicKey, joining.identity.logPublicKey);
  again.close();
});

test('the copy of another cluster, of a stranger, of another state or without the entry is not taken', async () => {
  const other = randomBytes(32).toString('hex').toUpperCase();
  const cases: [Partial<JoinedRequest>, RegExp][] = [
    [{ stateHash: other }, /state of the copy/],
    [{ memberKeySha256: other }, /no member/],
    [{ kmaName: 'kma-3' }, /knows no kma-3/],
    [{ kmaId: other.slice(0, 32) }, /knows no kma-2/],
  ];
  for (const [change, why] of cases) {
    const { joining, wanted } = await request(`wrong-${cases.findIndex(([one]) => one === change)}`, change);
    const made = await makeJoinedDirectory(wanted);
    assert.ok(isRefusal(made) && made.refused === 'JOIN_FAILED');
    assert.match(made.detail ?? '', why);
    assert.ok(!existsSync(wanted.dataDirectory));
    joining.close();
  }
});

test('a join that was broken off keeps its life for the same KMA only, and one run at a time', async () => {
  const place = join(folder, 'kept');
  const first = await JoiningDirectory.open(place, 'kma-2');
  await assert.rejects(JoiningDirectory.open(place, 'kma-2'), { code: 'DATA_DIRECTORY_IN_USE' });
  first.enrolled({ caPem: 'ca', certificatePem: 'certificate' });
  first.fetching('A'.repeat(64));
  first.close();
  const again = await JoiningDirectory.open(place, 'kma-2');
  assert.deepEqual(
    [again.identity.incarnationId, again.certificate?.certificatePem, again.baseSha256],
    [first.identity.incarnationId, 'certificate', 'A'.repeat(64)],
  );
  again.close();
  const other = await JoiningDirectory.open(place, 'kma-3');
  assert.notEqual(other.identity.incarnationId, first.identity.incarnationId);
  assert.deepEqual([other.certificate, other.baseSha256], [null, null]);
  other.remove();
  other.close();
  assert.ok(!existsSync(`${place}.joining`));
});
