/** Weaknesses that other products had, each tried here by class; docs/known-weaknesses.md lists them. It repeats nothing that another test proves. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type DataUnitState, encodeRequest } from '@openkma/protocol';
import { z } from 'zod';
import { operations } from '../src/operations/catalogue.ts';
import { makeAuthority } from '../src/services/services.fixture.ts';
import { openStore } from '../src/store/store.ts';
import { attack, post } from './support/attack.ts';
import { withCore } from './support/core-alone.ts';
import {
  AGENT_PASSPHRASE,
  AUDITOR,
  BACKUP,
  COMPLIANCE,
  HOLDERS,
  OFFICER,
  OPERATOR,
  QUORUM,
  TestKma,
} from './support/kma.ts';
import { callRaw, enrolRaw, faultOf, RawAgent, unitOf } from './support/raw-agent.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const agent = await RawAgent.create(kma, 'drive');
const stranger = await RawAgent.create(kma, 'other');
await kma.ask('UnassignKeyGroup', { agent: 'other', group: 'group-a' }, COMPLIANCE);
await kma.ask('AssignKeyGroup', { agent: 'other', group: 'group-b', default: true }, COMPLIANCE);
const unit = await agent.createUnit();
const key = await agent.createKey(unit);
const refusedWith = (answer: object) =>
  'refused' in answer ? String(answer.refused) : 'nothing: it was done';

const forPeople = operations.filter(({ callers }) => Array.isArray(callers));
const schemaOf = (input: z.ZodType) => z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });

test('audit target that runs code or calls out (CVE-2025-6000, CVE-2025-54997): no operation takes a file, a URL or a command', () => {
  const wrong = forPeople.flatMap(({ name, input }) =>
    Object.keys(schemaOf(input).properties ?? {})
      .filter(
        (field) =>
          /path|file|url|uri|folder|directory|command|plugin|socket|prefix/i.test(field) &&
          !/Sha256$/.test(field),
      )
      .map((field) => `${name} ${field}`),
  );
  assert.ok(forPeople.length > 40);
  assert.deepEqual(wrong, []);
});

test('raising oneself (CVE-2025-5999, CVE-2025-54996): no role gives itself another, nor an officer without a quorum', async () => {
  for (const person of [COMPLIANCE, OPERATOR, BACKUP, AUDITOR])
    for (const quorum of [[], QUORUM]) {
      const roles = ['SECURITY_OFFICER'];
      const attempts = [
        kma.answer('ModifyUser', { user: person.name, roles }, person, quorum),
        kma.answer('CreateUser', { user: 'puppet', roles, passphrase: 'Strings-attached-4' }, person, quorum),
        kma.answer(
          'SetUserPassphrase',
          { user: OFFICER.name, passphrase: 'Taken-over-now-8' },
          person,
          quorum,
        ),
      ];
      for (const answer of await Promise.all(attempts)) assert.equal(refusedWith(answer), 'ACCESS_DENIED');
    }
  for (const quorum of [[], HOLDERS.slice(0, 1)]) {
    const answer = await kma.answer(
      'ModifyUser',
      { user: OPERATOR.name, roles: ['AUDITOR', 'OPERATOR'] },
      OFFICER,
      quorum,
    );
    assert.equal(refusedWith(answer), 'QUORUM_NOT_MET');
  }
  await kma.ask('ListUsers', {}, OFFICER);
});

test('management without log-in (GO-2025-3783, CVE-2026-1726): every operation of people is refused to nobody', async () => {
  for (const { name } of forPeople) {
    assert.equal(refusedWith(await kma.answer(name, {})), 'AUTHENTICATION_FAILED', name);
    const nobody = await kma.answer(name, {}, null, QUORUM);
    assert.equal(refusedWith(nobody), 'AUTHENTICATION_FAILED', `${name} with a quorum`);
  }
});

test('management over the ports of agents (CVE-2026-1726): no name of such an operation is known there', async () => {
  const clock = encodeRequest('ca', 'RetrieveLocalClock', { entityId: 'x' });
  for (const { name } of operations.filter(({ callers }) => callers !== 'agent' && callers !== 'stranger'))
    for (const place of [{ port: kma.ports.ca }, { port: kma.ports.agent, identity: agent.identity }]) {
      const body = clock
        .replaceAll('RetrieveLocalClock', name)
        .replaceAll('KMS/KMS-CA', place.port === kma.ports.ca ? 'KMS/KMS-CA' : 'KMS/KMS-Agent');
      const answer = await attack({ ...place, bytes: post(body), halfClose: false });
      assert.match(answer.body.toString(), /<faultstring>1134 /, name);
    }
});

test('log-in by another spelling (GO-2025-3855): case, blanks and Unicode forms are other names, with no attempts of the true one', async () => {
  for (const name of [
    'OFFICER',
    ' officer',
    'officer ',
    'officer\u200b',
    'offi\u0441er',
    'officer\0',
    '../officer',
  ])
    assert.equal(
      refusedWith(await kma.answer('ListUsers', {}, { ...OFFICER, name })),
      'AUTHENTICATION_FAILED',
    );
  for (const name of ['DRIVE', ' drive', 'drive ', 'drive/', '%64rive'])
    assert.equal(faultOf((await enrolRaw(kma.ports, name, AGENT_PASSPHRASE)).answer), 1002);
  await kma.ask('ListUsers', {}, OFFICER);
});

test('one-time code used again (GO-2025-3856): a spent passphrase enrols nobody, however often and from wherever', async () => {
  for (let i = 0; i < 2; i++) assert.equal(faultOf((await enrolRaw(kma.ports, 'drive')).answer), 1002);
});

test('rule by path or pattern (CVE-2026-63131, CVE-2026-3605, CVE-2026-89322, CVE-2026-105820): a group is one exact name', async () => {
  await kma.ask('CreateKeyGroup', { group: 'group-*', policy: 'years' }, COMPLIANCE);
  await kma.ask('CreateKeyGroup', { group: 'group-b/', policy: 'years' }, COMPLIANCE);
  for (const group of ['group-*', 'group-b/'])
    await kma.ask('AssignKeyGroup', { agent: 'drive', group }, COMPLIANCE);
  for (const keyGroupId of [
    'group-b',
    'group-b/.',
    'group-b//',
    'group-a/../group-b',
    'GROUP-B',
    'group-?',
    'group-b\u200b',
    '*',
  ])
    assert.equal(await agent.refusal('CreateKey', { dataUnit: unitOf(''), keyGroupId }), 1000, keyGroupId);
  const own = await agent.call('CreateKey', { dataUnit: unitOf(''), keyGroupId: 'group-*' });
  assert.equal(own.key.keyGroupId, 'group-*');
});

test('act through an indirect handle (CVE-2026-40264): a data unit known to both agents opens no key of the other group', async () => {
  for (const dataUnit of [unitOf(unit), unitOf('')])
    for (const keyGroupId of ['', 'group-a', 'group-b'])
      assert.equal(await stranger.refusal('RetrieveKey', { keyId: key.keyId, dataUnit, keyGroupId }), 1000);
  const page = await stranger.call('RetrieveDataUnitKeys', {
    dataUnit: unitOf(unit),
    pageSize: 32,
    pageOffset: 0,
  });
  assert.deepEqual([page.keys, page.keysRemaining], [[], 0]);
});

test('claim of an outside signer (CVE-2020-16250, CVE-2020-16251): only certificates of this CA that this KMA issued are callers', async () => {
  const foreign = await (await makeAuthority()).issue('drive');
  const identity = { ca: agent.identity.ca, cert: foreign.certificatePem, key: foreign.privateKeyPem };
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const given = { ...identity, minVersion: version, maxVersion: version };
    // With TLS 1.3 managers come to 3335 with keys of their own, so that a stranger's is refused by a fault there.
    const answer = await callRaw(kma.ports, 'DiscoverCluster', {}, given).catch(() => null);
    assert.ok(answer === null || (version === 'TLSv1.3' && answer.status === 500), version);
  }
});

test('rule bypass by the query (CVE-2022-3100): only the body is read, and another URL is no way in', async () => {
  const clock = encodeRequest('ca', 'RetrieveLocalClock', { entityId: 'x' });
  for (const target of ['/?EntityID=admin', '/?', '//', '/.', '/;a', '/%2f', 'http://kma/', '*'])
    for (const place of [{ port: kma.ports.ca }, { port: kma.ports.agent, identity: agent.identity }]) {
      const bytes = post(clock).toString().replace('POST / ', `POST ${target} `);
      assert.equal((await attack({ ...place, bytes, halfClose: false })).status, 404, target);
    }
});

test("readable configuration (CVE-2022-23451, CVE-2022-23452, CVE-2023-1633, CVE-2023-1636): files are the owner's, no secret is in an environment or argument", () => {
  const files = readdirSync(kma.data, { recursive: true, withFileTypes: true });
  const open = files
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => (statSync(path).mode & 0o077) !== 0);
  assert.ok(files.length > 5);
  assert.deepEqual(open, []);
  for (const pid of kma.kma.pids().values())
    for (const name of ['environ', 'cmdline'])
      assert.doesNotMatch(
        readFileSync(`/proc/${pid}/${name}`, 'latin1'),
        /PRIVATE KEY|AGE-SECRET|part-7|gate-1|-once-6/,
      );
});

test('request merged into what is checked (CVE-2026-42999): a field that the operation does not have is refused', async () => {
  const loose = forPeople.filter(({ input }) => schemaOf(input).additionalProperties !== false);
  assert.deepEqual(
    loose.map(({ name }) => name),
    [],
  );
  for (const extra of [
    { caller: 'officer' },
    { role: 'SECURITY_OFFICER' },
    { kmaId: 'X' },
    JSON.parse('{"__proto__":{"enabled":true}}'),
  ])
    assert.equal(
      refusedWith(await kma.answer('ListUsers', { ...extra, x: 1 }, OFFICER)),
      'INVALID_PARAMETERS',
    );
});

test('read-only attributes rewritten (Cosmian KMS 5.26): the state of a data unit and of a key is not what the caller says', async () => {
  const before = await agent.call('RetrieveDataUnit', {
    dataUnitId: unit,
    externalUniqueId: '',
    externalTag: '',
    description: '',
  });
  const states: DataUnitState[] = [
    'DATA-UNIT-STATE-NO-KEY',
    'DATA-UNIT-STATE-SHREDDED',
    'DATA-UNIT-STATE-READABLE-NEEDS-REKEY',
  ];
  for (const state of states)
    await agent.call('RetrieveKey', { keyId: key.keyId, dataUnit: unitOf(unit, { state }), keyGroupId: '' });
  const after = await agent.call('RetrieveDataUnit', {
    dataUnitId: unit,
    externalUniqueId: '',
    externalTag: '',
    description: '',
  });
  assert.equal(after.dataUnit.state, before.dataUnit.state);
});

test('length bombs and nesting (general TTLV): a body that says to be long, deep or many is refused by its number', async () => {
  const clock = encodeRequest('ca', 'RetrieveLocalClock', { entityId: 'x' });
  const inside = (content: string) => clock.replace('>x<', `>${content}<`);
  for (const body of [inside('<a>'.repeat(500)), inside('<a/>'.repeat(5_000)), inside('x'.repeat(70_000))])
    assert.match(
      (await attack({ port: kma.ports.ca, bytes: post(body), halfClose: false })).body.toString(),
      /<faultstring>1008 /,
    );
});

test('deleted data left behind (CVE-2026-42186): the sealed bytes of a destroyed key are in no file of the KMA', async () => {
  const doomed = await agent.createUnit();
  const { keyId } = await agent.createKey(doomed);
  const sealed = sealedBytes(keyId);
  assert.ok(foundInFiles(sealed) > 0, 'they are found while the key lives');
  await kma.ask('CompromiseKey', { keyId, comment: 'a test' }, COMPLIANCE);
  await kma.ask('DestroyKeys', { dataUnitId: doomed, comment: 'a test' }, OPERATOR);
  await kma.stop();
  await withCore(kma.data, (running) => running.maintenance.minutely());
  assert.equal(foundInFiles(sealed), 0);
  await kma.resume();
});

test('an edit of the store that gives a key away (Barbican review): the bytes of one key do not open as another', async () => {
  const fresh = new RawAgent(agent.name, kma.ports, agent.identity);
  const theirs = await fresh.createKey();
  const mine = await fresh.createKey();
  await kma.stop();
  const store = openStore({ path: join(kma.data, 'kma.db'), mode: 'write' });
  const objectOf = (keyId: string) => store.state.get('key', keyId)?.objectId ?? '';
  const bytes = store.getObject(objectOf(theirs.keyId))?.bytes ?? assert.fail();
  store.database.prepare('UPDATE object SET bytes = ? WHERE id = ?').run(bytes, objectOf(mine.keyId));
  store.close();
  await kma.resume();
  const later = new RawAgent(agent.name, kma.ports, agent.identity);
  const fault = await later.refusal('RetrieveKey', {
    keyId: mine.keyId,
    dataUnit: unitOf(''),
    keyGroupId: '',
  });
  assert.equal(fault, 1149);
});

function sealedBytes(keyId: string): Buffer {
  const store = openStore({ path: join(kma.data, 'kma.db'), mode: 'read' });
  try {
    return Buffer.from(
      store.getObject(store.state.get('key', keyId)?.objectId ?? '')?.bytes ?? assert.fail(),
    );
  } finally {
    store.close();
  }
}

/** In how many files below the data directory a piece of the bytes stands. */
function foundInFiles(bytes: Buffer): number {
  const piece = bytes.subarray(4, 36);
  return readdirSync(kma.data, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .filter((file) => readFileSync(join(file.parentPath, file.name)).includes(piece)).length;
}
