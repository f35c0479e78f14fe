/** The four key calls on a whole KMA, each rule for the plain and the wrapped form: groups, states, associations, paging (protocol 6.2 and 8). */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { FORMS, KeyForm, type SeenKey } from './support/key-form.ts';
import { AUDITOR, BACKUP, COMPLIANCE, OPERATOR, TestKma } from './support/kma.ts';
import { RawAgent, unitOf } from './support/raw-agent.ts';
import { until } from './support/until.ts';

let kma: TestKma;
let agent: RawAgent;
before(async () => {
  kma = await TestKma.start();
  agent = await RawAgent.create(kma, 'drive');
  const policy = (name: string, encryptionPeriod: string, cryptoperiod: string) =>
    kma.ask('CreateKeyPolicy', { policy: name, encryptionPeriod, cryptoperiod }, COMPLIANCE);
  await policy('brief', '1s', '10y');
  await policy('over', '1s', '1s');
  for (const name of ['brief', 'over']) {
    await kma.ask('CreateKeyGroup', { group: name, policy: name }, COMPLIANCE);
    await kma.ask('AssignKeyGroup', { agent: 'drive', group: name }, COMPLIANCE);
  }
});
after(() => kma[Symbol.asyncDispose]());

/** One test for each form of the calls. */
function inBothForms(
  name: string,
  run: (form: KeyForm, label: (typeof FORMS)[number]) => Promise<void>,
): void {
  for (const label of FORMS)
    test(`${label}: ${name}`, async () => run(await KeyForm.of(label, agent), label));
}

const unknownId = (bytes: number) => randomBytes(bytes).toString('hex').toUpperCase();
const compromise = (keyId: string) => kma.ask('CompromiseKey', { keyId, comment: 'a test' }, COMPLIANCE);
const destroyKeys = (dataUnitId: string) =>
  kma.ask('DestroyKeys', { dataUnitId, comment: 'a test' }, OPERATOR);
const ids = (keys: readonly SeenKey[]) => keys.map(({ keyId }) => keyId);

async function stateOfUnit(dataUnitId: string): Promise<string> {
  const blank = { externalUniqueId: '', externalTag: '', description: '' };
  const { dataUnit } = await agent.call('RetrieveDataUnit', { dataUnitId, ...blank });
  return dataUnit.state.replace('DATA-UNIT-STATE-', '');
}
async function warnings(keyId: string): Promise<readonly string[]> {
  const found = await kma.rows<{ severity: string; condition: string }>('ListKeyHistory', { keyId }, AUDITOR);
  return found.filter(({ severity }) => severity === 'warning').map(({ condition }) => condition);
}

inBothForms(
  'a new key is active, of the default or the named group, and the same when retrieved',
  async (form) => {
    const key = await form.create();
    assert.match(key.keyId, /^0000[0-9A-F]{56}$/);
    assert.match(key.hex, /^[0-9a-f]{64}$/);
    assert.deepEqual([key.state, key.group], ['PROTECT-AND-PROCESS', 'group-a']);
    assert.deepEqual(await form.retrieve(key.keyId), key);
    assert.deepEqual(await form.retrieve(key.keyId.toLowerCase()), key);
    assert.equal((await form.create('', 'brief')).group, 'brief');
    const twenty = await Promise.all(Array.from({ length: 20 }, () => form.create()));
    assert.equal(new Set(twenty.flatMap(({ keyId, hex }) => [keyId, hex])).size, 40, 'no two keys alike');
  },
);

inBothForms(
  'a group that is not the agent’s, or none at all, or none by default is 1000',
  async (form, label) => {
    const create = (keyGroupId: string) => ({ dataUnit: unitOf(''), keyGroupId });
    for (const group of ['group-b', 'no such group', 'GROUP-A'])
      assert.equal(await form.refusal('CreateKey', create(group)), 1000);
    const unit = await agent.createUnit();
    const protect = { dataUnit: unitOf(unit), keyGroupId: 'group-b' };
    assert.equal(await form.refusal('RetrieveProtectAndProcessKey', protect), 1000);
    const poor = await RawAgent.create(kma, `poor-${label}`);
    await kma.ask('UnassignKeyGroup', { agent: poor.name, group: 'group-a' }, COMPLIANCE);
    const without = await KeyForm.of(label, poor);
    assert.equal(await without.refusal('CreateKey', create('')), 1000);
    await kma.ask('AssignKeyGroup', { agent: poor.name, group: 'group-b' }, COMPLIANCE);
    assert.equal(await without.refusal('CreateKey', create('')), 1000, 'a group, but none by default');
    assert.equal((await without.create('', 'group-b')).group, 'group-b');
  },
);

