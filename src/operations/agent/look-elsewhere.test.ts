/** Asking other members: only where what is named is unknown here, before the answer is decided, and never with one member. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { event } from '../../core/facts.ts';
import { type IncarnationId, idFrom, type KeyGroupId, type KeyId, type ObjectId } from '../../core/ids.ts';
import type { Operation } from '../operation.ts';
import type { CaughtUp } from '../other-members.ts';
import { AgentWorld, NO_UNIT, unitOf } from './agent-world.fixture.ts';
import { createKey, createKey2 } from './create-key.ts';
import {
  disassociateDataUnitKeys,
  retrieveDataUnit,
  retrieveDataUnitByExternalUniqueId,
} from './data-units.ts';
import { retrieveDataUnitKeys } from './retrieve-data-unit-keys.ts';
import { retrieveKey, retrieveKey2 } from './retrieve-key.ts';
import { retrieveProtectAndProcessKey } from './retrieve-protect-and-process-key.ts';
import { revokeKey } from './revoke-key.ts';

const ELSEWHERE = 'EE'.repeat(8) as IncarnationId;
const UNIT = 'AB'.repeat(16);

/** Another member: what it has written comes when it is asked, and its sealed objects when those are fetched. */
function worldOfTwo(come: (world: AgentWorld, group: KeyGroupId) => void = () => undefined) {
  const world = new AgentWorld();
  const group = world.group('tapes');
  const agent = world.agent('drive-1', [group]);
  world.fill(3);
  const asked: string[] = [];
  const state: { caughtUp: CaughtUp; areAhead: boolean } = { caughtUp: 'done', areAhead: false };
  const away = new Map<string, () => void>();
  world.others = {
    get areAhead() {
      return state.areAhead;
    },
    async catchUp() {
      asked.push('catch up');
      come(world, group);
      return state.caughtUp;
    },
    async fetch(ids) {
      for (const id of ids()) {
        const arrive = away.get(id);
        if (arrive === undefined) continue;
        asked.push('fetch');
        arrive();
      }
    },
  };
  /** The object is not here until it is fetched. */
  const takeAway = (id: ObjectId | null | undefined) => {
    const object = world.objects.get(id ?? '');
    assert.ok(object !== undefined);
    world.objects.delete(object.id);
    away.set(object.id, () => world.objects.set(object.id, object));
  };
  return { world, group, agent, asked, state, takeAway };
}

test('a key and its unit that another member has issued are found after one question', async () => {
  const issued: { key?: KeyId } = {};
  const { world, agent, asked } = worldOfTwo((there, group) => {
    issued.key = there.issuedKey(there.dataUnit({ externalUniqueId: 'TAPE' }), group);
  });
  const seen = await world.given(
    retrieveDataUnitByExternalUniqueId,
    { externalUniqueId: Buffer.from('TAPE').toString('hex').toUpperCase(), externalTag: '', description: '' },
    agent,
  );
  assert.deepEqual(asked, ['catch up']);
  assert.ok(seen.dataUnit.dataUnitId !== '');
  const { key } = await world.given(
    retrieveKey,
    { keyId: issued.key ?? '', dataUnit: NO_UNIT, keyGroupId: '' },
    agent,
  );
  assert.deepEqual([key.keyId, asked.length], [issued.key, 1]);
});

test('a key whose hand-out is not known here yet is asked for, and not where it is one of this pool', async () => {
  const { world, agent, group, asked } = worldOfTwo((there, keyGroup) =>
    there.commit([
      event('key', foreign, 'activated', {
        activatedAt: there.nowMs,
        processOnly: 0,
        activatedByAgentId: null,
        activatedKeyGroupId: keyGroup,
      }),
    ]),
  );
  assert.ok(group !== '');
  const foreign = world.poolKey(ELSEWHERE);
  const ask = (keyId: string) => ({ keyId, dataUnit: NO_UNIT, keyGroupId: '' });
  assert.equal(await world.refused(retrieveKey, ask(world.poolKey()), agent), 'AGENT_KEY_DOES_NOT_EXIST');
  assert.deepEqual(asked, []);
  assert.equal((await world.given(retrieveKey, ask(foreign), agent)).key.keyId, foreign);
  assert.deepEqual(asked, ['catch up']);
});

