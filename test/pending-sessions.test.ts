/** Pending operations over port 3333: submitted in one session, approved by two people in two others, with credentials that only the core can read. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { publicKeySha256, sealCredentials } from '@openkma/protocol';
import { HOLDERS, OFFICER, OPERATOR, type Person, QUORUM, TestKma } from './support/kma.ts';
import { ManagerConnection, newManagerKey } from './support/manager.ts';
import { exchange } from './support/modern-proof.ts';

const MEMBERS = ['quentin', 'quincy'].map((name) => ({ name, passphrase: 'Signs-with-others-9' }));
const [QUENTIN, QUINCY] = MEMBERS as [Person, Person];
const [ONE, TWO] = HOLDERS as [Person, Person];

const kma = await TestKma.start();
const open: ManagerConnection[] = [];
after(() => kma[Symbol.asyncDispose]());
/** A KMA serves ten managers at a time. */
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});
for (const { name, passphrase } of MEMBERS)
  await kma.ask('CreateUser', { user: name, roles: ['QUORUM_MEMBER'], passphrase }, OFFICER, QUORUM);

/** Somebody's own session, and how its client seals. */
async function session(person: Person) {
  const key = await newManagerKey();
  const { first } = await exchange(kma.ports, 'user', person.name, person.passphrase, { key });
  const connection = ManagerConnection.of(kma, key);
  open.push(connection);
  const seal = (operation: string, input: object, credentials: readonly Person[]) => {
    const request = { clientKeySha256: publicKeySha256(key.spki), operation, input };
    return sealCredentials(first.oneTimePublicKey, request, credentials).toString('base64');
  };
  return {
    send: connection.send.bind(connection),
    seal,
    show: async (place: string) => (await connection.send('GET', place)).body as Shown,
    approve(place: string, textSha256: string, credentials: readonly Person[]) {
      const input = { pendingId: place.split('/').at(-1), textSha256 };
      const quorum = seal('ApprovePendingOperation', input, credentials);
      return connection.send('POST', `${place}/approvals`, { body: { textSha256, quorum } });
    },
  };
}
interface Shown {
  readonly text: string;
  readonly textSha256: string;
  readonly state: string;
  readonly counting: number;
}
const USER = `/v1/users/${OPERATOR.name}`;
const ANY = { 'If-Match': '*' };
const codeOf = ({ body }: { readonly body: unknown }) => (body as { code?: string } | null)?.code;

/** Where what waits is found. */
async function submitted(body: object): Promise<string> {
  const { send } = await session(OFFICER);
  const answer = await send('PATCH', USER, { headers: ANY, body });
  assert.equal(answer.status, 202, answer.text);
  return String(answer.headers['location']);
}

test('a pending operation is approved by two people in two sessions', async () => {
  const place = await submitted({ roles: ['OPERATOR', 'AUDITOR'] });
  const [first, second] = [await session(QUENTIN), await session(QUINCY)];
  const { text, textSha256 } = await first.show(place);
  assert.match(text, /Roles: OPERATOR -> OPERATOR, AUDITOR/);
  const waits = await first.approve(place, textSha256, [ONE]);
  assert.deepEqual([waits.status, (waits.body as { executed: boolean }).executed], [200, false], waits.text);
  assert.equal((await second.show(place)).counting, 1);
  const done = await second.approve(place, textSha256, [TWO]);
  assert.equal((done.body as { executed: boolean }).executed, true, done.text);
  assert.equal((await second.show(place)).state, 'executed');
  const { send } = await session(OFFICER);
  assert.deepEqual(((await send('GET', USER)).body as { roles: string[] }).roles, ['OPERATOR', 'AUDITOR']);
});

test('one that was altered meanwhile voids its approvals', async () => {
  const place = await submitted({ enabled: false });
  const [first, second] = [await session(QUENTIN), await session(QUINCY)];
  const { textSha256 } = await first.show(place);
  assert.equal((await first.approve(place, textSha256, [ONE])).status, 200);
  await kma.ask('ModifyUser', { user: OPERATOR.name, description: 'night shift' }, OFFICER, QUORUM);
  const late = await second.approve(place, textSha256, [TWO]);
  assert.deepEqual([late.status, codeOf(late)], [409, 'PENDING_CHANGED']);
  const now = await second.show(place);
  assert.equal(now.counting, 0);
  const again = await second.approve(place, now.textSha256, [TWO]);
  assert.equal((again.body as { executed: boolean }).executed, false);
  assert.equal((await second.send('DELETE', place)).status, 204);
});

test('with a whole quorum it is done at once; the same box does nothing twice, and nothing else', async () => {
  const { send, seal } = await session(OFFICER);
  const input = { user: OPERATOR.name, description: 'day shift' };
  const quorum = seal('ModifyUser', input, QUORUM);
  const change = (body: object) => send('PATCH', USER, { headers: ANY, body: { ...body, quorum } });
  const other = await change({ description: 'no shift' });
  assert.deepEqual([other.status, codeOf(other)], [400, 'INVALID_PARAMETERS']);
  assert.equal((await change({ description: 'day shift' })).status, 204);
  assert.equal(codeOf(await change({ description: 'day shift' })), 'INVALID_PARAMETERS');
  const stranger = await session(OFFICER);
  const moved = await stranger.send('PATCH', USER, {
    headers: ANY,
    body: { description: 'day shift', quorum: seal('ModifyUser', input, QUORUM) },
  });
  assert.equal(codeOf(moved), 'INVALID_PARAMETERS');
});

test('a wrong credential is refused without a word on which, and nothing waits', async () => {
  const { send, seal } = await session(OFFICER);
  const given = { user: OPERATOR.name, enabled: false };
  const quorum = seal('ModifyUser', given, [ONE, { name: TWO.name, passphrase: 'Wrong-part-7' }]);
  const answer = await send('PATCH', USER, { headers: ANY, body: { enabled: false, quorum } });
  assert.deepEqual([answer.status, codeOf(answer)], [403, 'QUORUM_NOT_MET']);
  assert.ok(!answer.text.includes('holder'));
  const waiting = await (await session(QUENTIN)).send('GET', '/v1/pending-operations');
  assert.deepEqual(waiting.body, { rows: [], next: null });
});

test('a core that was started anew knows the session and no longer what was sealed in it', async () => {
  const { send, seal } = await session(OFFICER);
  await kma.stop();
  await kma.resume();
  const given = { user: OPERATOR.name, enabled: false };
  const quorum = seal('ModifyUser', given, QUORUM);
  const answer = await send('PATCH', USER, { headers: ANY, body: { enabled: false, quorum } });
  assert.deepEqual([answer.status, codeOf(answer)], [409, 'SEALING_KEY_UNKNOWN']);
});

test('the key split is changed over the network, with old and new credentials that no front can read', async () => {
  const { send, seal } = await session(OFFICER);
  const people = ['dora', 'emil'].map((name) => ({
    name,
    passphrase: 'Split-once-more-8',
    new: true as const,
  }));
  const change = (credentials: readonly Person[]) => {
    const quorum = seal('ModifyKeySplit', { threshold: 2 }, credentials);
    return send('PUT', '/v1/key-split', { headers: ANY, body: { threshold: 2, quorum } });
  };
  assert.equal(codeOf(await change([ONE, ...people])), 'QUORUM_NOT_MET', 'it cannot wait');
  const done = await change([...QUORUM, ...people]);
  assert.equal(done.status, 204, done.text);
  const shown = (await send('GET', '/v1/key-split')).body as { names: string[] };
  assert.deepEqual(shown.names, ['dora', 'emil']);
});