inBothForms(
  'a key of a group the agent has not, or no longer has, is 1000, and is not listed',
  async (form, label) => {
    const other = await RawAgent.create(kma, `other-${label}`);
    await kma.ask('SetDefaultKeyGroup', { agent: other.name, group: 'group-b' }, COMPLIANCE);
    const theirs = await KeyForm.of(label, other);
    const unit = await agent.createUnit();
    const key = await theirs.create(unit);
    const retrieve = { keyId: key.keyId, dataUnit: unitOf(''), keyGroupId: '' };
    assert.equal(await form.refusal('RetrieveKey', retrieve), 1000);
    assert.deepEqual(await form.page(unit), { keys: [], remaining: 0 });
    const from = { dataUnit: unitOf(unit), pageSize: 32, pageOffset: 0, keyId: key.keyId };
    assert.equal(await form.refusal('RetrieveDataUnitKeys', from), 1000);
    await kma.ask('UnassignKeyGroup', { agent: other.name, group: 'group-b' }, COMPLIANCE);
    assert.equal(await theirs.refusal('RetrieveKey', retrieve), 1000);
  },
);

inBothForms(
  'an unknown key is 1009, also one that waits in the pool; a destroyed one is 1010',
  async (form) => {
    const retrieve = (keyId: string) => ({ keyId, dataUnit: unitOf(''), keyGroupId: '' });
    assert.equal(await form.refusal('RetrieveKey', retrieve(`0000${unknownId(28)}`)), 1009);
    const [waiting] = await kma.rows<{ keyId: string }>(
      'ListKeys',
      { filter: ['state=READY'], limit: 1 },
      OPERATOR,
    );
    assert.equal(await form.refusal('RetrieveKey', retrieve(waiting?.keyId ?? '')), 1009);
    const unit = await agent.createUnit();
    const { keyId } = await form.create(unit);
    await compromise(keyId);
    await destroyKeys(unit);
    assert.equal(await form.refusal('RetrieveKey', retrieve(keyId)), 1010);
    assert.deepEqual(await form.page(unit), { keys: [], remaining: 0 });
  },
);

inBothForms(
  'a compromised and a deactivated key still decrypt, with a warning; an old one is process-only',
  async (form) => {
    const { keyId } = await form.create();
    await compromise(keyId);
    assert.equal((await form.retrieve(keyId)).state, 'COMPROMISED');
    assert.deepEqual(await warnings(keyId), ['Compromised key']);
    const [brief, over] = [await form.create('', 'brief'), await form.create('', 'over')];
    const later = async ({ keyId: id, hex }: SeenKey, state: string) => {
      const found = await until(`the key is ${state}`, async () => {
        const key = await form.retrieve(id);
        return key.state === state ? key : null;
      });
      assert.equal(found.hex, hex);
    };
    await later(brief, 'PROCESS-ONLY');
    await later(over, 'DEACTIVATED');
    assert.deepEqual(await warnings(brief.keyId), []);
    assert.ok((await warnings(over.keyId)).includes('Deactivated key'));
  },
);

inBothForms(
  'the state of a data unit follows its keys, and a shredded one may have a new key',
  async (form) => {
    const unit = await agent.createUnit();
    assert.equal(await stateOfUnit(unit), 'NO-KEY');
    const first = await form.create(unit);
    assert.equal(await stateOfUnit(unit), 'READABLE-NORMAL');
    await compromise(first.keyId);
    assert.equal(await stateOfUnit(unit), 'READABLE-NEEDS-REKEY');
    await destroyKeys(unit);
    assert.equal(await stateOfUnit(unit), 'SHREDDED');
    await form.create(unit);
    assert.equal(await stateOfUnit(unit), 'READABLE-NORMAL');
  },
);

