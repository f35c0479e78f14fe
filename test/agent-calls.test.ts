/** The agent service on a whole KMA, by raw SOAP over mutual TLS: who may call, data units, key groups, the audit call and key wrapping keys (protocol 6 to 9). */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { OperationOf, Responses } from '@openkma/protocol';
import { KeyForm } from './support/key-form.ts';
import { AUDITOR, COMPLIANCE, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { faultOf, RawAgent, unitOf } from './support/raw-agent.ts';
import { soapCall } from './support/soap.ts';
import {
  externalId,
  EMPTY_ABOUT as NOTHING,
  QUERY,
  RECORD,
  type SoundRequests,
  soundRequests,
} from './support/sound-requests.ts';
import { until } from './support/until.ts';

type AgentCall = OperationOf<'agent'>;

let kma: TestKma;
let agent: RawAgent;
before(async () => {
  kma = await TestKma.start();
  agent = await RawAgent.create(kma, 'drive');
});
after(() => kma[Symbol.asyncDispose]());

async function faultsOf(caller: RawAgent, requests: SoundRequests) {
  const seen = new Set<number | string>();
  for (const name of Object.keys(requests) as AgentCall[])
    seen.add(await caller.refusal(name, requests[name]));
  return [...seen];
}

test('each of the operations is served to an enrolled agent', async () => {
  const requests = await soundRequests(agent);
  const names = Object.keys(requests) as AgentCall[];
  // With DiscoverCluster, of the discovery service, they are the protocol's seventeen that an enrolled agent can call, and one of ours.
  assert.equal(names.length + 1, 17 + 1);
  for (const name of names) await agent.call(name, requests[name]);
  await agent.call('DiscoverCluster', {});
});

test('a disabled agent gets 1000 for everything, and is served again when it is enabled', async () => {
  const caller = await RawAgent.create(kma, 'on-off');
  const requests = await soundRequests(caller);
  await kma.ask('ModifyAgent', { agent: 'on-off', enabled: false }, OPERATOR);
  assert.deepEqual(await faultsOf(caller, requests), [1000]);
  assert.equal(await caller.refusal('DiscoverCluster', {}), 1000);
  await kma.ask('ModifyAgent', { agent: 'on-off', enabled: true }, OPERATOR);
  await caller.call('CreateKey', requests.CreateKey);
});

test('a deleted agent gets 1000 for everything, and its name in new hands does not revive it', async () => {
  const caller = await RawAgent.create(kma, 'gone');
  const requests = await soundRequests(caller);
  await kma.ask('DeleteAgent', { agent: 'gone' }, OPERATOR);
  assert.deepEqual(await faultsOf(caller, requests), [1000]);
  assert.equal(await caller.refusal('DiscoverCluster', {}), 1000);
  const heir = await RawAgent.create(kma, 'gone');
  await heir.createKey();
  assert.equal(await caller.refusal('CreateKey', requests.CreateKey), 1000);
});

test('an unknown operation, or one of another service, is refused by number, and first children alone count', async () => {
  const envelope = (content: string) =>
    `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:K="http://www.sun.com/KMS/KMS-Agent" xmlns:D="http://www.sun.com/KMS/KMS-Discovery"><SOAP-ENV:Body>${content}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
  const send = async (content: string) => {
    const { ports, identity } = agent;
    const answer = await soapCall({ port: ports.agent, body: envelope(content), identity });
    return /<faultstring>(\d+)/.exec(answer.body.toString())?.[1] ?? answer.status;
  };
  assert.equal(await send('<K:MakeCoffee/>'), '1134');
  assert.equal(await send('<D:DiscoverCluster/>'), '1134');
  assert.equal(await send('<K:DiscoverCluster/>'), '1134');
  assert.equal(await send('<K:GetAgentKWKPublicKey/><K:MakeCoffee/>'), 200);
  assert.equal(await send('<K:MakeCoffee/><K:GetAgentKWKPublicKey/>'), '1134');
});

test('CreateDataUnit: what is given is kept and shown, with an ID of the KMA; a second external ID is 1015', async () => {
  const externalUniqueId = externalId();
  const given = { externalUniqueId, externalTag: 'VOL001', description: 'Beschreibung ä & <b>' };
  const { dataUnit } = await agent.call('CreateDataUnit', given);
  assert.match(dataUnit.dataUnitId, /^[0-9A-F]{32}$/);
  assert.deepEqual(dataUnit, { ...given, dataUnitId: dataUnit.dataUnitId, state: 'DATA-UNIT-STATE-NO-KEY' });
  assert.equal(await agent.refusal('CreateDataUnit', given), 1015);
  const lower = { ...given, externalUniqueId: externalUniqueId.toLowerCase() };
  assert.equal(await agent.refusal('CreateDataUnit', lower), 1015);
  const other = await agent.createUnit();
  assert.notEqual(other, await agent.createUnit(), 'units without an external ID are units of their own');
});

test('RetrieveDataUnit: fills what is empty, overwrites nothing, and creates what is unknown', async () => {
  const dataUnitId = await agent.createUnit();
  const [first, second] = [externalId(), externalId()];
  const named = { externalUniqueId: first, externalTag: 'tag', description: 'first' };
  const retrieve = async (fields: typeof named, id = dataUnitId) =>
    (await agent.call('RetrieveDataUnit', { dataUnitId: id, ...fields })).dataUnit;
  const filled = { dataUnitId, ...named, state: 'DATA-UNIT-STATE-NO-KEY' };
  assert.deepEqual(await retrieve(named), filled);
  assert.deepEqual(await retrieve({ externalUniqueId: '', externalTag: 'x', description: 'y' }), filled);
  assert.deepEqual(await retrieve({ externalUniqueId: second, externalTag: '', description: '' }), filled);
  const unknown = randomBytes(16).toString('hex').toUpperCase();
  const made = await retrieve({ externalUniqueId: second, ...NOTHING }, unknown.toLowerCase());
  assert.deepEqual(made, { ...filled, dataUnitId: unknown, externalUniqueId: second, ...NOTHING });
});

test('RetrieveDataUnit: an external ID of another unit is 1015, or 1011 where the unit is unknown', async () => {
  const externalUniqueId = externalId();
  await agent.createUnit(externalUniqueId);
  const fields = { externalUniqueId, ...NOTHING };
  const known = await agent.createUnit();
  assert.equal(await agent.refusal('RetrieveDataUnit', { dataUnitId: known, ...fields }), 1015);
  const unknown = randomBytes(16).toString('hex');
  assert.equal(await agent.refusal('RetrieveDataUnit', { dataUnitId: unknown, ...fields }), 1011);
});

test('RetrieveDataUnitByExternalUniqueID: creates once, then finds, and a lookup overwrites nothing', async () => {
  const externalUniqueId = externalId();
  const call = async (externalTag: string, description: string, id = externalUniqueId) =>
    (
      await agent.call('RetrieveDataUnitByExternalUniqueID', {
        externalUniqueId: id,
        externalTag,
        description,
      })
    ).dataUnit;
  const made = await call('label', 'PKCS#11v2.20: 041f20001080060d7000');
  assert.equal(made.description, 'PKCS#11v2.20: 041f20001080060d7000');
  assert.deepEqual(await call('label', 'Oracle PKCS11/KMS'), made);
  assert.deepEqual(await call('', '', externalUniqueId.toLowerCase()), made);
});

test('identifiers that are none have their own numbers: 1013, 1014, 1016, and an unknown unit is 1020', async () => {
  for (const dataUnitId of ['', 'AB', 'X'.repeat(32), 'A'.repeat(33), `${'A'.repeat(31)} `])
    assert.equal(
      await agent.refusal('RetrieveDataUnit', { dataUnitId, externalUniqueId: '', ...NOTHING }),
      1013,
      dataUnitId,
    );
  for (const externalUniqueId of ['A', 'XY', 'AB'.repeat(33), 'A B '])
    assert.equal(await agent.refusal('CreateDataUnit', { externalUniqueId, ...NOTHING }), 1016);
  const empty = { externalUniqueId: '', ...NOTHING };
  assert.equal(await agent.refusal('RetrieveDataUnitByExternalUniqueID', empty), 1016);
  const retrieve = { dataUnit: unitOf(''), keyGroupId: '' };
  for (const keyId of ['', 'AB', 'X'.repeat(60)])
    assert.equal(await agent.refusal('RetrieveKey', { keyId, ...retrieve }), 1014);
  const unknown = unitOf(randomBytes(16).toString('hex'));
  assert.equal(await agent.refusal('DisassociateDataUnitKeys', { dataUnit: unknown }), 1020);
  const page = { dataUnit: unknown, pageSize: 1, pageOffset: 0 };
  assert.equal(await agent.refusal('RetrieveDataUnitKeys', page), 1020);
});

test('texts are kept whole and shown to agents in 64 bytes, cut between characters', async () => {
  const [tag, description] = ['ä'.repeat(64), `x${'€'.repeat(63)}`];
  const { dataUnit } = await agent.call('CreateDataUnit', {
    externalUniqueId: '',
    externalTag: tag,
    description,
  });
  assert.equal(dataUnit.externalTag, 'ä'.repeat(32));
  assert.equal(dataUnit.description, `x${'€'.repeat(21)}`);
  const { dataUnitId } = dataUnit;
  const kept = await kma.ask<{ externalTag: string; description: string }>(
    'ShowDataUnit',
    { dataUnitId },
    OPERATOR,
  );
  assert.deepEqual([kept.externalTag, kept.description], [tag, description]);
  for (const tooLong of ['a'.repeat(65), '🔑'.repeat(65)])
    assert.equal(
      await agent.refusal('CreateDataUnit', { externalUniqueId: '', externalTag: tooLong, description: '' }),
      1008,
    );
});

test('a key group whose name is cut for agents is found by what they were shown', async () => {
  const group = 'Schlüssel-für-Bänder-'.repeat(3).slice(0, 64);
  await kma.ask('CreateKeyGroup', { group, policy: 'years', description: 'ß'.repeat(64) }, COMPLIANCE);
  const caller = await RawAgent.create(kma, 'cut');
  await kma.ask('AssignKeyGroup', { agent: 'cut', group }, COMPLIANCE);
  const { keyGroups } = await caller.call('ListKeyGroups', { queryParameters: QUERY });
  const [, long] = keyGroups;
  assert.ok(long !== undefined && group.startsWith(long.keyGroupId) && long.keyGroupId !== group);
  for (const text of [long.keyGroupId, long.description]) assert.ok(Buffer.byteLength(text) <= 64);
  assert.equal((await caller.createKey('', long.keyGroupId)).keyGroupId, long.keyGroupId);
});

test("ListKeyGroups: the agent's own groups and no others, its default first, in pages", async () => {
  const caller = await RawAgent.create(kma, 'pages');
  for (const group of ['alpha', 'zeta']) {
    await kma.ask('CreateKeyGroup', { group, policy: 'years', description: `the ${group}` }, COMPLIANCE);
    await kma.ask('AssignKeyGroup', { agent: 'pages', group }, COMPLIANCE);
  }
  const list = (queryParameters: typeof QUERY): Promise<Responses['ListKeyGroups']> =>
    caller.call('ListKeyGroups', { queryParameters });
  const all = await list(QUERY);
  assert.deepEqual(
    all.keyGroups.map(({ keyGroupId }) => keyGroupId),
    ['group-a', 'alpha', 'zeta'],
  );
  assert.deepEqual(all.keyGroups.at(-1), { keyGroupId: 'zeta', description: 'the zeta' });
  assert.equal(all.lastPage, true);
  const paged: string[] = [];
  for (let query = { ...QUERY, nextPageSize: 2 }, last = false; !last; ) {
    const page = await list(query);
    paged.push(...page.keyGroups.map(({ keyGroupId }) => keyGroupId));
    assert.ok(page.keyGroups.length <= 2);
    [query, last] = [page.nextPageQueryParameters, page.lastPage];
  }
  assert.deepEqual(paged, ['group-a', 'alpha', 'zeta']);
  const sorted = { queryParameters: { ...QUERY, sortFieldName: 'Description' } };
  assert.equal(await caller.refusal('ListKeyGroups', sorted), 1008);
});

test('CreateAuditLog: the message is kept with its term and severity, and bounds are 1008', async () => {
  const terms = { LONG: 'long', MEDIUM: 'medium', SHORT: 'short' } as const;
  for (const [name, term] of Object.entries(terms)) {
    const retention = `AUDIT-LOG-${name as keyof typeof terms}-TERM-RETENTION` as const;
    const condition = 'AUDIT-LOG-WARNING-CONDITION';
    await agent.call('CreateAuditLog', { ...RECORD, retention, condition, message: `note in ${name} 🔑` });
    const search = { filter: ['operation=CreateAuditLog', `term=${term}`, 'severity=warning'] };
    const [newest] = await kma.rows<{ message: string }>('ListAuditEvents', search, AUDITOR);
    assert.ok(newest?.message.includes(`note in ${name} 🔑`));
  }
  await agent.call('CreateAuditLog', { ...RECORD, message: '€'.repeat(8192) });
  for (const message of ['', '€'.repeat(8193)])
    assert.equal(await agent.refusal('CreateAuditLog', { ...RECORD, message }), 1008);
  const retention = 'AUDIT-LOG-ZERO-RETENTION';
  assert.equal(await agent.refusal('CreateAuditLog', { ...RECORD, retention }), 1008);
});

test('key wrapping keys: several of one agent serve at once, an unknown ID is 1135, a foreign one 1136', async () => {
  const forms = [await KeyForm.of('wrapped', agent), await KeyForm.of('wrapped', agent)];
  for (const form of [...forms, ...forms]) assert.match((await form.create()).hex, /^[0-9a-f]{64}$/);
  const other = await RawAgent.create(kma, 'other');
  const { id: foreign } = await other.registerKwk();
  const requests = await soundRequests(agent);
  const before = await kma.ask<{ keysUnissued: number }>('ShowStatus', {});
  const wrapped = Object.keys(requests).filter((name) => name.endsWith('2')) as 'CreateKey2'[];
  assert.equal(wrapped.length, 4);
  for (const name of wrapped) {
    for (const agentKwkId of ['', 'AB', '0123456789ABCDEF', 'X'.repeat(16)])
      assert.equal(
        await agent.refusal(name, { ...requests[name], agentKwkId }),
        1135,
        `${name} ${agentKwkId}`,
      );
    assert.equal(await agent.refusal(name, { ...requests[name], agentKwkId: foreign }), 1136, name);
  }
  const after = await kma.ask<{ keysUnissued: number }>('ShowStatus', {});
  assert.ok(after.keysUnissued >= before.keysUnissued, 'no key was used up');
});

test('a wrapping key that does not decrypt gets an ID like any other, and the KMA goes on', async () => {
  for (const agentKwk of [randomBytes(256), randomBytes(255), Buffer.alloc(1), Buffer.alloc(256, 0xff)]) {
    const { agentKwkId } = await agent.call('RegisterAgentKWK', { agentKwk });
    assert.match(agentKwkId, /^[0-9A-F]{16}$/);
    await agent.call('CreateKey2', { dataUnit: unitOf(''), keyGroupId: '', agentKwkId });
  }
});

test('a locked KMA answers 1018 to every call, says so in discovery, and serves again once unlocked', async () => {
  const requests = await soundRequests(agent);
  const core = kma.kma.pids().get('core');
  await kma.ask('LockKma', {}, OFFICER);
  await until('another core has taken over', () => kma.kma.pids().get('core') !== core && kma.kma.locked());
  await until('it answers', () => agent.call('DiscoverCluster', {}));
  assert.deepEqual(await faultsOf(agent, requests), [1018]);
  const { clusterMembers } = await agent.call('DiscoverCluster', {});
  assert.deepEqual(
    clusterMembers.map(({ locked, responding }) => [locked, responding]),
    [[true, true]],
  );
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
  const { xml } = await agent.answer('DiscoverCluster', {});
  assert.match(xml, / KMS-Discovery:Locked="false"/);
  await agent.createKey();
  assert.equal(faultOf(await agent.answer('CreateKey2', requests.CreateKey2)), 1135, 'wrapping keys died');
});
