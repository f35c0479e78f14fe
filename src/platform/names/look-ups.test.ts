/** Look-ups at real sockets: what servers answer, lie, garble or leave out. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { PlatformRefusal } from '../refusal.ts';
import { LookUps } from './look-ups.ts';
import { type Asked, addressRecord, loopRecord, OddDns, reply, TYPE_AAAA } from './odd-dns.fixture.ts';

const at = (dns: OddDns, elapsedMs = () => 0, domain = '') =>
  new LookUps({ servers: [dns.server], domain }, elapsedMs);
const refusalOf = (looking: Promise<unknown>) =>
  looking.then(
    (found) => assert.fail(JSON.stringify(found)),
    (error: unknown) => {
      assert.ok(error instanceof PlatformRefusal, String(error));
      return error.code;
    },
  );
/** No IPv6, and these. */
const answers =
  (...addresses: string[]) =>
  (asked: Asked) => [
    reply(asked, asked.type === TYPE_AAAA ? [] : addresses.map((one) => addressRecord(one))),
  ];

test('an address is its own, and this machine is no question', async () => {
  await using dns = await OddDns.start(() => []);
  for (const [name, address] of [
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['localhost', '127.0.0.1'],
    ['kma.localhost', '127.0.0.1'],
  ] as const)
    assert.deepEqual((await at(dns).addressesOf(name)).addresses, [address]);
  assert.equal(dns.asked.length, 0);
});

test('without servers a name is refused', async () => {
  const none = new LookUps({ servers: [], domain: 'example.com' }, () => 0);
  assert.equal(await refusalOf(none.addressesOf('ntp')), 'DNS_NOT_CONFIGURED');
});

test('a name without a dot is one of the domain, and others are asked as they are', async () => {
  await using dns = await OddDns.start(answers('192.0.2.7'));
  const lookUps = at(dns, () => 0, 'Example.COM');
  for (const name of ['ntp', 'ntp.other.org', 'ntp.whole.', 'NTP']) await lookUps.addressesOf(name);
  const asked = new Set(dns.asked.map(({ name }) => name));
  assert.deepEqual(asked, new Set(['ntp.example.com', 'ntp.other.org', 'ntp.whole']));
});

test('what no name can be is never asked', async () => {
  await using dns = await OddDns.start(answers('192.0.2.7'));
  for (const name of [
    'a b',
    'a..b',
    '-a.example',
    `${'x'.repeat(64)}.example`,
    'a.'.repeat(200),
    'é.example',
    '.',
    'a\0b',
  ])
    assert.equal(await refusalOf(at(dns).addressesOf(name)), 'NAME_DOES_NOT_EXIST', name);
  assert.equal(dns.asked.length, 0);
});

test('an answer is kept as long as it says, within bounds, and a name is asked once at a time', async () => {
  await using dns = await OddDns.start((asked) => [
    reply(asked, asked.type === TYPE_AAAA ? [] : [addressRecord('192.0.2.7', 0)]),
  ]);
  let elapsedMs = 0;
  const lookUps = at(dns, () => elapsedMs);
  await Promise.all(Array.from({ length: 20 }, () => lookUps.addressesOf('ntp.example')));
  assert.equal(dns.asked.length, 2, 'once for each family');
  elapsedMs = 4_000;
  assert.equal(
    (await lookUps.addressesOf('ntp.example')).asked,
    false,
    'a server that says 0 is not asked all the time',
  );
  elapsedMs = 6_000;
  assert.equal((await lookUps.addressesOf('ntp.example')).asked, true);
  dns.answer = (asked) => [
    reply(asked, asked.type === TYPE_AAAA ? [] : [addressRecord('192.0.2.8', 0x7fffffff)]),
  ];
  elapsedMs = 12_000;
  await lookUps.addressesOf('ntp.example');
  elapsedMs += 11 * 60_000;
  assert.equal((await lookUps.addressesOf('ntp.example')).asked, true, 'nor believed for years');
});