inBothForms(
  'pages: first the newest to encrypt with, then all others by creation, none twice',
  async (form) => {
    const unit = await agent.createUnit();
    const keys: string[] = [];
    for (let i = 0; i < 7; i++) keys.push((await form.create(unit)).keyId);
    const [k0 = '', k1 = '', k2 = '', k3 = '', k4 = '', k5 = '', k6 = ''] = keys;
    await compromise(k6);
    await compromise(k2);
    const order = [k5, k0, k1, k2, k3, k4, k6];
    const whole = await form.page(unit);
    assert.deepEqual([ids(whole.keys), whole.remaining], [order, 0]);
    const paged: string[] = [];
    for (let remaining = 1; remaining > 0; ) {
      const page = await form.page(unit, 3, paged.length);
      paged.push(...ids(page.keys));
      remaining = page.remaining;
      assert.equal(paged.length + remaining, 7);
    }
    assert.deepEqual(paged, order);
    assert.deepEqual(await form.page(unit, 3, 7), { keys: [], remaining: 0 });
    assert.deepEqual(await form.page(unit, 32, 2_000_000_000), { keys: [], remaining: 0 });
  },
);

inBothForms(
  'a page from a key on: that key and later ones; a key of no or another unit comes alone',
  async (form) => {
    const unit = await agent.createUnit();
    const keys: string[] = [];
    for (let i = 0; i < 4; i++) keys.push((await form.create(unit)).keyId);
    const from = await form.page(unit, 2, 0, keys[1]);
    assert.deepEqual([ids(from.keys), from.remaining], [keys.slice(1, 3), 1]);
    const last = await form.page(unit, 32, 0, keys[3]);
    assert.deepEqual([ids(last.keys), last.remaining], [keys.slice(3), 0]);
    const elsewhere = await form.create(await agent.createUnit());
    const alone = await form.page(unit, 32, 0, elsewhere.keyId);
    assert.deepEqual(alone, { keys: [elsewhere], remaining: 0 });
    const page = { dataUnit: unitOf(unit), pageSize: 32, pageOffset: 0 };
    const missing = { ...page, keyId: `0000${unknownId(28)}` };
    assert.equal(await form.refusal('RetrieveDataUnitKeys', missing), 1009);
  },
);

inBothForms(
  'a page has 1 to 32 keys from an offset of 0 on, else 1008; a 33rd key is on the next',
  async (form) => {
    const unit = await agent.createUnit();
    const fields = { dataUnit: unitOf(unit), pageSize: 32, pageOffset: 0 };
    for (const bad of [
      { pageSize: 0 },
      { pageSize: -1 },
      { pageSize: 33 },
      { pageOffset: -1 },
      { pageOffset: 1, keyId: `0000${unknownId(28)}` },
    ])
      assert.equal(await form.refusal('RetrieveDataUnitKeys', { ...fields, ...bad }), 1008);
    assert.deepEqual(await form.page(unit), { keys: [], remaining: 0 });
    await Promise.all(Array.from({ length: 34 }, () => form.create(unit)));
    const [first, second] = [await form.page(unit), await form.page(unit, 32, 32)];
    assert.deepEqual([first.keys.length, first.remaining], [32, 2]);
    assert.deepEqual([second.keys.length, second.remaining], [2, 0]);
    assert.equal(new Set(ids([...first.keys, ...second.keys])).size, 34);
  },
);

inBothForms(
  'the protect-and-process key is the newest there is, or made: in the group given',
  async (form) => {
    const unit = await agent.createUnit();
    const made = await form.protect(unit, 'brief');
    assert.deepEqual([made.state, made.group], ['PROTECT-AND-PROCESS', 'brief']);
    const newest = await form.create(unit);
    assert.deepEqual(await form.protect(unit, 'brief'), newest, 'the group counts for creation only');
    assert.deepEqual(await form.protect(unit), newest);
    await compromise(newest.keyId);
    const next = await form.protect(unit);
    assert.ok(next.keyId !== newest.keyId && next.state === 'PROTECT-AND-PROCESS');
  },
);

inBothForms(
  'an agent that may not use the existing one gets a protect-and-process key of its own',
  async (form, label) => {
    const other = await RawAgent.create(kma, `mine-${label}`);
    await kma.ask('SetDefaultKeyGroup', { agent: other.name, group: 'group-b' }, COMPLIANCE);
    await kma.ask('UnassignKeyGroup', { agent: other.name, group: 'group-a' }, COMPLIANCE);
    const unit = await agent.createUnit();
    const ours = await form.protect(unit);
    const theirs = await (await KeyForm.of(label, other)).protect(unit);
    assert.notEqual(theirs.keyId, ours.keyId);
    assert.equal(theirs.group, 'group-b');
    assert.deepEqual(await form.protect(unit), ours);
  },
);

