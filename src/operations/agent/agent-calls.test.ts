/** The agents' calls around keys: groups, key wrapping keys, their own audit records. */
import assert from 'node:assert/strict';
import { constants, publicEncrypt, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { OPERATIONS, type QueryParameters, type Requests } from '@openkma/protocol';
import { removed } from '../../core/facts.ts';
import { pageProofOperations, proofOperations } from '../proof/index.ts';
import { AgentWorld } from './agent-world.fixture.ts';
import { createAuditLog } from './create-audit-log.ts';
import { agentOperations } from './index.ts';
import { getAgentKwkPublicKey, registerAgentKwk } from './key-wrapping-key.ts';
import { listKeyGroups } from './list-key-groups.ts';

const QUERY: QueryParameters = {
  nextPageSize: 100,
  sortFieldName: '',
  sortOrder: 'SORT-ORDER-ASCENDING',
  filterParameters: [],
  previousPageLastIdValue: '',
  previousPageLastSortFieldValue: '',
};
const query = (given: Partial<QueryParameters> = {}) => ({ queryParameters: { ...QUERY, ...given } });

test('every operation of the wire is here once, under its own name', () => {
  const names = [...agentOperations, ...proofOperations].map(({ name }) => name).sort();
  assert.deepEqual(names, Object.keys(OPERATIONS).sort());
});

test('only what must work while locked does not need the KMA unlocked', () => {
  assert.deepEqual(
    [...agentOperations, ...proofOperations]
      .filter(({ needsUnlocked }) => !needsUnlocked)
      .map(({ name }) => name),
    ['RetrieveRootCACertificate', 'RetrieveLocalClock', 'DiscoverCluster', 'BeginProof', 'LogInUser'],
  );
});

test('strangers reach the proofs of ports 3331 and 3332, that of a page, and nothing else', () => {
  assert.deepEqual(
    [...agentOperations, ...proofOperations, ...pageProofOperations]
      .filter(({ callers }) => callers !== 'agent')
      .map(({ name, callers }) => [name, callers]),
    [
      ['RetrieveRootCACertificate', 'stranger'],
      ['RetrieveLocalClock', 'stranger'],
      ['RetrieveEntityCertificate', 'stranger'],
      ['BeginProof', 'stranger'],
      ['EnrolAgent', 'stranger'],
      ['EnrolKma', 'stranger'],
      ['LogInUser', 'stranger'],
      ['LogInWeb', 'stranger'],
    ],
  );
});

test('lists an agent’s groups, the default first, the others by name', async () => {
  const world = new AgentWorld();
  const groups = [world.group('m', 'default & more'), world.group('z'), world.group('a')];
  world.group('foreign');
  const agent = world.agent('drive-1', groups);
  const reply = await world.given(listKeyGroups, query(), agent);
  assert.deepEqual(reply.keyGroups, [
    { keyGroupId: 'm', description: 'default & more' },
    { keyGroupId: 'a', description: '' },
    { keyGroupId: 'z', description: '' },
  ]);
  assert.deepEqual([reply.lastPage, reply.nextPageQueryParameters.nextPageSize], [true, 100]);
  world.commit([removed('key_group', groups[1] ?? '')]);
  assert.equal((await world.given(listKeyGroups, query(), agent)).keyGroups.length, 2);
});

test('pages through the groups with what the page before says', async () => {
  const world = new AgentWorld();
  const agent = world.agent(
    'drive-1',
    ['d', 'a', 'b', 'c', 'e'].map((name) => world.group(name)),
  );
  const seen: string[] = [];
  let next = query({ nextPageSize: 2 });
  for (;;) {
    const reply = await world.given(listKeyGroups, next, agent);
    seen.push(...reply.keyGroups.map(({ keyGroupId }) => keyGroupId));
    if (reply.lastPage) break;
    next = { queryParameters: reply.nextPageQueryParameters };
  }
  assert.deepEqual(seen, ['d', 'a', 'b', 'c', 'e']);
});

test('an agent without groups has an empty last page', async () => {
  const world = new AgentWorld();
  const reply = await world.given(listKeyGroups, query(), world.agent('drive-1'));
  assert.deepEqual([reply.keyGroups, reply.lastPage], [[], true]);
});

test('shows at most 100 groups in a page, whatever is asked for', async () => {
  const world = new AgentWorld();
  const agent = world.agent(
    'drive-1',
    Array.from({ length: 101 }, (_, i) => world.group(`g${i}`)),
  );
  const asked = async (nextPageSize: number) => {
    const reply = await world.given(listKeyGroups, query({ nextPageSize }), agent);
    return [reply.keyGroups.length, reply.lastPage];
  };
  assert.deepEqual(
    [await asked(9999), await asked(-1)],
    [
      [100, false],
      [1, false],
    ],
  );
});

test('of two groups with one name the later is shown with a mark', async () => {
  const world = new AgentWorld();
  const groups = [world.group('x'), world.group('x')];
  const reply = await world.given(listKeyGroups, query(), world.agent('drive-1', groups));
  assert.deepEqual(
    reply.keyGroups.map(({ keyGroupId }) => keyGroupId),
    ['x', `x~${groups[1]?.slice(-4)}`],
  );
});

test('refuses sorting and filters rather than ignore them', async () => {
  const world = new AgentWorld();
  const agent = world.agent('drive-1');
  const filter = { fieldName: 'a', filterOperator: 'FILTER-OPERATOR-EQUAL', fieldValue: 'b' } as const;
  for (const given of [{ sortFieldName: 'x' }, { filterParameters: [filter] }])
    assert.equal(await world.refused(listKeyGroups, query(given), agent), 'AGENT_INVALID_PARAMETERS');
});

test('takes a key wrapping key under its public key and remembers it for this agent', async () => {
  const world = new AgentWorld();
  const agent = world.agent('drive-1');
  const { kwkPublicKey } = await world.given(getAgentKwkPublicKey, {}, agent);
  const kwk = randomBytes(32);
  const key = { key: Buffer.from(kwkPublicKey).toString(), padding: constants.RSA_PKCS1_PADDING };
  const { output, decision } = await world.accepted(
    registerAgentKwk,
    { agentKwk: publicEncrypt(key, kwk) },
    agent,
  );
  assert.match(output.agentKwkId, /^[0-9A-F]{16}$/);
  const [effect] = decision.effects ?? [];
  assert.ok(effect?.effect === 'remember-kwk');
  assert.deepEqual([effect.kwkId, effect.agentId], [output.agentKwkId, agent]);
  assert.deepEqual(effect.kwk.reveal(), kwk);
});

test('answers a ciphertext that does not decrypt like any other', async () => {
  const world = new AgentWorld();
  const agent = world.agent('drive-1');
  const { agentKwkId } = await world.given(registerAgentKwk, { agentKwk: randomBytes(256) }, agent);
  assert.match(agentKwkId, /^[0-9A-F]{16}$/);
  for (const agentKwk of [new Uint8Array(0), new Uint8Array(513), 'text'])
    assert.equal(await world.refused(registerAgentKwk, { agentKwk }, agent), 'AGENT_INVALID_PARAMETERS');
});

const record = (given: Partial<Requests['CreateAuditLog']> = {}) => ({
  retention: 'AUDIT-LOG-LONG-TERM-RETENTION',
  condition: 'AUDIT-LOG-WARNING-CONDITION',
  issueAlert: true,
  message: 'tape is worn',
  ...given,
});

test('writes an agent’s record with its own term, severity and text', async () => {
  const world = new AgentWorld();
  const agent = world.agent('drive-1');
  const { decision } = await world.accepted(createAuditLog, record(), agent);
  assert.deepEqual(decision.audit, {
    severity: 'warning',
    condition: 'Warning reported by the agent',
    message: 'alert=true message=tape is worn',
    retention: 'long',
  });
  assert.equal(createAuditLog.audit.class, 'Agent Client');
});

test('refuses records without text, with too much, or that are not to be kept', async () => {
  const world = new AgentWorld();
  const agent = world.agent('drive-1');
  const bad: Partial<Requests['CreateAuditLog']>[] = [
    { message: '' },
    { message: 'x'.repeat(8193) },
    { retention: 'AUDIT-LOG-ZERO-RETENTION' },
  ];
  for (const given of bad)
    assert.equal(await world.refused(createAuditLog, record(given), agent), 'AGENT_INVALID_PARAMETERS');
  assert.equal(await world.refused(createAuditLog, record({ message: 'x'.repeat(8192) }), agent), 'accepted');
});
