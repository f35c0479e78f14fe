/** Alarms as Debian's snmptrapd receives them: every version and cipher, every event once and in order through its absence, and what it does not know told. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Snmptrapd } from '../../../test/support/snmptrapd.ts';
import { until } from '../../../test/support/until.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { SNMP_AUTHENTICATIONS, type SnmpAuthentication, type SnmpPrivacy } from '../../security/snmp-keys.ts';
import { communitySecret, readSnmpSecret, userSecret } from '../../security/snmp-secret.ts';
import { AuditSource } from '../audit-source.fixture.ts';
import type { SnmpManagerConfig } from './manager-config.ts';
import { SnmpPart } from './snmp-part.ts';

const PASSPHRASE = 'Correct-Horse-1';
const PRIVACY_PASSPHRASE = 'Battery-Staple-2';
const KMA = { name: 'kma-1' };
const TIMES = { timeoutMs: 2_000, retries: 1, retryMs: 50 };
const secret = (text: string) => SecretBytes.fromText(text);

function v3(
  port: number,
  authentication: SnmpAuthentication,
  privacy: SnmpPrivacy,
  user = 'okm',
  id = 'A'.repeat(32),
): SnmpManagerConfig {
  const keys = readSnmpSecret(userSecret(authentication, secret(PASSPHRASE), secret(PRIVACY_PASSPHRASE)));
  assert.ok(keys.protocol === 'v3');
  return { id, name: 'noc', address: '127.0.0.1', port, security: { ...keys, user, privacy } };
}
function v2c(port: number, community = 'far-from-public'): SnmpManagerConfig {
  const security = readSnmpSecret(communitySecret(secret(community)));
  assert.ok(security.protocol === 'v2c');
  return { id: 'B'.repeat(32), name: 'old', address: '127.0.0.1', port, security };
}

function begin(t: TestContext, audit = new AuditSource()) {
  audit.write();
  const part = new SnmpPart(audit.tools(t), TIMES);
  t.after(() => part.stop());
  return { audit, part };
}
const user = (hash: string, cipher: string) =>
  `createUser okm ${hash} ${PASSPHRASE} ${cipher} ${PRIVACY_PASSPHRASE}`;
const messages = (receiver: Snmptrapd) => receiver.received.map((one) => one[8]);

test('an event arrives with every variable that the product has', async (t) => {
  const receiver = await Snmptrapd.start(t, [user('SHA-256', 'AES'), 'authUser log okm priv']);
  const { audit, part } = begin(t);
  part.apply({ kma: KMA, snmpManagers: [v3(receiver.port, 'SHA-256', 'AES-128')] });
  await until('it has begun', () => part.state().details['managers']?.toString() !== '');
  const record = audit.write({
    operation: 'RetrieveKey',
    class: 'Security Violation',
    condition: 'Access denied',
    entityId: 'drive-1',
    entityAddress: '192.0.2.9',
    message: 'code=1007',
    solution: 'Ask an officer',
  });
  await until('it arrives', () => receiver.received.length === 1);
  assert.deepEqual(receiver.received, [
    {
      1: new Date(record.createdAt).toISOString(),
      2: 'Security Violation',
      3: 'RetrieveKey',
      4: 'Access denied',
      5: 'error',
      6: 'drive-1',
      7: '192.0.2.9',
      8: 'code=1007',
      9: 'Ask an officer',
      200: 'kma-1',
    },
  ]);
  assert.ok(receiver.lines.some((line) => line.includes('.1.3.6.1.4.1.42.2.22.99.109.1')));
});

for (const authentication of SNMP_AUTHENTICATIONS)
  test(`${authentication} and AES-128 are understood`, async (t) => {
    const hash = authentication === 'SHA-1' ? 'SHA' : authentication;
    const receiver = await Snmptrapd.start(t, [user(hash, 'AES'), 'authUser log okm priv']);
    await sendsOne(t, v3(receiver.port, authentication, 'AES-128'), receiver);
  });

test('AES-256 is understood with hashes that are long enough for it', async (t) => {
  for (const authentication of ['SHA-256', 'SHA-512'] as const) {
    const receiver = await Snmptrapd.start(t, [user(authentication, 'AES-256'), 'authUser log okm priv']);
    await sendsOne(t, v3(receiver.port, authentication, 'AES-256'), receiver);
  }
});

test('DES is understood, as receivers of before have it', async (t) => {
  const receiver = await Snmptrapd.start(t, [user('SHA', 'DES'), 'authUser log okm priv']);
  await sendsOne(t, v3(receiver.port, 'SHA-1', 'DES'), receiver);
});

test('version 2c is understood with its community', async (t) => {
  const receiver = await Snmptrapd.start(t, ['authCommunity log far-from-public']);
  await sendsOne(t, v2c(receiver.port), receiver);
});

test('a manager may have an IPv6 address', async (t) => {
  const receiver = await Snmptrapd.start(t, [user('SHA-256', 'AES'), 'authUser log okm priv'], '::1');
  await sendsOne(t, { ...v3(receiver.port, 'SHA-256', 'AES-128'), address: '::1' }, receiver);
});

test('a manager with a name is told of where this KMA has no DNS server, and nothing is looked up', async (t) => {
  const { audit, part } = begin(t);
  part.apply({ kma: KMA, snmpManagers: [{ ...v2c(162), address: 'noc.example.com' }] });
  await until('it follows', () => (part.state().details['managers'] as unknown[]).length === 1);
  audit.write();
  await until('it says so', () => part.state().troubles[0]?.includes('no DNS server is configured'));
});

test('a directory that cannot be read keeps no manager from its alarms, and ends nothing', async (t) => {
  const receiver = await Snmptrapd.start(t, ['authCommunity log far-from-public']);
  const audit = new AuditSource();
  audit.write();
  const tools = audit.tools(t);
  const part = new SnmpPart(tools, TIMES);
  t.after(() => part.stop());
  rmSync(tools.directory, { recursive: true });
  part.apply({ kma: KMA, snmpManagers: [v2c(receiver.port)] });
  await until('it follows', () => (part.state().details['managers'] as unknown[]).length === 1);
  audit.write();
  await until('the alarm', () => receiver.received.length === 1);
});

async function sendsOne(t: TestContext, config: SnmpManagerConfig, receiver: Snmptrapd): Promise<void> {
  const { audit, part } = begin(t);
  part.apply({ kma: KMA, snmpManagers: [config] });
  await until('it follows', () => (part.state().details['managers'] as unknown[]).length === 1);
  audit.write({ message: 'fünf "Zeichen"' });
  await until(`it arrives\n${receiver.lines.join('\n')}`, () => receiver.received.length === 1);
  await until(
    'it is acknowledged',
    () => part.state().summary === '1 manager' && part.state().troubles.length === 0,
  );
  await part.stop();
}

test('events come once and in order through the absence of a receiver of each version, and none is lost', async (t) => {
  const secured = await Snmptrapd.start(t, [user('SHA', 'AES'), 'authUser log okm priv']);
  const plain = await Snmptrapd.start(t, ['authCommunity log far-from-public']);
  const { audit, part } = begin(t);
  part.apply({ kma: KMA, snmpManagers: [v3(secured.port, 'SHA-1', 'AES-128'), v2c(plain.port)] });
  await until('both follow', () => (part.state().details['managers'] as unknown[]).length === 2);
  const sent: string[] = [];
  const write = (count: number) => {
    for (let one = 0; one < count; one += 1) sent.push(audit.write().message);
  };
  write(100);
  await until('the first', () => secured.received.length === 100 && plain.received.length === 100);
  await Promise.all([secured.stop(), plain.stop()]);
  write(300);
  await until('both are missed', () => part.state().troubles.length === 2);
  await secured.begin();
  await until('one has them while the other is away', () => secured.received.length === 400);
  write(50);
  await plain.begin();
  await until('both have all', () => secured.received.length === 450 && plain.received.length === 450);
  assert.deepEqual(messages(secured), sent);
  assert.deepEqual(messages(plain), sent);
  assert.equal(part.state().troubles.length, 0);
  assert.equal(audit.notes.filter(({ condition }) => condition === 'Receiver unreachable').length, 2);
});

test('what the receiver does not know is told in words, and mended by a change of the manager', async (t) => {
  const receiver = await Snmptrapd.start(t, [user('SHA-256', 'AES'), 'authUser log okm priv']);
  const { audit, part } = begin(t);
  const tells = async (config: SnmpManagerConfig, words: RegExp) => {
    part.apply({ kma: KMA, snmpManagers: [config] });
    await until(`${words}`, () => words.test(part.state().troubles[0] ?? ''));
  };
  part.apply({ kma: KMA, snmpManagers: [v3(receiver.port, 'SHA-256', 'AES-128', 'nobody')] });
  await until('it follows', () => (part.state().details['managers'] as unknown[]).length === 1);
  audit.write();
  await tells(v3(receiver.port, 'SHA-256', 'AES-128', 'nobody'), /does not know the user/);
  await tells(v3(receiver.port, 'SHA-512', 'AES-128'), /another passphrase or another hash/);
  part.apply({ kma: KMA, snmpManagers: [v3(receiver.port, 'SHA-256', 'AES-128')] });
  await until('it has all', () => receiver.received.length === 1);
});

test('a receiver that came back as another engine is found anew', async (t) => {
  const users = [user('SHA-256', 'AES'), 'authUser log okm priv'];
  const receiver = await Snmptrapd.start(t, users);
  const { audit, part } = begin(t);
  part.apply({ kma: KMA, snmpManagers: [v3(receiver.port, 'SHA-256', 'AES-128')] });
  await until('it follows', () => (part.state().details['managers'] as unknown[]).length === 1);
  audit.write();
  await until('the first', () => receiver.received.length === 1);
  await receiver.stop();
  receiver.loseEngine();
  await receiver.begin();
  audit.write();
  await until('the second', () => receiver.received.length === 2);
});

test('a manager whose new keys are still on their way keeps its place, and gets all that came meanwhile', async (t) => {
  const receiver = await Snmptrapd.start(t, ['authCommunity log far-from-public']);
  const { audit, part } = begin(t);
  const config = v2c(receiver.port);
  part.apply({ kma: KMA, snmpManagers: [config] });
  await until('it follows', () => (part.state().details['managers'] as unknown[]).length === 1);
  audit.write();
  await until('the first', () => receiver.received.length === 1);
  const standing = () => part.state().details['managers'] as { sent: number }[];
  await until('the first is acknowledged', () => standing()[0]?.sent === 1);
  part.apply({ kma: KMA, snmpManagers: [{ ...config, security: null }] });
  await until('it waits', () => (part.state().details['managers'] as unknown[]).length === 0);
  for (let count = 0; count < 5; count += 1) audit.write();
  part.apply({ kma: KMA, snmpManagers: [config] });
  await until('it has all', () => receiver.received.length === 6);
  part.apply({ kma: KMA, snmpManagers: [] });
  await until('it is gone', () => (part.state().details['managers'] as unknown[]).length === 0);
  audit.write();
  part.apply({ kma: KMA, snmpManagers: [config] });
  await until('it follows anew', () => (part.state().details['managers'] as unknown[]).length === 1);
  audit.write();
  await until('it begins with now', () => receiver.received.length === 7);
  assert.equal(receiver.received[6]?.[8], 'number=9');
});
