/** What okm-agent's doctor finds at KMAs over real sockets and TLS, and what it says about each thing that can be wrong with one. */
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { enrolledProfile } from '../../test/enrolled-agent.ts';
import { type Issued, TestAuthority } from '../../test/test-authority.ts';
import { TestCluster, TestFault } from '../../test/test-cluster.ts';
import type { Profile } from '../profile.ts';
import { examineAsAgent } from './as-agent.ts';
import { DOCTOR_EXIT_CODES, type Examination } from './examination.ts';
import { examinationText } from './examination-text.ts';

const YEAR_DAYS = 365;
const OLD_TLS = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES256-SHA:@SECLEVEL=0' } as const;

let cluster: TestCluster;
let profile: Profile;
let sound: Issued;
const ends: (() => unknown)[] = [];
before(async () => {
  cluster = await TestCluster.start(1);
  profile = await enrolledProfile({ after: (end: () => unknown) => void ends.push(end) }, cluster);
  sound = await cluster.authority.issue('KMA1', 'server', YEAR_DAYS);
});
after(async () => {
  for (const end of ends) await end();
  await cluster.stop();
});
beforeEach(async () => {
  const kma = cluster.kma(1);
  Object.assign(kma, { behaviour: 'serve', fault: null });
  cluster.clockAheadMs = 0;
  await kma.returnWith(sound);
});

const look = (more: object = {}) => examineAsAgent({ profile, ...more });
const said = ({ advice }: Examination) =>
  advice.map(({ ports, problem }) => [ports.length, problem] as const);

/** One thing is wrong, and this is said about it. */
function assertSays(examined: Examination, ports: number, problem: RegExp, change: RegExp): void {
  assert.equal(examined.advice.length, 1, JSON.stringify(said(examined)));
  assert.equal(examined.advice[0]?.ports.length, ports);
  assert.match(examined.advice[0]?.problem ?? '', problem);
  assert.match(examined.advice[0]?.change ?? '', change);
}

test('where all is well it says so in one line, with every step on request', async () => {
  const examined = await look();
  assert.deepEqual(said(examined), []);
  assert.equal(DOCTOR_EXIT_CODES[examined.result], 0);
  const { ca, certificate, agent, discovery } = cluster.ports;
  const text = examinationText(examined, false).split('\n');
  assert.equal(text.length, 3);
  assert.equal(text[0], `fine     KMA1 (127.0.0.1) ${ca} ${certificate} ${agent} ${discovery}`);
  assert.match(text[1] ?? '', /^looked at 4 ports of 1 place from agent agent1 at /);
  const verbose = examinationText(examined, true);
  for (const found of [
    /name +ok .*127\.0\.0\.1 is an address/,
    /route +ok .*from 127\.0\.0\.1/,
    // The other side tells whole seconds, and its answer may be slow.
    /clock +ok .*(within a second|\d s behind)/,
    /agent +tcp +ok/,
    /tls +ok .*TLSv1\.3 TLS_AES/,
    /certificate +ok .*until 20/,
    /identity +ok .*KMA1/,
    /answer +ok .*names one KMA/,
  ])
    assert.match(verbose, found);
});

test('it asks for nothing that changes anything, and proves no passphrase', async () => {
  const kma = cluster.kma(1);
  kma.calls.length = 0;
  await look();
  assert.deepEqual([...new Set(kma.calls)].sort(), [
    'DiscoverCluster',
    'ListKeyGroups',
    'RetrieveLocalClock',
    'RetrieveRootCACertificate',
  ]);
});

test('KMAs that another one names are looked at too, and one that is not there is told', async () => {
  cluster.kma(1).member = { ...cluster.kma(1).member };
  const more = { ...cluster.kma(1).member, kmaId: 2, kmaName: 'KMA2', kmaNetworkAddress: '127.0.0.77' };
  const kmas = cluster.kmas;
  kmas.push(Object.assign(Object.create(Object.getPrototypeOf(kmas[0])), { member: more }));
  try {
    assertSays(await look(), 4, /the host of KMA2 \(127\.0\.0\.77\) is up, and no KMA listens/, /kma serve/);
  } finally {
    kmas.pop();
  }
});

test('a KMA of another root CA is told from one of the cluster, and asked nothing over TLS', async () => {
  const other = await TestAuthority.create('RootCA');
  const kma = cluster.kma(1);
  await kma.returnWith(await other.issue('KMA1', 'server', YEAR_DAYS));
  kma.calls.length = 0;
  assertSays(await look(), 3, /not of the cluster that is known at agent agent1/, /impostor/);
  assert.deepEqual([...new Set(kma.calls)].sort(), ['RetrieveLocalClock', 'RetrieveRootCACertificate']);
});