inBothForms(
  'disassociating lets go of all keys but those to encrypt with; the keys live on',
  async (form) => {
    const unit = await agent.createUnit();
    const [first, second, third] = [
      await form.create(unit),
      await form.create(unit),
      await form.create(unit),
    ];
    await compromise(first.keyId);
    await compromise(third.keyId);
    await agent.call('DisassociateDataUnitKeys', { dataUnit: unitOf(unit) });
    assert.deepEqual(await form.page(unit), { keys: [second], remaining: 0 });
    assert.equal(await stateOfUnit(unit), 'READABLE-NORMAL');
    assert.deepEqual(await form.protect(unit), second);
    assert.equal((await form.retrieve(first.keyId)).hex, first.hex);
    assert.equal((await form.retrieve(third.keyId, unit)).hex, third.hex, 'and its use ties it again');
    assert.deepEqual(ids((await form.page(unit)).keys), [second.keyId, third.keyId]);
    await agent.call('DisassociateDataUnitKeys', { dataUnit: unitOf(unit) });
    assert.deepEqual(await form.page(unit), { keys: [second], remaining: 0 });
  },
);

inBothForms(
  'retrieving a key for a data unit ties them; one key may belong to several units',
  async (form) => {
    const [one, two] = [await agent.createUnit(), await agent.createUnit()];
    const key = await form.create(one);
    assert.deepEqual(await form.retrieve(key.keyId, two), key);
    for (const unit of [one, two]) assert.deepEqual(await form.page(unit), { keys: [key], remaining: 0 });
  },
);

inBothForms(
  'a data unit this KMA does not know yet is made with the call, and what the call says is no change',
  async (form) => {
    const unknown = unknownId(16);
    const key = await form.create(unknown.toLowerCase());
    assert.deepEqual(await form.page(unknown), { keys: [key], remaining: 0 });
    const stale = unitOf(unknown, { externalTag: 'stale', description: 'stale', externalUniqueId: 'AB' });
    await form.answer('CreateKey', { dataUnit: stale, keyGroupId: '' });
    const blank = { externalUniqueId: '', externalTag: '', description: '' };
    const { dataUnit } = await agent.call('RetrieveDataUnit', { dataUnitId: unknown, ...blank });
    assert.deepEqual([dataUnit.externalTag, dataUnit.description, dataUnit.externalUniqueId], ['', '', '']);
    const bad = { dataUnit: unitOf('ABC'), keyGroupId: '' };
    assert.equal(await form.refusal('CreateKey', bad), 1013);
    assert.equal(await form.refusal('RetrieveProtectAndProcessKey', { ...bad, dataUnit: unitOf('') }), 1013);
  },
);

test('no ready key is 1021 for all that would make one, what exists is still served, and a backup mends it', async () => {
  const [plain, wrapped] = [await KeyForm.of('plain', agent), await KeyForm.of('wrapped', agent)];
  const unit = await agent.createUnit();
  const key = await plain.create(unit);
  const backups = await kma.rows<{ backupId: string }>('ListBackups', {}, BACKUP);
  for (const { backupId } of backups)
    await kma.ask('ConfirmBackupDestroyed', { backupId, comment: 'a test' }, BACKUP);
  const empty = unitOf(await agent.createUnit());
  for (const form of [plain, wrapped])
    for (const name of ['CreateKey', 'RetrieveProtectAndProcessKey'] as const)
      assert.equal(await form.refusal(name, { dataUnit: empty, keyGroupId: '' }), 1021);
  assert.deepEqual(await plain.retrieve(key.keyId), key);
  assert.deepEqual(await wrapped.protect(unit), key);
  const refused = await kma.rows<{ condition: string }>(
    'ListAuditEvents',
    { filter: ['operation=CreateKey', 'severity=error'], limit: 1 },
    AUDITOR,
  );
  assert.equal(refused.length, 1, 'it is in the audit');
  await kma.backup();
  assert.equal((await wrapped.create()).state, 'PROTECT-AND-PROCESS');
});
