/** The audit log of a running KMA: one record for each operation, chains that show what was altered or lost, retention, strangers counted together (product reference 9.1). */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { enroll } from '@openkma/agent';
import { RETENTION_TERMS } from '../src/core/audit.ts';
import { ERRORS } from '../src/errors.ts';
import type { AuditChainReport } from '../src/operations/audit-record.ts';
import { operations } from '../src/operations/catalogue.ts';
import { cutAudit, signHeads } from '../src/processes/core/audit-chores.ts';
import { readIdentity } from '../src/setup/local-identity.ts';
import { verifyAudit } from '../src/store/audit-verification.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { auditRecords, recordsOf, type StoredAuditRecord } from './support/audit-rows.ts';
import { withCore } from './support/core-alone.ts';
import { faultOf } from './support/fault.ts';
import { AUDITOR, BACKUP, COMPLIANCE, HOLDERS, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { withStore } from './support/restoring.ts';
import { rawCall } from './support/soap.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
// It discovers when it is told to, not when some time has gone by: each call is one record.
const agent = await kma.agent('drive-1', { settings: { discoveryFrequencyMs: 3_600_000 } });
await agent.createKey();
const startedMs = Date.now() - 60_000;
const seen = new Set<string>();

/** The only record that `work` leaves, with every field that does not depend on the operation checked. */
async function oneRecord(work: () => Promise<unknown>): Promise<StoredAuditRecord> {
  const all = await recordsOf(kma.data, work);
  // What was counted is written down once a minute, whatever is done meanwhile.
  const records = all.filter(({ operation }) => operation !== 'NoteFailuresBeforeAuthentication');
  assert.equal(
    records.length,
    1,
    records.map(({ operation, condition }) => `${operation}: ${condition}`).join(', '),
  );
  const [record] = records;
  assert.ok(record !== undefined);
  assert.ok(record.createdAt > startedMs && record.createdAt <= Date.now() + 60_000, 'created date');
  assert.match(record.id, /^[0-9A-F]{32}$/);
  assert.ok(!seen.has(record.id), 'the audit log ID is unique');
  seen.add(record.id);
  assert.equal(record.kmaName, 'kma-test');
  assert.match(record.kmaId, /^[0-9A-F]{32}$/);
  assert.ok(RETENTION_TERMS.includes(record.term));
  assert.notEqual(record.class, '');
  assert.equal(
    record.severity === 'error',
    record.solution !== '',
    'an error, and only that, comes with a solution',
  );
  return record;
}
const fieldsOf = ({ operation, severity, condition, entityId, entityAddress }: StoredAuditRecord) => ({
  operation,
  severity,
  condition,
  entityId,
  entityAddress,
});
const done = (operation: string, entityId: string, entityAddress = '') => ({
  operation,
  severity: 'success',
  condition: 'Success',
  entityId,
  entityAddress,
});
const verify = () => kma.ask<AuditChainReport[]>('VerifyAudit', {}, AUDITOR);

test('each operation of a user leaves one record: who, what, where, how it ended', async () => {
  const people = [
    ['CreateSite', { site: 'site-b' }, OFFICER, []],
    ['ListSites', {}, OFFICER, []],
    ['CreateKeyGroup', { group: 'group-c', policy: 'years' }, COMPLIANCE, []],
    ['ListAgents', {}, OPERATOR, []],
    ['ListBackups', {}, BACKUP, []],
    ['ListAuditEvents', {}, AUDITOR, []],
    ['VerifyAudit', {}, AUDITOR, []],
    ['ModifyUser', { user: OPERATOR.name, description: 'turns' }, OFFICER, QUORUM],
  ] as const;
  for (const [operation, input, user, quorum] of people) {
    const record = await oneRecord(() => kma.ask(operation, input, user, quorum));
    assert.deepEqual(fieldsOf(record), done(operation, user.name));
  }
  const created = auditRecords(kma.data).find(({ operation }) => operation === 'CreateSite');
  assert.equal(created?.class, 'Security Officer');
  assert.match(
    auditRecords(kma.data).find(({ message }) => message.includes('site-b'))?.message ?? '',
    /\w+=\w+/,
  );
});

test('each call of an agent leaves one record with its address; a key is named, never its bytes', async () => {
  const { dataUnitId } = await agent.createDataUnit();
  let keyHex = '';
  const created = await oneRecord(async () => {
    const { key } = await agent.createKey({ dataUnitId });
    keyHex = Buffer.from(key.reveal()).toString('hex');
  });
  assert.deepEqual(fieldsOf(created), done('CreateKey2', 'drive-1', '127.0.0.1'));
  assert.match(created.message, /key=[0-9A-F]{60}/);
  assert.ok(created.message.includes(dataUnitId));
  assert.ok(!JSON.stringify(auditRecords(kma.data)).toLowerCase().includes(keyHex));
  const calls: [string, () => Promise<unknown>][] = [
    ['ListKeyGroups', () => agent.listKeyGroups()],
    ['RetrieveDataUnit', () => agent.retrieveDataUnit(dataUnitId)],
    ['RetrieveProtectAndProcessKey2', () => agent.retrieveProtectAndProcessKey(dataUnitId)],
    ['DisassociateDataUnitKeys', () => agent.disassociateDataUnitKeys(dataUnitId)],
    ['CreateAuditLog', () => agent.createAuditLog('cleaned')],
    ['DiscoverCluster', () => agent.discover()],
  ];
  for (const [operation, call] of calls)
    assert.deepEqual(fieldsOf(await oneRecord(call)), done(operation, 'drive-1', '127.0.0.1'));
});

test('what is refused leaves one record too, with the cause and what to do', async () => {
  const wrong = { ...OPERATOR, passphrase: 'Wrong-passphrase-1' };
  const cases = [
    [() => kma.answer('ListAgents', {}, wrong), 'ListAgents', 'AUTHENTICATION_FAILED', ''],
    [() => kma.answer('ListAgents', {}, AUDITOR), 'ListAgents', 'ACCESS_DENIED', ''],
    [() => kma.answer('LockKma', { odd: 1 }, OFFICER), 'LockKma', 'INVALID_PARAMETERS', OFFICER.name],
    [() => kma.answer('CreateSite', { site: 'site-b' }, OFFICER), 'CreateSite', 'SITE_EXISTS', OFFICER.name],
    [
      () => kma.answer('AcceptClock', {}, OFFICER, HOLDERS.slice(0, 1)),
      'AcceptClock',
      'QUORUM_NOT_MET',
      OFFICER.name,
    ],
    [
      () => faultOf(agent.retrieveKey(`0000${'A'.repeat(56)}`)),
      'RetrieveKey2',
      'AGENT_KEY_DOES_NOT_EXIST',
      'drive-1',
    ],
  ] as const;
  for (const [work, operation, code, entity] of cases) {
    const record = await oneRecord(work);
    assert.equal(record.operation, operation);
    assert.equal(record.severity, 'error');
    assert.equal(record.condition, ERRORS[code].text);
    assert.equal(record.solution, ERRORS[code].advice);
    if (entity !== '') assert.equal(record.entityId, entity);
    else assert.equal(record.class, 'Security Violation');
    assert.match(record.message, new RegExp(`^code=${ERRORS[code].number}\\b`));
  }
});

test('a refused user is named in the record, also one that proved nothing', async () => {
  const denied = await oneRecord(() => kma.answer('ListAgents', {}, AUDITOR));
  assert.equal(denied.entityId, AUDITOR.name);
  const guessed = await oneRecord(() =>
    kma.answer('ListAgents', {}, { name: 'nobody', passphrase: 'Guess-1-guess' }),
  );
  assert.equal(guessed.entityId, 'nobody');
});

test('every operation of the catalogue that people can call leaves exactly one record when refused', async () => {
  for (const { name, callers, command } of operations) {
    if (command === undefined || typeof callers === 'string') continue;
    const record = await oneRecord(() => kma.answer(name, { nonsense: true }, AUDITOR));
    assert.equal(record.operation, name);
    assert.equal(record.severity, 'error');
  }
});

test('failures before authentication are counted together', async () => {
  const GARBAGE = 12;
  const ENROLMENTS = 4;
  const settled = await recordsOf(kma.data, async () => {
    for (let i = 0; i < GARBAGE; i++) await rawCall(kma.ports.ca, 'NONSENSE\r\n\r\n').catch(() => undefined);
    for (let i = 0; i < ENROLMENTS; i++)
      await faultOf(
        enroll({
          directory: join(kma.folder, 'stranger'),
          agentId: `stranger-${i}`,
          address: '127.0.0.1',
          passphrase: Buffer.from('Guess-1-guess'),
          ports: kma.ports,
        }),
      );
    await kma.stop();
  });
  const notes = settled.filter(({ operation }) => operation === 'NoteFailuresBeforeAuthentication');
  const noted = notes.filter(({ severity }) => severity !== 'success');
  const answered = notes.filter(({ message }) => message.includes('operation=BeginProof '));
  const sum = (of: readonly StoredAuditRecord[]) =>
    of.reduce((all, { message }) => all + Number(/count=(\d+)/.exec(message)?.[1]), 0);
  // Counted minute by minute, and one may have ended meanwhile.
  assert.ok(answered.length <= 2, `${answered.length} records of what strangers were answered`);
  assert.ok(sum(answered) >= ENROLMENTS, 'what strangers were answered is counted too');
  assert.ok(noted.length <= 4, `${noted.length} records for ${GARBAGE + ENROLMENTS} failures`);
  const counted = (service: string) =>
    sum(noted.filter(({ message }) => message.includes(`service=${service} `)));
  assert.equal(counted('ca'), GARBAGE);
  assert.equal(counted('certificate'), ENROLMENTS);
  for (const record of noted) {
    assert.equal(record.class, 'Security Violation');
    assert.equal(record.severity, 'warning');
    assert.match(record.message, /sources=127\.0\.0\.1/);
  }
  assert.ok(!settled.some(({ operation }) => operation === 'EnrolAgent'), 'and not one by one');
  await kma.resume();
});

test('the chains are intact, one for each term', async () => {
  const reports = await verify();
  assert.deepEqual(reports.map(({ term }) => term).sort(), [...RETENTION_TERMS].sort());
  for (const { verdict, firstSeq, lastSeq, records } of reports) {
    assert.equal(verdict, 'intact');
    assert.equal(firstSeq, 1);
    assert.equal(records, lastSeq);
  }
});

test('retention by size cuts a chain from the front, records the cut, and leaves it intact', async () => {
  const KEPT = 1000;
  const EXTRA = 300;
  await kma.ask('ModifySecurityParameters', { mediumTermRecords: KEPT }, OFFICER);
  await kma.stop();
  await withCore(kma.data, async ({ core, directory }) => {
    const note = () => core.callLocal('NoteLowKeyPool', { ready: 0, size: 1000 });
    await Promise.all(Array.from({ length: KEPT + EXTRA }, note));
    await cutAudit(core);
    await signHeads(core, directory);
  });
  await kma.resume();
  const medium = (await verify()).find(({ term }) => term === 'medium');
  assert.equal(medium?.verdict, 'intact');
  assert.equal(medium.records, KEPT);
  assert.equal(medium.firstSeq, medium.lastSeq - KEPT + 1);
  const cuts = auditRecords(kma.data).filter(({ operation }) => operation === 'CutAuditLog');
  assert.ok(cuts.length >= 1);
  assert.equal(cuts.at(-1)?.term, 'long');
  assert.match(cuts.at(-1)?.message ?? '', new RegExp(`term=medium through=${medium.firstSeq - 1} `));
  const cutRow = withStore(kma.data, ({ state }) => state.get('audit_cut', `${medium.incarnationId}:medium`));
  assert.equal(cutRow?.seq, medium.firstSeq - 1);
});

test('an altered, a missing and a cut-off record are found, each in its chain', async () => {
  await kma.stop();
  assert.deepEqual(deviationsIn(kma.data), []);
  const [altered, ...more] = tampered(
    `UPDATE audit SET record = replace(record, 'threshold=2', 'threshold=1') WHERE operation = 'QuickStart'`,
  );
  assert.match(altered?.verdict ?? '', /^record \d+ was altered$/);
  assert.deepEqual(more, [], 'in no other chain');
  const [hidden] = tampered(`UPDATE audit SET entity = 'somebody' WHERE term = 'long' AND seq = 3`);
  assert.equal(hidden?.verdict, 'record 3 was altered');
  const [missing] = tampered(`DELETE FROM audit WHERE term = 'long' AND seq = 4`);
  assert.equal(missing?.verdict, 'record 4 is missing');
  const [beheaded] = tampered(`DELETE FROM audit WHERE term = 'long' AND seq <= 2`);
  assert.equal(beheaded?.verdict, 'records 1 to 2 are missing');
  const [shortened] = tampered(
    `DELETE FROM audit WHERE term = 'medium' AND seq > (SELECT MAX(seq) FROM audit WHERE term = 'medium') - 5`,
  );
  assert.match(shortened?.verdict ?? '', /missing$/, 'the signed head tells of records cut off the end');
});

/** What the verification finds in a copy of the store after this statement. */
function tampered(sql: string): AuditChainReport[] {
  const directory = mkdtempSync(join(kma.folder, 'tampered-'));
  copyFileSync(join(kma.data, 'kma.db'), join(directory, 'kma.db'));
  const database = new DatabaseSync(join(directory, 'kma.db'));
  assert.ok(Number(database.prepare(sql).run().changes) > 0, sql);
  database.close();
  return deviationsIn(directory);
}

function deviationsIn(dataDirectory: string): AuditChainReport[] {
  const { kmaId } = readIdentity(DataDirectory.open(kma.data));
  return withStore(dataDirectory, (store) => verifyAudit(store, kmaId)).filter(
    ({ verdict }) => verdict !== 'intact',
  );
}