test('a sealed object that is not here yet is fetched before the key is given', async () => {
  const { world, agent, group, asked, takeAway } = worldOfTwo();
  const unit = world.dataUnit();
  const key = world.issuedKey(unit, group);
  const objectId = world.state.get('key', key)?.objectId;
  const calls: [Operation, object][] = [
    [retrieveKey, { keyId: key, dataUnit: NO_UNIT, keyGroupId: '' }],
    [retrieveDataUnitKeys, { dataUnit: unitOf(unit), pageSize: 9, pageOffset: 0 }],
    [retrieveDataUnitKeys, { dataUnit: unitOf(world.dataUnit()), pageSize: 9, pageOffset: 0, keyId: key }],
    [retrieveProtectAndProcessKey, { dataUnit: unitOf(unit), keyGroupId: '' }],
  ];
  for (const [operation, input] of calls) {
    asked.length = 0;
    takeAway(objectId);
    await world.given(operation, input, agent);
    assert.deepEqual(asked, ['fetch'], operation.name);
  }
});

const unknownKey = `0000${'5E'.repeat(28)}`;
const NAMING: readonly [Operation, object][] = [
  [createKey, { dataUnit: unitOf(UNIT), keyGroupId: '' }],
  [retrieveKey, { keyId: unknownKey, dataUnit: NO_UNIT, keyGroupId: '' }],
  [retrieveDataUnit, { dataUnitId: UNIT, externalUniqueId: '', externalTag: '', description: '' }],
  [retrieveDataUnitKeys, { dataUnit: unitOf(UNIT), pageSize: 9, pageOffset: 0 }],
  [retrieveProtectAndProcessKey, { dataUnit: unitOf(UNIT), keyGroupId: '' }],
  [disassociateDataUnitKeys, { dataUnit: unitOf(UNIT) }],
  [revokeKey, { keyId: unknownKey }],
];

for (const [operation, input] of NAMING)
  test(`${operation.name} of what is unknown here asks once, and with one member nobody`, async () => {
    const { world, agent, asked } = worldOfTwo();
    const outcome = await world.refused(operation, input, agent);
    assert.deepEqual(asked, ['catch up']);
    const alone = worldOfTwo();
    alone.world.others = undefined;
    assert.equal(await alone.world.refused(operation, input, alone.agent), outcome);
    assert.deepEqual(alone.asked, []);
  });

for (const [operation, input] of NAMING)
  test(`${operation.name} of what is unknown to a KMA that cannot know yet finds it busy`, async () => {
    const { world, agent, state } = worldOfTwo();
    for (const caughtUp of ['just-started', 'late'] as const) {
      state.caughtUp = caughtUp;
      assert.equal(await world.refused(operation, input, agent), 'SERVER_BUSY', caughtUp);
    }
  });

test('a tape that no KMA knows is taken although another member is late, and not by a KMA that has just started', async () => {
  const { world, agent, state } = worldOfTwo();
  const input = { externalUniqueId: 'AB01', externalTag: '', description: '' };
  state.caughtUp = 'just-started';
  assert.equal(await world.refused(retrieveDataUnitByExternalUniqueId, input, agent), 'SERVER_BUSY');
  state.caughtUp = 'late';
  await world.given(retrieveDataUnitByExternalUniqueId, input, agent);
});

for (const caughtUp of ['just-started', 'late'] as const)
  test(`what is known to a KMA that is ${caughtUp} is given, also what came with the question`, async () => {
    const { world, agent, group, state } = worldOfTwo((there) => {
      issued.key = there.issuedKey(there.dataUnit(), group);
    });
    const issued: { key: string } = { key: '' };
    state.caughtUp = caughtUp;
    const unit = world.dataUnit();
    await world.given(createKey, { dataUnit: unitOf(unit), keyGroupId: '' }, agent);
    await world.refused(retrieveKey, { keyId: unknownKey, dataUnit: NO_UNIT, keyGroupId: '' }, agent);
    await world.given(retrieveKey, { keyId: issued.key, dataUnit: NO_UNIT, keyGroupId: '' }, agent);
  });

