/** Living entities by ID and by name, and what agents may use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsOfAgent, mayUseGroup } from './agent-access.ts';
import { headText, RETENTION_TERMS } from './audit.ts';
import { created, removed, set } from './facts.ts';
import { FoldingWorld, groupWithPolicy, LIFE, OTHER_LIFE } from './folding.fixture.ts';
import type { AgentId, KeyGroupId } from './ids.ts';
import { byName, live } from './live.ts';
import { hlc } from './stamp.ts';

test('an entity lives from its making to its removal', () => {
  const world = new FoldingWorld();
  world.fold(set('site', 'S', { description: 'known before its making' }));
  assert.equal(live(world.state, 'site', 'S'), undefined);
  world.fold(created('site', 'S', { name: 'a', createdAt: 1 }));
  assert.equal(live(world.state, 'site', 'S')?.name, 'a');
  world.fold(removed('site', 'S'));
  assert.equal(live(world.state, 'site', 'S'), undefined);
  assert.equal(live(world.state, 'site', null), undefined);
});

test('of living namesakes the one made first keeps the name', () => {
  const world = new FoldingWorld();
  world.foldAt(hlc(20, 0), LIFE, created('site', 'A', { name: 'a', createdAt: 1 }));
  world.foldAt(hlc(10, 0), OTHER_LIFE, created('site', 'Z', { name: 'a', createdAt: 9 }));
  assert.equal(byName(world.state, 'site', 'a')?.id, 'Z');
  world.fold(removed('site', 'Z'));
  assert.equal(byName(world.state, 'site', 'a')?.id, 'A');
  assert.equal(byName(world.state, 'site', 'b'), undefined);
});

test('of many namesakes, made in any order, the first keeps the name', () => {
  const world = new FoldingWorld();
  for (const [id, ms] of [
    ['B', 30],
    ['C', 10],
    ['A', 20],
    ['D', 40],
  ] as const)
    world.foldAt(hlc(ms, 0), LIFE, created('site', id, { name: 'a', createdAt: 1 }));
  assert.equal(byName(world.state, 'site', 'a')?.id, 'C');
});

function assigned(group: string, present: number) {
  const id = `A:${group}`;
  return [
    created('agent_group', id, { agentId: 'A' as AgentId, keyGroupId: group as KeyGroupId }),
    set('agent_group', id, { present }),
  ];
}

test('an agent may use the living groups that are assigned to it', () => {
  const world = new FoldingWorld();
  for (const group of ['G', 'H', 'I']) world.fold(...groupWithPolicy(group));
  world.fold(...assigned('G', 1), ...assigned('H', 0), ...assigned('I', 1), ...assigned('nowhere', 1));
  world.fold(removed('key_group', 'I'), set('agent_group', 'A:X', { present: 1 }));
  const may = ['G', 'H', 'I', 'nowhere', 'other', null].map((id) => mayUseGroup(world.state, 'A', id));
  assert.deepEqual(may, [true, false, false, false, false, false]);
  assert.deepEqual(
    groupsOfAgent(world.state, 'A').map(({ id }) => id),
    ['G'],
  );
  assert.deepEqual(groupsOfAgent(world.state, 'B'), []);
});

test('the text of a signed head differs with everything it covers', () => {
  const head = { incarnationId: 'I', term: 'long', seq: 12, hash: 'AA' } as const;
  const texts = [head, { ...head, incarnationId: 'J' }, { ...head, seq: 1 }, { ...head, hash: 'AB' }].map(
    headText,
  );
  for (const term of RETENTION_TERMS) texts.push(headText({ ...head, term, seq: 2 }));
  assert.equal(new Set(texts).size, texts.length);
});