test('a server that does not know a name is believed; one that says it cannot, is no answer', async () => {
  await using dns = await OddDns.start((asked) => [reply(asked, [], 3)]);
  assert.equal(await refusalOf(at(dns).addressesOf('no.example')), 'NAME_DOES_NOT_EXIST');
  dns.answer = (asked) => [reply(asked)];
  assert.equal(await refusalOf(at(dns).addressesOf('no.example')), 'NAME_DOES_NOT_EXIST');
  for (const code of [1, 2, 4, 5]) {
    dns.answer = (asked) => [reply(asked, [], code)];
    assert.equal(await refusalOf(at(dns).addressesOf('no.example')), 'DNS_NO_ANSWER', `code ${code}`);
  }
});

test('addresses of nobody and of many are left out, and of many not all are kept', async () => {
  await using dns = await OddDns.start(answers('0.0.0.0', '255.255.255.255', '224.0.0.1', '239.1.1.1'));
  assert.equal(await refusalOf(at(dns).addressesOf('lies.example')), 'NAME_DOES_NOT_EXIST');
  dns.answer = answers('0.0.0.0', '192.0.2.7');
  assert.deepEqual((await at(dns).addressesOf('half.example')).addresses, ['192.0.2.7']);
  dns.answer = answers(...Array.from({ length: 25 }, (_, i) => `192.0.2.${i + 1}`));
  assert.equal((await at(dns).addressesOf('many.example')).addresses.length, 8);
});

test('garbage ends as no answer, in bounded time, and the next name is asked again', {
  timeout: 120_000,
}, async () => {
  const garbage: readonly ((asked: Asked) => Buffer)[] = [
    () => Buffer.alloc(0),
    () => randomBytes(600),
    ({ bytes }) => bytes,
    ({ bytes }) => Buffer.concat([bytes.subarray(0, 2), randomBytes(200)]),
    (asked) => reply(asked, [loopRecord()]),
    (asked) => reply(asked, [loopRecord(), loopRecord(), addressRecord('192.0.2.7').subarray(0, 13)]),
    (asked) => {
      const other = reply(asked, [addressRecord('192.0.2.66')]);
      other.writeUInt16BE(asked.bytes.readUInt16BE(0) ^ 1, 0);
      return other;
    },
  ];
  await using dns = await OddDns.start(() => []);
  await Promise.all(
    garbage.map(async (make, index) => {
      await using own = await OddDns.start((asked) => [make(asked)]);
      const code = await refusalOf(at(own).addressesOf(`garbage-${index}.example`));
      assert.ok(['DNS_NO_ANSWER', 'NAME_DOES_NOT_EXIST'].includes(code), `${index}: ${code}`);
    }),
  );
  dns.answer = answers('192.0.2.7');
  assert.deepEqual((await at(dns).addressesOf('sound.example')).addresses, ['192.0.2.7']);
});

test('silence ends, no more than so many wait for it, and what was known before goes on', {
  timeout: 120_000,
}, async () => {
  await using dns = await OddDns.start(answers('192.0.2.7'));
  let elapsedMs = 0;
  const lookUps = at(dns, () => elapsedMs);
  await lookUps.addressesOf('known.example');
  dns.answer = () => [];
  elapsedMs = 3_600_000;
  const waiting = Array.from({ length: 40 }, (_, i) => refusalOf(lookUps.addressesOf(`silent-${i}.example`)));
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['DNS_NO_ANSWER']));
  assert.ok(new Set(dns.asked.map(({ name }) => name)).size <= 33, 'those beyond are not asked');
  const { addresses, silent } = await lookUps.addressesOf('known.example');
  assert.deepEqual([addresses, silent?.code], [['192.0.2.7'], 'DNS_NO_ANSWER']);
});

test('a second server answers where the first is silent', { timeout: 60_000 }, async () => {
  await using silent = await OddDns.start(() => []);
  await using sound = await OddDns.start(answers('192.0.2.7'));
  const lookUps = new LookUps({ servers: [silent.server, sound.server], domain: '' }, () => 0);
  assert.deepEqual((await lookUps.addressesOf('ntp.example')).addresses, ['192.0.2.7']);
});
