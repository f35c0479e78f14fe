/** Passphrases, guessed and right: the limit, what errors give away, and quorums that are not complete (architecture, D6 and D15). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { enroll } from '@openkma/agent';
import { isRefusal, type Refusal } from '../src/core/refusal.ts';
import type { AuditRecord } from '../src/operations/audit-record.ts';
import { faultOf } from './support/fault.ts';
import {
  AGENT_PASSPHRASE,
  AUDITOR,
  BACKUP,
  COMPLIANCE,
  HOLDERS,
  OFFICER,
  OPERATOR,
  type Person,
  QUORUM,
  TestKma,
} from './support/kma.ts';
import { hashOf, returningAgent } from './support/restoring.ts';
import { until } from './support/until.ts';

const LIMIT = 3;
const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
await kma.ask('ModifySecurityParameters', { loginAttemptLimit: LIMIT }, OFFICER);
await kma.agent('drive-1');

const wrongly = ({ name }: Person): Person => ({ name, passphrase: 'Wrong-passphrase-1' });

/** Null when the user gets in. */
async function logIn(person: Person): Promise<Refusal | null> {
  const answer = await kma.answer('ShowLockStatus', {}, person);
  return isRefusal(answer) ? answer : null;
}
const auditOf = (operation: string) =>
  kma.rows<AuditRecord>('ListAuditEvents', { filter: [`operation=${operation}`], limit: 100 }, AUDITOR);

test('fewer wrong passphrases than the limit do no harm, and a right one starts the count anew', async () => {
  for (let round = 0; round < 3; round++) {
    for (let i = 1; i < LIMIT; i++)
      assert.equal((await logIn(wrongly(OPERATOR)))?.refused, 'AUTHENTICATION_FAILED');
    assert.equal(await logIn(OPERATOR), null);
  }
});

test('as many wrong passphrases as the limit disable the proof of a user until a new one is set', async () => {
  for (let i = 1; i <= LIMIT; i++) await logIn(wrongly(COMPLIANCE));
  assert.equal((await logIn(COMPLIANCE))?.refused, 'AUTHENTICATION_FAILED', 'even with the right one');
  assert.equal(await logIn(OPERATOR), null, 'nobody else is kept out');
  const disabled = await auditOf('DisablePassphraseProof');
  assert.equal(disabled.length, 1);
  assert.equal(disabled[0]?.severity, 'warning');
  assert.match(disabled[0]?.message ?? '', /user=compliance/);
  const users = await kma.rows<{ user: string; passphraseUsable: boolean }>('ListUsers', {}, OFFICER);
  const unusable = users.filter(({ passphraseUsable }) => !passphraseUsable).map(({ user }) => user);
  assert.deepEqual(unusable, [COMPLIANCE.name]);
});

test('it stays disabled through a restart; a new passphrase, set with a quorum, works at once', async () => {
  await kma.stop();
  await kma.resume();
  assert.equal((await logIn(COMPLIANCE))?.refused, 'AUTHENTICATION_FAILED');
  const passphrase = 'Another-rulebook-8';
  const input = { user: COMPLIANCE.name, passphrase };
  const tooFew = await kma.answer('SetUserPassphrase', input, OFFICER, HOLDERS.slice(0, 1));
  assert.ok(isRefusal(tooFew));
  assert.equal((await logIn({ ...COMPLIANCE, passphrase }))?.refused, 'AUTHENTICATION_FAILED');
  await kma.ask('SetUserPassphrase', input, OFFICER, QUORUM);
  assert.equal(await logIn({ ...COMPLIANCE, passphrase }), null);
  assert.equal((await logIn(COMPLIANCE))?.refused, 'AUTHENTICATION_FAILED', 'the old one is over');
});

test('guesses side by side are all counted', async () => {
  const answers = await Promise.all(Array.from({ length: LIMIT + 5 }, () => logIn(wrongly(BACKUP))));
  assert.ok(answers.every((answer) => answer !== null));
  assert.equal((await logIn(BACKUP))?.refused, 'AUTHENTICATION_FAILED');
  await kma.ask('SetUserPassphrase', { user: BACKUP.name, passphrase: BACKUP.passphrase }, OFFICER, QUORUM);
  assert.equal(await logIn(BACKUP), null);
});

test('the last Security Officer is slowed, never kept out', async () => {
  for (let i = 1; i <= LIMIT; i++)
    assert.equal((await logIn(wrongly(OFFICER)))?.refused, 'AUTHENTICATION_FAILED');
  const slowed = await logIn(OFFICER);
  assert.equal(slowed?.refused, 'SERVER_BUSY');
  assert.match(slowed?.detail ?? '', /wait \d+ s/);
  await until('the officer gets in after the wait', async () => (await logIn(OFFICER)) === null);
  const disabled = await auditOf('DisablePassphraseProof');
  assert.ok(!disabled.some(({ message }) => message.includes(`user=${OFFICER.name}`)));
});

test('with a second Security Officer the first can be disabled like others, the second then not', async () => {
  const second = { name: 'deputy', passphrase: 'Guards-the-other-gate-1' };
  const input = { user: second.name, roles: ['SECURITY_OFFICER'], passphrase: second.passphrase };
  await kma.ask('CreateUser', input, OFFICER, QUORUM);
  for (let i = 1; i <= LIMIT; i++) await logIn(wrongly(OFFICER));
  assert.equal((await logIn(OFFICER))?.refused, 'AUTHENTICATION_FAILED');
  for (let i = 1; i <= LIMIT; i++) await logIn(wrongly(second));
  assert.equal((await logIn(second))?.refused, 'SERVER_BUSY');
  await until('the deputy gets in after the wait', async () => (await logIn(second)) === null);
  await kma.ask('SetUserPassphrase', { user: OFFICER.name, passphrase: OFFICER.passphrase }, second, QUORUM);
  await kma.ask('DeleteUser', { user: second.name }, OFFICER);
});

