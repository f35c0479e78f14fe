/** The modern proof on a whole KMA (docs/proof.md): who gets a certificate, what strangers, relays and guessers get, and what nobody can tell apart. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { enroll, KmaClient } from '@openkma/agent';
import { isFault, type OperationName, type ProofRole } from '@openkma/protocol';
import { AGENT_PASSPHRASE, AUDITOR, COMPLIANCE, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import {
  beginProof,
  continueExchange,
  exchange,
  fingerprintOf,
  identityAfter,
  newProofKey,
  PROOF_KEY,
  ProofConnection,
  prepareExchange,
} from './support/modern-proof.ts';
import { callRaw, enrolRaw, faultOf, fieldsOf, type RawAnswer } from './support/raw-agent.ts';
import { withStore } from './support/restoring.ts';
import { until } from './support/until.ts';

const WRONG = 'Not-the-passphrase-9';

let kma: TestKma;
before(async () => {
  kma = await TestKma.start({ bare: true, fronts: 2 });
  await kma.letIn(OPERATOR, AUDITOR, COMPLIANCE);
});
after(() => kma[Symbol.asyncDispose]());

async function createAgent(agent: string, input: object = {}): Promise<void> {
  await kma.ask('CreateAgent', { agent, passphrase: AGENT_PASSPHRASE, ...input }, OPERATOR);
}
const enrolAgent = (name: string, passphrase = AGENT_PASSPHRASE, options = {}) =>
  exchange(kma.ports, 'agent', name, passphrase, options);

/** Without what differs from second to second. */
const bytesOf = ({ headers, xml }: RawAnswer<OperationName>) =>
  `${headers.replace(/^Date: .*$/im, '')}\n${xml}`;

test('over TLS 1.3 an agent gets a certificate over its own key, with which it is served', async () => {
  const name = 'drive-1';
  await createAgent(name);
  const key = newProofKey();
  const done = await enrolAgent(name, AGENT_PASSPHRASE, { key });
  assert.equal(done.connection.protocol, 'TLSv1.3');
  assert.ok(done.proof.accepts(fieldsOf(done.answer2).serverSignature), 'the KMA proves itself too');
  const identity = identityAfter(done, done.answer2, key);
  fieldsOf(await callRaw(kma.ports, 'DiscoverCluster', {}, identity));
  const proof = withStore(kma.data, ({ state }) =>
    state.get('agent_certificate', fingerprintOf(identity.cert)),
  );
  assert.equal(proof?.proof, 'modern');
  const years = new X509Certificate(identity.cert).validToDate.getUTCFullYear() - new Date().getUTCFullYear();
  assert.ok(years >= 48 && years <= 49, `${years} years`);
});

test('an agent marked modern only enrols with okm-agent, and is refused the legacy proof', async () => {
  await createAgent('modern-only', { modernOnly: true });
  assert.equal(faultOf((await enrolRaw(kma.ports, 'modern-only')).answer), 1002);
  await enroll({
    directory: kma.profile('modern-only'),
    agentId: 'modern-only',
    address: '127.0.0.1',
    passphrase: Buffer.from(AGENT_PASSPHRASE),
    ports: kma.ports,
  });
  using client = await KmaClient.open(kma.profile('modern-only'));
  assert.equal((await client.discover()).members.length, 1);
});

test('a wrong passphrase gets 1002 and no certificate, the right one works after it, and then it is spent', async () => {
  await createAgent('typo');
  assert.equal(faultOf((await enrolAgent('typo', WRONG)).answer2), 1002);
  fieldsOf((await enrolAgent('typo')).answer2);
  assert.equal(faultOf((await enrolAgent('typo')).answer2), 1002);
  assert.equal(faultOf((await enrolRaw(kma.ports, 'typo')).answer), 1002, 'spent for the legacy proof too');
});

test('of two enrolments at once with a one-time passphrase one succeeds', async () => {
  await createAgent('twins');
  const done = await Promise.all([enrolAgent('twins'), enrolAgent('twins')]);
  assert.equal(done.filter(({ answer2 }) => isFault(answer2.response)).length, 1);
});