test('what is known here, and what is no ID, is not asked for', async () => {
  const { world, agent, group, asked } = worldOfTwo();
  const unit = world.dataUnit();
  const key = world.issuedKey(unit, group);
  await world.given(createKey, { dataUnit: unitOf(unit), keyGroupId: '' }, agent);
  await world.given(createKey, { dataUnit: NO_UNIT, keyGroupId: '' }, agent);
  await world.given(retrieveKey, { keyId: key, dataUnit: unitOf(unit), keyGroupId: '' }, agent);
  await world.refused(revokeKey, { keyId: key }, agent);
  await world.refused(retrieveKey, { keyId: 'zz', dataUnit: unitOf('AB'), keyGroupId: '' }, agent);
  assert.deepEqual(asked, []);
});

test('a destroyed key and a removed unit are known: nobody is asked to bring them back', async () => {
  const { world, agent, group, asked } = worldOfTwo();
  const unit = world.dataUnit();
  const key = world.issuedKey(unit, group);
  world.commit([
    event('key', key, 'destroyed', { destroyedAt: 1, destroyedComment: '' }),
    event('data_unit', unit, 'removed', {}),
  ]);
  const ask = { keyId: key, dataUnit: NO_UNIT, keyGroupId: '' };
  assert.equal(await world.refused(retrieveKey, ask, agent), 'AGENT_KEY_DESTROYED');
  assert.equal(
    await world.refused(createKey, { dataUnit: unitOf(unit), keyGroupId: '' }, agent),
    'DATA_UNIT_NOT_FOUND',
  );
  assert.deepEqual(asked, []);
});

test('the second form asks too, and not before its key wrapping key is known', async () => {
  const { world, agent, asked } = worldOfTwo();
  const input = { keyId: unknownKey, dataUnit: NO_UNIT, keyGroupId: '' };
  const agentKwkId = idFrom(randomBytes(8));
  assert.equal(
    await world.refused(retrieveKey2, { ...input, agentKwkId }, agent),
    'AGENT_KWK_NOT_REGISTERED',
  );
  assert.deepEqual(asked, []);
  const registered = world.registerKwk(agent, randomBytes(32));
  assert.equal(
    await world.refused(retrieveKey2, { ...input, agentKwkId: registered }, agent),
    'AGENT_KEY_DOES_NOT_EXIST',
  );
  await world.given(createKey2, { dataUnit: unitOf(UNIT), keyGroupId: '', agentKwkId: registered }, agent);
  assert.deepEqual(asked, ['catch up', 'catch up']);
});

test('a KMA whose store was put back gives no key before it has heard from the others, and afterwards by what they say', async () => {
  const { world, agent, group, asked, state } = worldOfTwo();
  const unit = world.dataUnit();
  const key = world.issuedKey(unit, group);
  const calls: [Operation, object][] = [
    [retrieveKey, { keyId: key, dataUnit: NO_UNIT, keyGroupId: '' }],
    [retrieveDataUnitKeys, { dataUnit: unitOf(unit), pageSize: 9, pageOffset: 0 }],
    [retrieveProtectAndProcessKey, { dataUnit: unitOf(unit), keyGroupId: '' }],
  ];
  state.areAhead = true;
  state.caughtUp = 'just-started';
  for (const [operation, input] of calls) {
    asked.length = 0;
    assert.equal(await world.refused(operation, input, agent), 'SERVER_BUSY', operation.name);
    assert.deepEqual(asked, ['catch up'], operation.name);
  }
  state.caughtUp = 'done';
  for (const [operation, input] of calls) await world.given(operation, input, agent);
});
