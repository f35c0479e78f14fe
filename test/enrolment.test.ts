/** Enrolment on a whole KMA, byte for byte as an agent does it (protocol 3 and 4): who gets a certificate, who does not, and what a stranger learns. */
import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { canonicalPem, deriveSecret, isFault, proof } from '@openkma/protocol';
import { AGENT_PASSPHRASE, AUDITOR, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import {
  callRaw,
  certify,
  enrolRaw,
  faultOf,
  fieldsOf,
  identityOf,
  prove,
  RawAgent,
  retrieveRoot,
} from './support/raw-agent.ts';
import { until } from './support/until.ts';

const WRONG = 'Not-the-passphrase-9';
const NEW_PASSPHRASE = 'Another-for-you-8';

let kma: TestKma;
before(async () => {
  kma = await TestKma.start({ bare: true });
  // Enough of people, groups and policies for agents to exist; no key is handed out here.
  await kma.letIn(OPERATOR, AUDITOR);
});
after(() => kma[Symbol.asyncDispose]());

async function createAgent(agent: string, input: object = {}): Promise<void> {
  await kma.ask('CreateAgent', { agent, passphrase: AGENT_PASSPHRASE, ...input }, OPERATOR);
}
const setPassphrase = (agent: string, passphrase = NEW_PASSPHRASE) =>
  kma.ask('SetAgentPassphrase', { agent, passphrase }, OPERATOR);

/** Whether the certificate is good for a call; the number of the fault where it is not. */
async function callWith(identity: RawAgent['identity']) {
  const answer = await callRaw(kma.ports, 'DiscoverCluster', {}, identity);
  return isFault(answer.response) ? faultOf(answer) : 'served';
}

async function audited(operation: string, severity: string): Promise<readonly string[]> {
  const events = await kma.rows<{ message: string }>(
    'ListAuditEvents',
    { filter: [`operation=${operation}`, `severity=${severity}`] },
    AUDITOR,
  );
  return events.map(({ message }) => message);
}

/** Each agent from an address of its own: failures of one source slow it down, whoever it names. */
function enrolFromOwnAddress(name: string, passphrase?: string) {
  const known = addresses.get(name) ?? `127.0.0.${10 + addresses.size}`;
  addresses.set(name, known);
  return enrolRaw(kma.ports, name, passphrase, { localAddress: known });
}
const addresses = new Map<string, string>();

test('the right passphrase gets a certificate of the root and its key, and the KMA proves itself too', async () => {
  await createAgent('right');
  const { root, request, answer } = await enrolFromOwnAddress('right');
  const { serverAuthenticationResponse } = fieldsOf(answer);
  const secret = await deriveSecret(Buffer.from(AGENT_PASSPHRASE), root.iterations);
  assert.deepEqual(
    Buffer.from(serverAuthenticationResponse),
    proof(secret, root.caPem, request.serverAuthenticationChallenge),
  );
  const identity = identityOf(root, answer);
  const certificate = new X509Certificate(identity.cert);
  assert.ok(certificate.verify(new X509Certificate(root.caPem).publicKey), 'issued by the root itself');
  assert.match(certificate.subject, /^CN=right$/m);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(identity.key)));
  assert.equal(await callWith(identity), 'served');
  assert.ok(
    (await audited('RetrieveEntityCertificate', 'success')).some((text) => text.includes('agent=right')),
  );
});

test('the wrong passphrase gets 1002 and no certificate, and the right one works after it', async () => {
  await createAgent('typo');
  assert.equal(faultOf((await enrolFromOwnAddress('typo', WRONG)).answer), 1002);
  assert.equal(await callWith((await RawAgent.enrol(kma.ports, 'typo')).identity), 'served');
});

test('a name nobody has gets a decoy that is stable and looks like any other', async () => {
  await createAgent('real');
  const known = await retrieveRoot(kma.ports, 'real');
  for (const name of ['nobody', 'Ünbekannt', '']) {
    const [first, second] = [await retrieveRoot(kma.ports, name), await retrieveRoot(kma.ports, name)];
    assert.equal(first.iterations, known.iterations);
    assert.equal(second.iterations, first.iterations);
    assert.equal(first.caPem, known.caPem);
    assert.equal(first.challenge.length, 20);
    assert.notDeepEqual(first.challenge, known.challenge);
  }
  assert.ok(known.iterations >= 40_000 && known.iterations <= 400_000);
});

