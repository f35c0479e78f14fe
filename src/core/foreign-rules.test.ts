/** A log speaks for its own life alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, type Fact, removed, set } from './facts.ts';
import { FoldingWorld, LIFE, madeKey, madeLife, OTHER_LIFE, ROOT_EPOCH } from './folding.fixture.ts';
import { trespass } from './foreign-rules.ts';
import type { IncarnationId, KmaId, ObjectId } from './ids.ts';
import { HOURS_KEPT, hourFact } from './kma-performance.ts';

const OWNER = 'KMA' as KmaId;

const wrong = (fact: Fact, seq = 5) => trespass([fact], { incarnationId: LIFE, seq, life: undefined });

const end = (id: string, by: IncarnationId) =>
  created('log_end', id, { incarnationId: OTHER_LIFE, byIncarnationId: by, length: 3 });

const erasure = (id: string, incarnationId: IncarnationId) =>
  created('object_erasure', id, { objectId: 'OBJECT' as ObjectId, incarnationId, erasedAt: 1 });

/** As a member let it in. */
function admitted(): FoldingWorld {
  const world = new FoldingWorld();
  world.fold(
    event('incarnation', LIFE, 'admitted', {
      admittedKmaId: OWNER,
      admittedLogPublicKey: '',
      admittedReplicationKey: '',
    }),
  );
  return world;
}

const first = (facts: readonly Fact[], world = admitted()) =>
  trespass(facts, { incarnationId: LIFE, seq: 1, life: world.state.get('incarnation', LIFE) });

test('what any member may say is said in any log', () => {
  assert.equal(wrong(set('key_policy', 'POLICY', { description: 'x' })), null);
  assert.equal(wrong(removed('kma', 'OTHER')), null);
  assert.equal(trespass([], { incarnationId: LIFE, seq: 2, life: undefined }), null);
});

test('a key is made in the log of the life that makes it, at the place it says', () => {
  assert.equal(wrong(madeKey('KEY', 5)), null);
  assert.match(wrong(madeKey('KEY', 5, OTHER_LIFE)) ?? '', /key created in the name of another life/);
  assert.match(wrong(madeKey('KEY', 4)) ?? '', /elsewhere in the log/);
});

test('what is gone, and how much of a log is there, each life says for itself', () => {
  assert.equal(wrong(erasure(`OBJECT:${LIFE}`, LIFE)), null);
  assert.match(wrong(erasure(`OBJECT:${OTHER_LIFE}`, OTHER_LIFE)) ?? '', /in the name of another/);
  assert.match(wrong(erasure(`OBJECT:${OTHER_LIFE}`, LIFE)) ?? '', /under another name/);
  assert.equal(wrong(end(`${OTHER_LIFE}:${LIFE}`, LIFE)), null);
  assert.match(wrong(end(`${OTHER_LIFE}:${OTHER_LIFE}`, OTHER_LIFE)) ?? '', /in the name of another/);
  assert.match(wrong(end(`${OTHER_LIFE}:${OTHER_LIFE}`, LIFE)) ?? '', /under another name/);
  const again = (by: IncarnationId) => set('log_end', `${OTHER_LIFE}:${by}`, { laterLength: 9 });
  assert.equal(wrong(again(LIFE)), null);
  assert.match(wrong(again(OTHER_LIFE)) ?? '', /in the name of another/);
});

test('the member key is that of the life itself', () => {
  const memberKey = (id: string) => set('member_key', id, { rootEpochId: ROOT_EPOCH });
  assert.equal(wrong(memberKey(LIFE)), null);
  assert.match(wrong(memberKey(OTHER_LIFE)) ?? '', /member key of another life/);
});

test('a life signs the heads of its own audit, but for what says the end of another log again', () => {
  const head = (id: string) => set('audit_head', `${id}:short`, { seq: 1, hash: 'AA' });
  assert.equal(wrong(head(LIFE)), null);
  assert.match(wrong(head(OTHER_LIFE)) ?? '', /audit of another life/);
  assert.match(wrong(removed('audit_head', `${OTHER_LIFE}:short`)) ?? '', /audit of another life/);
  const world = admitted();
  const born = {
    kmaId: OWNER,
    logPublicKey: '',
    replicationPublicKey: '',
    createdAt: 1,
    reason: 'copy',
  } as const;
  const base = JSON.stringify({ [OTHER_LIFE]: 3, [LIFE]: 5 });
  world.fold(created('incarnation', LIFE, { ...born, clusterEpochId: '', baseVectorJson: base }));
  const at = (seq: number) =>
    trespass([head(OTHER_LIFE)], { incarnationId: LIFE, seq, life: world.state.get('incarnation', LIFE) });
  assert.equal(at(5), null);
  assert.match(at(6) ?? '', /audit of another life/);
});

test('where the audit of an earlier life was cut each life may tell, since whose it was may come later', () => {
  assert.equal(wrong(set('audit_cut', `${OTHER_LIFE}:short`, { seq: 1, hash: 'AA' })), null);
});

test('what a KMA has served it tells itself, each hour in its place', () => {
  const life = admitted().state.get('incarnation', LIFE);
  const told = (fact: Fact) => trespass([fact], { incarnationId: LIFE, seq: 5, life });
  const counts = {
    agents: 1,
    createKey: 1,
    retrieveKey: 0,
    registerKwk: 0,
    other: 0,
    refused: 0,
    totalMs: 1,
  };
  const hour = { hour: HOURS_KEPT + 7, ...counts, busy: 0, management: 0, replication: 0 };
  assert.equal(told(hourFact(OWNER, hour, 1)), null);
  assert.match(wrong(hourFact(OWNER, hour, 1)) ?? '', /of another KMA/);
  assert.match(told(hourFact('OTHER' as KmaId, hour, 1)) ?? '', /of another KMA/);
  const row = (id: string, cells: Parameters<typeof set<'kma_hour'>>[2]) => told(set('kma_hour', id, cells));
  assert.equal(row(`${OWNER}:7`, { hour: 7 }), null);
  for (const [id, hour] of [
    [`${OWNER}:8`, 7],
    [`${OWNER}:${HOURS_KEPT}`, HOURS_KEPT],
    [`${OWNER}:-7`, -7],
    [`${OWNER}:0.5`, 0.5],
    [`${OWNER}:null`, null],
  ] as const)
    assert.match(row(id, { hour }) ?? '', /in another place/, id);
  assert.match(row(`${OWNER}:7`, { createKey: 1 }) ?? '', /in another place/);
  assert.match(told(removed('kma_hour', `${OWNER}:7`)) ?? '', /in another place/);
});

test('a log begins with its life as it was admitted, and no life begins elsewhere', () => {
  assert.equal(first([madeLife(LIFE)]), null);
  assert.match(first([]) ?? '', /begins with the life/);
  assert.match(first([set('incarnation', LIFE, { replicationVersion: 1 })]) ?? '', /begins with the life/);
  assert.match(first([madeLife(LIFE, 'OTHER' as KmaId)]) ?? '', /as it was admitted/);
  assert.match(first([madeLife(LIFE)], new FoldingWorld()) ?? '', /as it was admitted/);
  assert.match(wrong(madeLife(LIFE)) ?? '', /another place/);
  assert.match(first([madeLife(OTHER_LIFE)]) ?? '', /another place/);
});