test('a refusal does not tell an unknown name, a wrong passphrase, a disabled and a deleted user apart', async () => {
  const person = (name: string) => ({ name, passphrase: 'Comes-and-goes-7' });
  for (const name of ['idle', 'gone', 'guessed']) {
    const { passphrase } = person(name);
    await kma.ask('CreateUser', { user: name, roles: ['OPERATOR'], passphrase }, OFFICER, QUORUM);
  }
  await kma.ask('ModifyUser', { user: 'idle', enabled: false }, OFFICER, QUORUM);
  await kma.ask('DeleteUser', { user: 'gone' }, OFFICER);
  for (let i = 1; i <= LIMIT; i++) await logIn(wrongly(person('guessed')));
  const answers = [];
  for (const who of [wrongly(AUDITOR), person('nobody'), person('idle'), person('gone'), person('guessed')])
    answers.push(await logIn(who));
  assert.equal(await logIn(AUDITOR), null);
  assert.deepEqual(answers, Array(5).fill({ refused: 'AUTHENTICATION_FAILED' }));
});

test('a quorum refusal does not tell what was wrong either', async () => {
  const [first, second] = HOLDERS;
  assert.ok(first !== undefined && second !== undefined);
  const quorums = [
    [],
    [first],
    [first, first],
    [first, wrongly(second)],
    [first, wrongly({ ...second, name: 'nobody' })],
  ];
  for (const quorum of quorums) {
    const answer = await kma.answer('AcceptClock', {}, OFFICER, quorum);
    assert.deepEqual(answer, { refused: 'QUORUM_NOT_MET' });
  }
});

test('CreateUser with too few quorum credentials changes nothing, and needs both officer and quorum', async () => {
  const before = hashOf(kma.data);
  const input = { user: 'newcomer', roles: ['OPERATOR'], passphrase: 'Never-comes-in-1' };
  const attempt = async (user: Person, quorum: readonly Person[]) => {
    const answer = await kma.answer('CreateUser', input, user, quorum);
    return isRefusal(answer) ? answer.refused : null;
  };
  assert.equal(await attempt(OFFICER, []), 'QUORUM_NOT_MET');
  assert.equal(await attempt(OFFICER, HOLDERS.slice(0, 1)), 'QUORUM_NOT_MET');
  assert.equal(await attempt(OPERATOR, QUORUM), 'ACCESS_DENIED');
  assert.equal(await attempt(wrongly(OFFICER), QUORUM), 'AUTHENTICATION_FAILED');
  assert.equal(hashOf(kma.data), before, 'the state is the same');
  assert.equal(
    (await logIn({ name: input.user, passphrase: input.passphrase }))?.refused,
    'AUTHENTICATION_FAILED',
  );
  assert.equal(await attempt(OFFICER, QUORUM), null);
  assert.notEqual(hashOf(kma.data), before);
});

test('wrong passphrases disable the enrolment of an agent, never its certificate', async () => {
  const agent = await returningAgent(kma, kma.profile('drive-1'));
  const enrol = (agentId: string, passphrase: string) =>
    faultOf(
      enroll({
        directory: `${kma.profile('drive-1')}-again`,
        agentId,
        address: '127.0.0.1',
        passphrase: Buffer.from(passphrase),
        ports: kma.ports,
        replace: true,
      }),
    );
  await kma.ask('ModifyAgent', { agent: 'drive-1', oneTimePassphrase: false }, OPERATOR);
  assert.equal(await enrol('drive-1', AGENT_PASSPHRASE), null);
  for (let i = 1; i <= LIMIT; i++) assert.equal(await enrol('drive-1', 'Wrong-passphrase-1'), 1002);
  assert.equal(await enrol('drive-1', AGENT_PASSPHRASE), 1002, 'even with the right passphrase');
  assert.equal(await enrol('no-such-agent', AGENT_PASSPHRASE), 1002, 'an unknown agent is refused alike');
  await agent.createKey();
  await kma.ask('SetAgentPassphrase', { agent: 'drive-1', passphrase: 'Enrol-me-again-7' }, OPERATOR);
  assert.equal(await enrol('drive-1', 'Enrol-me-again-7'), null);
});

test('an agent whose name was guessed at before it existed has all its attempts', async () => {
  const enrolWith = (passphrase: string) =>
    faultOf(
      enroll({
        directory: kma.profile('newcomer'),
        agentId: 'newcomer',
        address: '127.0.0.1',
        passphrase: Buffer.from(passphrase),
        ports: kma.ports,
        replace: true,
      }),
    );
  for (let i = 0; i <= LIMIT; i++) assert.equal(await enrolWith('Wrong-passphrase-1'), 1002);
  await kma.ask('CreateAgent', { agent: 'newcomer', passphrase: AGENT_PASSPHRASE }, OPERATOR);
  assert.equal(await enrolWith('Wrong-passphrase-1'), 1002);
  assert.equal(await enrolWith(AGENT_PASSPHRASE), null);
});