test('unknown, wrong, disabled, deleted, modern only and spent are refused in the same bytes', async () => {
  await createAgent('wrong-one');
  await createAgent('disabled');
  await kma.ask('ModifyAgent', { agent: 'disabled', enabled: false }, OPERATOR);
  await createAgent('deleted');
  await kma.ask('DeleteAgent', { agent: 'deleted' }, OPERATOR);
  await createAgent('modern', { modernOnly: true });
  await createAgent('spent');
  await RawAgent.enrol(kma.ports, 'spent');
  const refusals = new Map<string, string>();
  for (const name of ['nobody', 'wrong-one', 'disabled', 'deleted', 'modern', 'spent']) {
    const { answer } = await enrolFromOwnAddress(name, name === 'wrong-one' ? WRONG : AGENT_PASSPHRASE);
    assert.equal(faultOf(answer), 1002, name);
    const headers = answer.headers.replace(/^Date: .*$/im, '');
    refusals.set(name, `${headers}\n${answer.xml}`);
  }
  assert.equal(new Set(refusals.values()).size, 1);
});

test('a modern-only agent is refused the old proof, and taken once that flag is off', async () => {
  await createAgent('was-modern', { modernOnly: true });
  assert.equal(faultOf((await enrolFromOwnAddress('was-modern')).answer), 1002);
  await kma.ask('ModifyAgent', { agent: 'was-modern', modernOnly: false }, OPERATOR);
  assert.equal(await callWith((await RawAgent.enrol(kma.ports, 'was-modern')).identity), 'served');
});

test('a one-time passphrase is spent by the first enrolment, whose certificate goes on', async () => {
  await createAgent('one-time');
  const first = await RawAgent.enrol(kma.ports, 'one-time');
  assert.equal(faultOf((await enrolFromOwnAddress('one-time')).answer), 1002);
  assert.equal(await callWith(first.identity), 'served');
});

test('of two enrolments at once with a one-time passphrase one succeeds', async () => {
  await createAgent('twins');
  const answers = await Promise.all([enrolFromOwnAddress('twins'), enrolFromOwnAddress('twins')]);
  const refused = answers.filter(({ answer }) => isFault(answer.response));
  assert.equal(refused.length, 1);
});

test('with one-time off the passphrase allows it again, and both certificates work', async () => {
  await createAgent('often', { oneTimePassphrase: false });
  const first = await RawAgent.enrol(kma.ports, 'often');
  const second = await RawAgent.enrol(kma.ports, 'often');
  assert.notEqual(first.identity.cert, second.identity.cert);
  assert.equal(await callWith(first.identity), 'served');
  assert.equal(await callWith(second.identity), 'served');
});

test('the identical request within 60 s gets the identical answer, side by side too, and is noted', async () => {
  await createAgent('lost-reply');
  const root = await retrieveRoot(kma.ports, 'lost-reply');
  const request = await prove(root, 'lost-reply', AGENT_PASSPHRASE);
  const [first, beside] = await Promise.all([
    certify(kma.ports, root, request),
    certify(kma.ports, root, request),
  ]);
  const later = await certify(kma.ports, root, request);
  fieldsOf(first);
  assert.equal(beside.xml, first.xml);
  assert.equal(later.xml, first.xml);
  const other = { ...request, serverAuthenticationChallenge: randomBytes(20) };
  assert.equal(faultOf(await certify(kma.ports, root, other)), 1002, 'another pair is another request');
  const notes = await kma.rows<object>(
    'ListAuditEvents',
    { filter: ['operation=NoteRepeatedEnrolment'] },
    AUDITOR,
  );
  assert.equal(notes.length, 1, 'once for each proof');
});

test('a proof is good for its own agent, challenge and root only', async () => {
  await createAgent('one');
  await createAgent('two');
  const root = await retrieveRoot(kma.ports, 'one');
  const request = await prove(root, 'one', AGENT_PASSPHRASE);
  assert.equal(faultOf(await certify(kma.ports, root, { ...request, entityId: 'two' })), 1002);
  const invented = await prove({ ...root, challenge: randomBytes(20) }, 'one', AGENT_PASSPHRASE);
  assert.equal(faultOf(await certify(kma.ports, root, invented)), 1002);
  fieldsOf(await certify(kma.ports, root, request));
});

