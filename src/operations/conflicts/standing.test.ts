/** A conflict ends by itself once the other value counts or what its command makes is there; changed to something else, it waits to be settled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoundConflict } from '../../core/conflicts.ts';
import { created, event, type Fact, removed, set } from '../../core/facts.ts';
import type { AgentId, KeyGroupId, KeySplitId, KmaId, ObjectId, SiteId, UserId } from '../../core/ids.ts';
import { settingFact } from '../../core/settings.ts';
import { showStatus } from '../status.ts';
import { AGENT, GROUP, LOST_AT, worldWith } from './conflicts.fixture.ts';
import { listConflicts } from './list-conflicts.ts';
import { noteConflicts } from './note-conflicts.ts';
import { OPEN_CONFLICTS_MAX } from './standing.ts';

const USER = 'F'.repeat(32) as UserId;
const OTHER_KMA = '8'.repeat(32) as KmaId;
const PAIR = `${AGENT}:${GROUP}`;

type About = Partial<FoundConflict>;
type Case = readonly [name: string, before: readonly Fact[], about: About, taken: readonly Fact[]];

const setting = (rowId: string, value: unknown): About => ({
  ...{ inTable: 'setting', rowId, inColumn: 'valueJson' },
  lostValueJson: JSON.stringify(JSON.stringify(value)),
});
const removedAgent: About = { kind: 'removed', inColumn: '', lostValueJson: '{"description":"x"}' };

const TAKEN: readonly Case[] = [
  ['a text', [], {}, [set('agent', AGENT, { description: 'west' })]],
  [
    'nothing, which the command writes as an empty text',
    [set('agent', AGENT, { description: 'east' })],
    { lostValueJson: 'null' },
    [set('agent', AGENT, { description: '' })],
  ],
  ['a flag', [], { inColumn: 'enabled', lostValueJson: '0' }, [set('agent', AGENT, { enabled: 0 })]],
  [
    'a site',
    [],
    { inColumn: 'siteId', lostValueJson: '"S"' },
    [set('agent', AGENT, { siteId: 'S' as SiteId })],
  ],
  [
    'a default group',
    [],
    { inColumn: 'defaultKeyGroupId', lostValueJson: `"${GROUP}"` },
    [set('agent', AGENT, { defaultKeyGroupId: GROUP as KeyGroupId })],
  ],
  [
    'a passphrase, which is a new one',
    [],
    { inColumn: 'verifierObjectId', lostValueJson: 'null' },
    [set('agent', AGENT, { verifierObjectId: '9'.repeat(32) as ObjectId })],
  ],
  [
    'a group of an agent',
    [created('agent_group', PAIR, { agentId: AGENT as AgentId, keyGroupId: GROUP as KeyGroupId })],
    { inTable: 'agent_group', rowId: PAIR, inColumn: 'present', lostValueJson: '0' },
    [set('agent_group', PAIR, { present: 0 })],
  ],
  [
    'a role',
    [created('user_role', `${USER}:AUDITOR`, { userId: USER, role: 'AUDITOR' })],
    { inTable: 'user_role', rowId: `${USER}:AUDITOR`, inColumn: 'present', lostValueJson: '1' },
    [set('user_role', `${USER}:AUDITOR`, { present: 1 })],
  ],
  ['a setting', [], setting('loginAttemptLimit', 3), [settingFact('loginAttemptLimit', 3)]],
  [
    'a later time up to which records from ahead count',
    [],
    setting('acceptedLogClockMs', LOST_AT),
    [settingFact('acceptedLogClockMs', LOST_AT + 1)],
  ],
  [
    'the key split, which is a new one',
    [],
    setting('currentKeySplitId', '6'.repeat(32)),
    [settingFact('currentKeySplitId', '7'.repeat(32) as KeySplitId)],
  ],
  [
    'the root, which is a new one',
    [],
    { inTable: 'certificate_authority', rowId: 'root', inColumn: 'certificatePem', lostValueJson: 'null' },
    [set('certificate_authority', 'root', { certificatePem: 'PEM' })],
  ],
  [
    'what was deleted, made again',
    [removed('agent', AGENT)],
    removedAgent,
    [created('agent', 'B'.repeat(32), { name: 'drive one', createdAt: 2 })],
  ],
  [
    'the certificate of a KMA that enrolled twice, which gets a new passphrase',
    [created('kma', OTHER_KMA, { name: 'kma-9', createdAt: 1, number: 9 })],
    { kind: 'spent', inTable: 'kma', rowId: OTHER_KMA, inColumn: 'enrolled', lostValueJson: '1' },
    [set('kma', OTHER_KMA, { verifierObjectId: '9'.repeat(32) as ObjectId, enrolled: 0 })],
  ],
];

async function noted(before: readonly Fact[], about: About) {
  const { world, found } = worldWith(before, about);
  await world.did(noteConflicts, { found: [found] });
  const listed = () => world.rows(listConflicts);
  const counted = async () => (await world.did(showStatus, {})).output.conflicts;
  return { world, listed, counted };
}

for (const [name, before, about, taken] of TAKEN)
  test(`taken, it is a conflict no more, nowhere: ${name}`, async () => {
    const { world, listed, counted } = await noted(before, about);
    assert.deepEqual([(await listed()).length, await counted()], [1, 1]);
    world.commit(taken);
    assert.deepEqual([await listed(), await counted()], [[], 0]);
  });

const CHANGED: readonly (readonly [...Case, why: string])[] = [
  [
    'to a third value',
    [],
    {},
    [set('agent', AGENT, { description: 'south' })],
    'changed since, to south: settle it where that is meant',
  ],
  [
    'back to nothing',
    [],
    {},
    [set('agent', AGENT, { description: '' })],
    'changed since: settle it where that is meant',
  ],
  ['by deleting it', [], {}, [removed('agent', AGENT)], 'deleted since: settle it'],
  [
    'a setting, to a third value',
    [],
    setting('loginAttemptLimit', 3),
    [settingFact('loginAttemptLimit', 4)],
    'changed since, to 4: settle it where that is meant',
  ],
];

for (const [name, before, about, changed, why] of CHANGED)
  test(`changed since ${name}, it waits to be settled, and says so`, async () => {
    const { world, listed, counted } = await noted(before, about);
    world.commit(changed);
    const [shown] = await listed();
    assert.deepEqual([shown?.standing, shown?.why, await counted()], ['changed since', why, 1]);
  });

test('one that was made under the name before the conflict was known answers nothing', async () => {
  const again = created('agent', 'B'.repeat(32) as AgentId, { name: 'drive one', createdAt: 2 });
  const { listed } = await noted([removed('agent', AGENT), again], removedAgent);
  assert.equal((await listed())[0]?.standing, 'open');
});

test('both certificates of a passphrase spent twice count: another enrolment ends nothing, a revocation does', async () => {
  const { world, found } = worldWith([], { kind: 'spent', inColumn: 'enrolled', lostValueJson: '1' });
  const enrol = (fingerprint: string) => {
    const cells = {
      agentId: AGENT as AgentId,
      serial: '01',
      createdAt: 1,
      notAfter: 1,
      proof: 'modern',
    } as const;
    world.commit([created('agent_certificate', fingerprint, cells), set('agent', AGENT, { enrolled: 1 })]);
    return world.state.get('agent_certificate', fingerprint)?.createdStamp ?? '';
  };
  const stamps = { lostStamp: enrol('1'.repeat(64)), keptStamp: enrol('2'.repeat(64)) };
  await world.did(noteConflicts, { found: [{ ...found, ...stamps }] });
  enrol('3'.repeat(64));
  assert.equal((await world.rows(listConflicts)).length, 1);
  world.commit([event('agent_certificate', '1'.repeat(64), 'revoked', { revokedAt: 2 })]);
  assert.deepEqual(await world.rows(listConflicts), []);
});

test('of more than can be recorded those that were taken make room for new ones, and no others', async () => {
  const { world, found } = worldWith([], {});
  const { id: _, ...about } = found;
  const more = Array.from({ length: OPEN_CONFLICTS_MAX }, (_, n) =>
    created('conflict', `full-${n}`, { ...about, foundAt: n + 1, foundByKmaId: world.self.kmaId }),
  );
  world.commit([...more, set('agent', AGENT, { description: 'east' })]);
  const another = { ...found, id: 'another', inColumn: 'enabled', lostValueJson: '0' };
  const full = await world.did(noteConflicts, { found: [another] });
  assert.match(full.decision?.audit?.message ?? '', /1 of them are not listed, since too many are open$/);
  world.commit([set('agent', AGENT, { description: 'west' })]);
  await world.did(noteConflicts, { found: [another] });
  assert.deepEqual(
    (await world.rows(listConflicts)).map(({ conflict }) => conflict),
    ['another'],
  );
  assert.equal(world.state.count('conflict', 'open', { equals: [] }), OPEN_CONFLICTS_MAX);
});
