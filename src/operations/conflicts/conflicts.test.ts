/** Conflicts as people see them: what counts, why, and a command that there is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, removed, set } from '../../core/facts.ts';
import type {
  AgentId,
  DataUnitId,
  KeyGroupId,
  KeyId,
  KeySplitId,
  KmaId,
  ObjectId,
  UserId,
} from '../../core/ids.ts';
import { revokeAgentCertificate } from '../agent-certificates.ts';
import { showStatus } from '../status.ts';
import { World } from '../world.fixture.ts';
import {
  AGENT,
  assertCommandIsOne,
  GROUP,
  LOST_AT,
  shownOf,
  type TakingCase,
  worldWith,
} from './conflicts.fixture.ts';
import { listConflicts } from './list-conflicts.ts';
import { noteConflicts } from './note-conflicts.ts';
import { settleConflict } from './settle-conflict.ts';

const EAST = [set('agent', AGENT, { description: 'east' })];

test('a conflict is shown with both values, whose they are and when, until it is settled', async () => {
  const { world, found } = worldWith(EAST, {});
  await world.did(noteConflicts, { found: [found] });
  const { takeOther, takeOperation, takeInput, keptAt, ...shown } =
    (await world.did(listConflicts, {})).output.rows[0] ?? {};
  assert.deepEqual(shown, {
    conflict: 'X',
    what: 'agent drive one',
    field: 'description',
    kind: 'changed twice',
    kept: 'east',
    keptBy: 'kma-1',
    other: 'west',
    otherBy: 'kma-1',
    otherAt: new Date(LOST_AT).toISOString(),
    why: 'the later one counts',
    sure: true,
    standing: 'open',
  });
  assert.ok(keptAt);
  assert.equal(takeOther, "okm agent modify 'drive one' --description west");
  assert.deepEqual(
    [takeOperation, JSON.parse(takeInput ?? '')],
    ['ModifyAgent', { agent: 'drive one', description: 'west' }],
  );
  assert.equal((await world.did(showStatus, {})).output.conflicts, 1);
  await world.did(settleConflict, { conflict: 'X' });
  assert.deepEqual((await world.did(listConflicts, {})).output.rows, []);
  assert.equal(await world.refusal(settleConflict, { conflict: 'X' }), 'CONFLICT_DOES_NOT_EXIST');
  await world.did(noteConflicts, { found: [found] });
  assert.deepEqual((await world.did(listConflicts, {})).output.rows, [], 'told again, it stays settled');
});

const USER = 'F'.repeat(32) as UserId;
const KEY = '0'.repeat(60);
const UNIT = '1'.repeat(32);
const SPLIT = '6'.repeat(32) as KeySplitId;
const CASES: readonly TakingCase[] = [
  [
    'a text that looks like a flag',
    [],
    { lostValueJson: '"yes"' },
    "okm agent modify 'drive one' --description yes",
    'yes',
  ],
  [
    'a flag',
    [],
    { inColumn: 'enabled', lostValueJson: '0' },
    "okm agent modify 'drive one' --no-enabled",
    'no',
  ],
  [
    'a site',
    [],
    { inColumn: 'siteId', lostValueJson: '"S"' },
    "okm agent modify 'drive one' --site rome",
    'rome',
  ],
  [
    'no site',
    [],
    { inColumn: 'siteId', lostValueJson: 'null' },
    "okm agent modify 'drive one' --site ''",
    '',
  ],
  [
    'a default group',
    [],
    { inColumn: 'defaultKeyGroupId', lostValueJson: `"${GROUP}"` },
    "okm group set-default 'drive one' tapes",
    'tapes',
  ],
  [
    'a passphrase',
    [],
    { inColumn: 'verifierObjectId', lostValueJson: 'null' },
    "okm agent set-passphrase 'drive one'",
    '',
  ],
  [
    'a group of an agent',
    [
      created('agent_group', `${AGENT}:${GROUP}`, {
        agentId: AGENT as AgentId,
        keyGroupId: GROUP as KeyGroupId,
      }),
    ],
    { inTable: 'agent_group', rowId: `${AGENT}:${GROUP}`, inColumn: 'present', lostValueJson: '1' },
    "okm group assign 'drive one' tapes",
    'yes',
  ],
  [
    'a role of a user',
    [
      created('user', USER, { name: 'olga', createdAt: 1 }),
      created('user_role', `${USER}:OPERATOR`, { userId: USER, role: 'OPERATOR' }),
      set('user_role', `${USER}:OPERATOR`, { present: 1 }),
    ],
    { inTable: 'user_role', rowId: `${USER}:AUDITOR`, inColumn: 'present', lostValueJson: '1' },
    'okm user modify olga --roles OPERATOR,AUDITOR',
    'yes',
  ],
  [
    'whether a key is in use',
    [created('data_unit_key', `${UNIT}:${KEY}`, { dataUnitId: UNIT as DataUnitId, keyId: KEY as KeyId })],
    { inTable: 'data_unit_key', rowId: `${UNIT}:${KEY}`, inColumn: 'inUse', lostValueJson: '0' },
    `okm data-unit set-key-in-use ${UNIT} ${KEY} --no-in-use`,
    'no',
  ],
  [
    'an address of a KMA',
    [],
    { inTable: 'kma', rowId: 'C'.repeat(32), inColumn: 'serviceAddressIPv6', lostValueJson: '"2001:db8::1"' },
    'okm member modify kma-1 --service-ipv6-address 2001:db8::1',
    '2001:db8::1',
  ],
  [
    'a number',
    [],
    { inTable: 'setting', rowId: 'loginAttemptLimit', inColumn: 'valueJson', lostValueJson: '"3"' },
    'okm security modify --login-attempt-limit 3',
    '3',
  ],
  [
    'FIPS mode',
    [],
    { inTable: 'setting', rowId: 'fipsModeOnly', inColumn: 'valueJson', lostValueJson: '"false"' },
    'okm security modify --no-fips-mode-only',
    'false',
  ],
  [
    'the size of the pool',
    [],
    { inTable: 'setting', rowId: 'keyPoolSize', inColumn: 'valueJson', lostValueJson: '"5000"' },
    'okm pool resize 5000',
    '5000',
  ],
  [
    'the time up to which records from ahead count',
    [],
    {
      inTable: 'setting',
      rowId: 'acceptedLogClockMs',
      inColumn: 'valueJson',
      lostValueJson: JSON.stringify(String(LOST_AT)),
    },
    'okm clock accept-log kma-1 --until 2026-01-01T00:00:00.000Z',
    String(LOST_AT),
  ],
  [
    'the key split',
    [
      created('key_split', SPLIT, {
        rootEpochId: '2'.repeat(32) as never,
        threshold: 2,
        size: 2,
        namesJson: '["dan","eva"]',
        objectId: '' as ObjectId,
        objectSha256: '',
        createdAt: 1,
      }),
    ],
    {
      inTable: 'setting',
      rowId: 'currentKeySplitId',
      inColumn: 'valueJson',
      lostValueJson: JSON.stringify(`"${SPLIT}"`),
    },
    'okm key-split modify',
    '2 of 2: dan,eva',
  ],
  [
    'the root',
    [],
    { inTable: 'certificate_authority', rowId: 'root', inColumn: 'certificatePem', lostValueJson: 'null' },
    'okm root-ca renew',
    '',
  ],
  [
    'what was deleted',
    [removed('agent', AGENT)],
    { kind: 'removed', inColumn: '', lostValueJson: '{"description":"x"}' },
    "okm agent create 'drive one' --description x",
    'description=x',
  ],
];

for (const [name, facts, about, command, other] of CASES)
  test(`the other value is taken by a command that there is: ${name}`, async () => {
    const shown = await shownOf(facts, about);
    assert.deepEqual([shown.takeOther, shown.other], [command, other]);
    assertCommandIsOne(shown);
  });

test('settings that no command changes, and times that are none, name no command', async () => {
  const of = async (rowId: string, value: unknown) => {
    const lostValueJson = JSON.stringify(JSON.stringify(value));
    return (await shownOf([], { inTable: 'setting', rowId, inColumn: 'valueJson', lostValueJson })).takeOther;
  };
  assert.equal(await of('acceptedLogClockMs', Number.MAX_SAFE_INTEGER), '');
  assert.equal(await of('acceptedLogClockMs', 'soon'), '');
  assert.equal(await of('currentMasterEpochId', 'A'.repeat(32)), '');
  assert.equal(await of('fromTheFuture', 5), '');
});

test('a passphrase spent twice is an alarm', async () => {
  const { world, found } = worldWith([], { kind: 'spent', inColumn: 'enrolled' });
  const { decision } = await world.did(noteConflicts, { found: [found] });
  assert.deepEqual(
    [decision?.audit?.severity, decision?.audit?.condition],
    ['error', 'Passphrase spent twice'],
  );
});

test('of a passphrase spent twice both certificates are named, and the command revokes the one that came later', async () => {
  const { world, found } = worldWith([], { kind: 'spent', inColumn: 'enrolled' });
  const spent = (fingerprint: string) => {
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
  const [other, kept] = ['1'.repeat(64), '2'.repeat(64)];
  const stamps = { lostStamp: spent(other), keptStamp: spent(kept) };
  await world.did(noteConflicts, {
    found: [{ ...found, ...stamps, keptValueJson: '1', lostValueJson: '1' }],
  });
  const [first] = await world.rows(listConflicts);
  assert.deepEqual(
    [first?.kept, first?.other, first?.takeOther],
    [kept, other, `okm agent revoke-certificate ${kept}`],
  );
  await world.did(revokeAgentCertificate, { fingerprint: kept });
  assert.deepEqual(await world.rows(listConflicts), [], 'one counts, as it should be');
});

test('where the certificates of a passphrase spent twice are not here, a new passphrase is what the command sets', async () => {
  const shown = await shownOf([], { kind: 'spent', inColumn: 'enrolled', lostValueJson: '1' });
  assert.equal(shown.takeOther, "okm agent set-passphrase 'drive one'");
  assertCommandIsOne(shown);
});

test('two of one name: the earlier keeps it, the other one can be named, and taking its side deletes the first', async () => {
  const world = new World();
  const other = `${'B'.repeat(28)}BEEF`;
  world.commit([created('agent', AGENT, { name: 'drive', createdAt: 1 })]);
  world.commit([created('agent', other as AgentId, { name: 'drive', createdAt: 1 })]);
  const [shown] = (await world.did(listConflicts, {})).output.rows;
  assert.deepEqual(
    [shown?.kind, shown?.kept, shown?.other, shown?.takeOther],
    ['two of one name', 'drive', 'drive~BEEF', 'okm agent delete drive'],
  );
  assert.equal(
    await world.refusal(settleConflict, { conflict: shown?.conflict ?? '' }),
    'CONFLICT_DOES_NOT_EXIST',
  );
});

test('whatever another member wrote in such a row is shown, and stops no list', async () => {
  const rubbish = {
    kind: 'odd' as never,
    inTable: 'nothing',
    rowId: 'no:such',
    inColumn: 'column',
    keptStamp: 'no stamp',
    keptValueJson: '{"a":[1]}',
    lostStamp: '',
    lostValueJson: '"x"',
    lostOperation: '',
    sure: 7,
    foundAt: 1,
    foundByKmaId: 'C'.repeat(32) as KmaId,
  };
  const world = new World();
  world.commit([
    created('conflict', 'X', rubbish),
    created('conflict', 'Y', {
      ...rubbish,
      inTable: 'setting',
      rowId: 'currentKeySplitId',
      keptValueJson: '7',
    }),
    created('conflict', 'Z', { ...rubbish, inTable: 'user_role', rowId: '', keptValueJson: 'null' }),
  ]);
  assert.equal((await world.did(listConflicts, {})).output.rows.length, 3);
});