test('the proof is disabled after the limit, while the enrolled agent goes on; a new passphrase helps', async () => {
  await createAgent('guessed', { oneTimePassphrase: false });
  const enrolled = await RawAgent.enrol(kma.ports, 'guessed');
  const { loginAttemptLimit } = await kma.ask<Record<string, number>>('ShowSecurityParameters', {}, AUDITOR);
  for (let i = 0; i < Number(loginAttemptLimit); i++)
    assert.equal(faultOf((await enrolFromOwnAddress('guessed', WRONG)).answer), 1002);
  const agents = await kma.rows<{ agent: string; passphraseUsable: boolean }>('ListAgents', {}, OPERATOR);
  assert.equal(agents.find(({ agent }) => agent === 'guessed')?.passphraseUsable, false);
  assert.deepEqual(await audited('DisablePassphraseProof', 'warning'), [
    `agent=guessed failures=${loginAttemptLimit}`,
  ]);
  assert.equal(
    faultOf((await enrolFromOwnAddress('guessed')).answer),
    1002,
    'the right passphrase, too late',
  );
  assert.equal(await callWith(enrolled.identity), 'served');
  await setPassphrase('guessed');
  fieldsOf((await enrolFromOwnAddress('guessed', NEW_PASSPHRASE)).answer);
});

test('failures below the limit are forgiven by a success', async () => {
  await createAgent('forgiven', { oneTimePassphrase: false });
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++)
      assert.equal(faultOf((await enrolFromOwnAddress('forgiven', WRONG)).answer), 1002);
    fieldsOf((await enrolFromOwnAddress('forgiven')).answer);
  }
});

test('a new passphrase revokes the certificate, the old passphrase and the kept answer', async () => {
  await createAgent('renewed');
  const { root, request, answer } = await enrolFromOwnAddress('renewed');
  const before = identityOf(root, answer);
  assert.equal(await callWith(before), 'served');
  await setPassphrase('renewed');
  assert.equal(await callWith(before), 1000);
  assert.equal(faultOf(await certify(kma.ports, root, request)), 1002, 'the identical request of before');
  assert.equal(faultOf((await enrolFromOwnAddress('renewed')).answer), 1002, 'the old passphrase');
  const again = await enrolFromOwnAddress('renewed', NEW_PASSPHRASE);
  assert.equal(await callWith(identityOf(again.root, again.answer)), 'served');
  assert.equal(await callWith(before), 1000);
});

test('a passphrase with umlauts counts as its UTF-8 bytes, and a name with them as well', async () => {
  await kma.ask('CreateAgent', { agent: 'Läufwerk', passphrase: 'Grüß-Gott-77' }, OPERATOR);
  const { root, answer } = await enrolFromOwnAddress('Läufwerk', 'Grüß-Gott-77');
  assert.equal(await callWith(identityOf(root, answer)), 'served');
});

test('what is sent is what old agents can read: canonical PEM, PKCS#1 key, 2048 bits', async () => {
  await createAgent('old-one');
  const { root, answer } = await enrolFromOwnAddress('old-one');
  const { cert, key } = identityOf(root, answer);
  assert.equal(root.caPem, canonicalPem(root.caPem));
  assert.equal(cert, canonicalPem(cert));
  assert.match(key, /^-----BEGIN RSA PRIVATE KEY-----\n[^:]*\n-----END RSA PRIVATE KEY-----\n$/);
  assert.equal(createPrivateKey(key).asymmetricKeyDetails?.modulusLength, 2048);
  for (const pem of [root.caPem, cert, key]) assert.ok(Buffer.byteLength(pem) <= 4095);
});

test('the clock of the CA service is the time in UTC', async () => {
  const answer = await callRaw(kma.ports, 'RetrieveLocalClock', { entityId: 'whoever' });
  assert.match(answer.xml, /<CurrentTime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<\/CurrentTime>/);
  assert.ok(Math.abs(fieldsOf(answer).currentTime - Date.now()) < 60_000);
});

test('a locked KMA enrols nobody (1018) but still gives the root, and enrols after unlocking', async () => {
  await createAgent('waiting');
  const core = kma.kma.pids().get('core');
  await kma.ask('LockKma', {}, OFFICER);
  await until('another core has taken over', () => kma.kma.pids().get('core') !== core && kma.kma.locked());
  for (const name of ['waiting', 'nobody']) {
    const { answer } = await until('the locked core answers', () => enrolFromOwnAddress(name));
    assert.equal(faultOf(answer), 1018, name);
  }
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
  assert.equal(await callWith((await RawAgent.enrol(kma.ports, 'waiting')).identity), 'served');
});