test('unknown, wrong, disabled, deleted and spent look alike in both messages, for agents and users', async () => {
  await createAgent('wrong-one');
  await createAgent('disabled');
  await kma.ask('ModifyAgent', { agent: 'disabled', enabled: false }, OPERATOR);
  await createAgent('deleted');
  await kma.ask('DeleteAgent', { agent: 'deleted' }, OPERATOR);
  await createAgent('spent');
  await enrolAgent('spent');
  const idle = { user: 'idle', roles: ['OPERATOR'], passphrase: AGENT_PASSPHRASE };
  await kma.ask('CreateUser', idle, OFFICER, QUORUM);
  await kma.ask('ModifyUser', { user: 'idle', enabled: false }, OFFICER, QUORUM);
  const cases: readonly (readonly [ProofRole, string, string])[] = [
    ['agent', 'nobody', AGENT_PASSPHRASE],
    ['agent', 'wrong-one', WRONG],
    ['agent', 'disabled', AGENT_PASSPHRASE],
    ['agent', 'deleted', AGENT_PASSPHRASE],
    ['agent', 'spent', AGENT_PASSPHRASE],
    ['user', 'nobody', AGENT_PASSPHRASE],
    ['user', 'idle', AGENT_PASSPHRASE],
    ['user', AUDITOR.name, WRONG],
    ['kma', 'nobody', AGENT_PASSPHRASE],
    ['kma', 'kma-test', AGENT_PASSPHRASE],
  ];
  const [firsts, seconds] = [new Set<string>(), new Set<string>()];
  for (const [role, name, passphrase] of cases) {
    const done = await exchange(kma.ports, role, name, passphrase);
    assert.equal(faultOf(done.answer2), 1002, `${role} ${name}`);
    // Salt, challenge and one-time key differ in every answer; everything else of it is the same for all.
    firsts.add(bytesOf(done.answer).replace(/<(Salt|ServerChallenge|OneTimePublicKey)>[0-9A-F]+</g, '<$1><'));
    seconds.add(bytesOf(done.answer2));
  }
  assert.equal(firsts.size, 1);
  assert.equal(seconds.size, 1);
});

test('a name nobody has gets a decoy salt that stays, also through a restart', async () => {
  const salt = async (name: string) =>
    Buffer.from((await beginProof(kma.ports, 'user', name)).first.salt).toString('hex');
  const names = ['nobody', 'Ünbekannt', '', OFFICER.name];
  const before = await Promise.all(names.map(salt));
  assert.equal(new Set(before).size, names.length);
  assert.deepEqual(await Promise.all(names.map(salt)), before);
  await kma.stop();
  await kma.resume();
  assert.deepEqual(await Promise.all(names.map(salt)), before);
});

test('a proof is good for one TLS connection: sent over another, as a relay would, it is refused', async () => {
  await createAgent('relayed', { oneTimePassphrase: false });
  const prepared = await prepareExchange(kma.ports, 'agent', 'relayed', AGENT_PASSPHRASE);
  const other = await ProofConnection.open(kma.ports.certificate, prepared.caPem);
  assert.equal(faultOf(await other.call('EnrolAgent', prepared.request)), 1002);
  fieldsOf(await prepared.connection.call('EnrolAgent', prepared.request));
  other.close();
  prepared.connection.close();
});

test('a public key exchanged under way is refused', async () => {
  await createAgent('swapped');
  const { answer2 } = await enrolAgent('swapped', AGENT_PASSPHRASE, { provenKey: newProofKey() });
  assert.equal(faultOf(answer2), 1002);
});

test('a proof is of its role, its name and the core process that challenged', async () => {
  await createAgent('one', { oneTimePassphrase: false });
  await createAgent('two');
  const { connection, request } = await prepareExchange(kma.ports, 'agent', 'one', AGENT_PASSPHRASE);
  assert.equal(faultOf(await connection.call('EnrolAgent', { ...request, entityId: 'two' })), 1002);
  assert.equal(faultOf(await connection.call('EnrolKma', request)), 1002);
  fieldsOf(await connection.call('EnrolAgent', request));
  connection.close();
  const steps = await beginProof(kma.ports, 'agent', 'one');
  const core = kma.kma.pids().get('core') ?? 0;
  process.kill(core, 'SIGKILL');
  await until('another core answers', async () => {
    fieldsOf(await callRaw(kma.ports, 'RetrieveLocalClock', { entityId: '' }));
    return kma.kma.pids().get('core') !== core;
  });
  const late = await continueExchange(kma.ports, 'agent', steps, AGENT_PASSPHRASE);
  assert.equal(faultOf(await late.connection.call('EnrolAgent', late.request)), 1002);
  late.connection.close();
  fieldsOf((await enrolAgent('one')).answer2);
});