test('a certificate that has expired, is not valid yet or will expire is told', async () => {
  const kma = cluster.kma(1);
  await kma.returnWith(await cluster.authority.issue('KMA1', 'server', -2));
  assertSays(await look(), 3, /the certificate expired on 20/, /renew/);
  await kma.returnWith(await cluster.authority.issue('KMA1', 'server', 7));
  const soon = await look();
  assertSays(soon, 3, /the certificate expires on 20/, /renewed/);
  assert.equal(DOCTOR_EXIT_CODES[soon.result], 9);
});

test('another KMA at the address of this one is told by its certificate', async () => {
  await cluster.kma(1).returnWith(await cluster.authority.issue('KMA9', 'server', YEAR_DAYS));
  assertSays(await look(), 3, /who answers is "KMA9", and the cluster says it is "KMA1"/, /member modify/);
});

test('a KMA that speaks TLS 1.0 only is told, with what it speaks', async () => {
  await cluster.kma(1).returnWith(sound, OLD_TLS);
  assertSays(await look(), 3, /does not speak TLS 1\.2 or later; it speaks TLSv1$/, /--minimum-tls/);
  const old = { ...profile, settings: { ...profile.settings, minimumTls: '1.0' as const } };
  assert.deepEqual(said(await examineAsAgent({ profile: old })), []);
});

test('a clock that is ten minutes off is told, and by how much', async () => {
  cluster.clockAheadMs = -600_000;
  assertSays(
    await look(),
    0,
    /clock of KMA1 .* is 10 minutes behind, compared with that of agent/,
    /time server/,
  );
});

test('what the agent service answers is told: locked, busy, denied', async () => {
  const kma = cluster.kma(1);
  kma.fault = new TestFault(1018, 'KMA is locked');
  assertSays(await look(), 1, /is locked \(1018 KMA is locked\): agents get no keys/, /kma unlock/);
  kma.fault = new TestFault(1000, 'Access denied');
  assertSays(await look(), 1, /does not let agent agent1 .* in \(1000 Access denied\)/, /disabled/);
  kma.fault = new TestFault(1001, 'Server busy');
  assert.equal((await look()).result, 'warnings');
  kma.fault = new TestFault(undefined, '');
  assertSays(await look(), 1, /cannot serve now, and says no more than "Server Error"/, /kma status/);
});

test('a KMA that takes connections and says nothing is told from one that is down', async () => {
  const kma = cluster.kma(1);
  kma.behaviour = 'silence';
  assertSays(await look(), 4, /takes connections and says nothing: the KMA hangs/, /start it again/);
  await kma.close();
  assertSays(await look(), 4, /is up, and no KMA listens there/, /kma serve/);
});

test('what listens there and is no KMA is told: not TLS, closing, not SOAP', async () => {
  const kma = cluster.kma(1);
  await kma.close();
  const one = async (listener: (socket: Socket) => void): Promise<Server[]> => {
    const servers = Object.values(cluster.ports).map((port) =>
      createServer(listener).listen(port, '127.0.0.1'),
    );
    await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
    return servers;
  };
  for (const [listener, problem] of [
    [
      (socket: Socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9\r\n')),
      /something else than a KMA/,
    ],
    [(socket: Socket) => socket.destroy(), /connections to .* are made and then cut/],
  ] as const) {
    const servers = await one((socket) => listener(socket.on('error', () => undefined)));
    const examined = await look();
    assert.ok(
      examined.advice.some((advice) => problem.test(advice.problem)),
      JSON.stringify(said(examined)),
    );
    assert.equal(examined.result, 'problems');
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
});

test('without a profile it looks as far as a stranger can, and says what was left out', async () => {
  const { ports } = cluster;
  const stranger = await examineAsAgent({ profile: null, kma: '127.0.0.1', ports });
  assertSays(stranger, 3, /root CA .* nobody has compared/, /--ca-key/);
  assert.match(examinationText(stranger, false), /^left out .*answer: .*there is none here/m);
  const pinned = await examineAsAgent({
    profile: null,
    kma: '127.0.0.1',
    ports,
    caKeySha256: profile.caKeySha256,
  });
  assert.deepEqual(said(pinned), []);
  const impostor = await examineAsAgent({
    profile: null,
    kma: '127.0.0.1',
    ports,
    caKeySha256: 'AB'.repeat(32),
  });
  assertSays(impostor, 3, /its root CA has the key/, /impostor/);
});

test('a name that nobody knows is told before anything else', async () => {
  const examined = await look({ kma: 'no-such-kma.invalid' });
  assert.equal(examined.advice.length, 1, JSON.stringify(said(examined)));
  assert.match(examined.advice[0]?.problem ?? '', /has no address at|no DNS server tells/);
});

test('texts of a KMA steer no terminal, and what programs read is JSON', async () => {
  await cluster.kma(1).returnWith(await cluster.authority.issue('KMA\u001b[2J', 'server', YEAR_DAYS));
  const examined = await look();
  assert.ok(!examinationText(examined, true).includes('\u001b'));
  assert.deepEqual(JSON.parse(JSON.stringify(examined)), examined);
});