test('the identical request over its connection gets the identical answer, is noted once, and makes one certificate', async () => {
  await createAgent('lost-reply');
  const { connection, request } = await prepareExchange(kma.ports, 'agent', 'lost-reply', AGENT_PASSPHRASE);
  const first = await connection.call('EnrolAgent', request);
  fieldsOf(first);
  for (let i = 0; i < 3; i++) assert.equal((await connection.call('EnrolAgent', request)).xml, first.xml);
  connection.close();
  const replayed = await ProofConnection.open(
    kma.ports.certificate,
    (await beginProof(kma.ports, 'user', '')).caPem,
  );
  assert.equal(faultOf(await replayed.call('EnrolAgent', request)), 1002, 'replayed by somebody else');
  replayed.close();
  const events = (operation: string) =>
    kma.rows<{ message: string }>('ListAuditEvents', { filter: [`operation=${operation}`] }, AUDITOR);
  const mine = ({ message }: { message: string }) => message.includes('agent=lost-reply ');
  assert.equal((await events('NoteRepeatedEnrolment')).filter(mine).length, 1);
  assert.equal((await events('EnrolAgent')).filter(mine).length, 1);
});

test('guesses count together, whichever proof they use, and disable both; the certificate goes on', async () => {
  await createAgent('guessed', { oneTimePassphrase: false });
  const enrolled = await enrolAgent('guessed');
  for (let i = 0; i < 3; i++) assert.equal(faultOf((await enrolAgent('guessed', WRONG)).answer2), 1002);
  for (let i = 0; i < 2; i++)
    assert.equal(faultOf((await enrolRaw(kma.ports, 'guessed', WRONG)).answer), 1002);
  assert.equal(faultOf((await enrolAgent('guessed')).answer2), 1002);
  assert.equal(faultOf((await enrolRaw(kma.ports, 'guessed')).answer), 1002);
  const identity = identityAfter(enrolled, enrolled.answer2);
  fieldsOf(await callRaw(kma.ports, 'DiscoverCluster', {}, identity));
  await kma.ask('SetAgentPassphrase', { agent: 'guessed', passphrase: 'Another-for-you-8' }, OPERATOR);
  fieldsOf((await enrolAgent('guessed', 'Another-for-you-8')).answer2);
});

test('questions of strangers leave nothing in the store but a count', async () => {
  const rows = () =>
    withStore(kma.data, ({ database }) =>
      ['log', 'user_session', 'object'].map(
        (table) => database.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()?.['n'],
      ),
    );
  // Else the record of what the tests before have erased comes in between.
  await until('erasures are confirmed', () =>
    withStore(kma.data, (store) => store.erasures.first(1).length === 0),
  );
  const before = rows();
  for (let i = 0; i < 100; i++) await beginProof(kma.ports, 'user', `somebody-${i}`);
  assert.deepEqual(rows(), before);
  const records = await kma.rows<unknown>('ListAuditEvents', { filter: ['operation=BeginProof'] }, AUDITOR);
  assert.deepEqual(records, []);
});

test('below TLS 1.3 there is no modern proof, while the legacy one is served there', async () => {
  await createAgent('historic', { oneTimePassphrase: false });
  const older = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
  const over12 = await enrolAgent('historic', AGENT_PASSPHRASE, { tls: older });
  assert.equal(over12.connection.protocol, 'TLSv1.2');
  assert.equal(faultOf(over12.answer2), 1002);
  fieldsOf((await enrolRaw(kma.ports, 'historic', AGENT_PASSPHRASE, older)).answer);
  await kma.ask('SetAcceptableTls', { minimum: '1.0' }, OFFICER);
  const tls = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES256-SHA:@SECLEVEL=0' } as const;
  const { answer2, connection } = await until('the fronts take TLS 1.0', () =>
    enrolAgent('historic', AGENT_PASSPHRASE, { tls, key: PROOF_KEY }),
  );
  assert.equal(connection.protocol, 'TLSv1');
  assert.equal(faultOf(answer2), 1002);
  await kma.ask('SetAcceptableTls', { minimum: '1.2' }, OFFICER);
  fieldsOf((await enrolAgent('historic')).answer2);
});

test('a passphrase with umlauts is the same however it was typed', async () => {
  await kma.ask(
    'CreateAgent',
    { agent: 'Läufwerk', passphrase: 'Gr\u00fc\u00df-Gott-77', oneTimePassphrase: false },
    OPERATOR,
  );
  for (const passphrase of ['Gr\u00fc\u00df-Gott-77', 'Gru\u0308\u00df-Gott-77'])
    fieldsOf((await enrolAgent('Läufwerk', passphrase)).answer2);
});
