/** The syslog servers of one KMA: what is given is what is set, nothing that cannot work is taken, and the key never comes out again. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TestAuthority } from '../../../test/support/test-authority.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readPlatformSettings } from '../../platform-settings/index.ts';
import { World } from '../world.fixture.ts';
import { setDns } from './dns.ts';
import {
  createSyslogServer,
  deleteSyslogServer,
  listSyslogServers,
  modifySyslogServer,
  showSyslogServer,
} from './syslog-servers.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-syslog-operations-'));
after(() => rmSync(folder, { recursive: true }));
const authority = new TestAuthority(join(folder, 'ca'));
const client = authority.issue('kma-1', ['DNS:kma-1']);
const TCP = { server: 'logs', address: '192.0.2.14', transport: 'tcp' } as const;
const TLS = { server: 'logs', address: '192.0.2.14', caCertificate: authority.pem } as const;
const MUTUAL = { ...TLS, clientCertificate: client.certificatePem, clientKey: client.keyPem } as const;

/** The test authority makes certificates of today. */
function newWorld(): World {
  const world = new World();
  world.nowMs = Date.now();
  return world;
}
const settingsOf = (world: World) => readPlatformSettings((name) => world.local.get(name)).syslog.servers;
async function detailOf(world: World, ...given: Parameters<World['run']>): Promise<string> {
  const ran = await world.run(...given);
  return isRefusal(ran) ? `${ran.refused} ${ran.detail ?? ''}` : 'accepted';
}

test('a server over TCP has the port, format and framing that are usual', async () => {
  const world = newWorld();
  const { decision } = await world.did(createSyslogServer, TCP);
  assert.deepEqual([decision?.facts, decision?.effects], [[], [{ effect: 'platform-changed' }]]);
  const [row] = await world.rows(listSyslogServers);
  assert.deepEqual(row, {
    server: 'logs',
    address: '192.0.2.14',
    port: 514,
    transport: 'tcp',
    format: 'rfc5424',
    framing: 'octet-counting',
    events: 'all',
    mutualTls: false,
    certificatesExpireAt: '',
    state: 'unknown',
    trouble: '',
    waiting: 0,
    sent: 0,
    skipped: 0,
  });
});

test('a server is one of TLS unless it is said otherwise, and TLS needs the CA of the server', async () => {
  const world = newWorld();
  assert.equal(
    await detailOf(world, createSyslogServer, { server: 'logs', address: '192.0.2.14' }),
    'SYSLOG_CERTIFICATE_UNUSABLE CA certificate: TLS needs that of the server',
  );
  await world.did(createSyslogServer, MUTUAL);
  const { output } = await world.did(showSyslogServer, { server: 'logs' });
  assert.deepEqual([output.port, output.transport, output.mutualTls], [6514, 'tls', true]);
  assert.deepEqual(
    [output.caCertificates, output.clientCertificates].map(([first]) => first?.subject),
    ['CN=test authority ca', 'CN=kma-1'],
  );
  assert.match(output.certificatesExpireAt, /^20/);
});

test('the key is kept for the platform process, and in no answer, record or list', async () => {
  const world = newWorld();
  const made = await world.did(createSyslogServer, MUTUAL);
  const changed = await world.did(modifySyslogServer, { server: 'logs', port: 6515 });
  assert.match(settingsOf(world)[0]?.clientKeyPem ?? '', /PRIVATE KEY/);
  const shown = await world.did(showSyslogServer, { server: 'logs' });
  const texts = JSON.stringify([
    ...[made, changed].map(({ output, decision }) => [output, decision?.audit, decision?.effects]),
    ...[shown.output, await world.rows(listSyslogServers)],
  ]);
  const secret = client.keyPem.split('\n')[1] ?? '';
  assert.ok(secret.length > 40 && !texts.includes(secret) && !texts.includes('PRIVATE'));
});

test('the record of a change says where records went before, and whom that was trusted to', async () => {
  const world = newWorld();
  await world.did(createSyslogServer, MUTUAL);
  const { decision } = await world.did(modifySyslogServer, { server: 'logs', address: '192.0.2.99' });
  assert.match(
    decision?.audit?.message ?? '',
    /^server=logs address=192\.0\.2\.99 .* ca=[0-9A-F]{64} client=[0-9A-F]{64} before: server=logs address=192\.0\.2\.14 /,
  );
});

test('a change leaves what is not named, and the port follows the transport where nobody chose it', async () => {
  const world = newWorld();
  await world.did(createSyslogServer, { ...MUTUAL, serverName: 'logs.example.com', format: 'cef' });
  await world.did(modifySyslogServer, { server: 'logs', events: 'alarms' });
  const [server] = settingsOf(world);
  assert.deepEqual(
    [server?.format, server?.events, server?.serverName],
    ['cef', 'alarms', 'logs.example.com'],
  );
  await world.did(modifySyslogServer, { server: 'logs', mutualTls: false });
  assert.deepEqual(settingsOf(world)[0]?.clientKeyPem, '');
  await world.did(modifySyslogServer, { server: 'logs', transport: 'tcp' });
  const [plain] = settingsOf(world);
  assert.deepEqual([plain?.port, plain?.caPem, plain?.serverName, plain?.id], [514, '', '', server?.id]);
});

test('what cannot work is refused with the reason', async () => {
  const world = newWorld();
  await world.did(createSyslogServer, TCP);
  const other = { ...TLS, server: 'other' };
  for (const [given, refusal] of [
    [{ ...TCP }, 'SYSLOG_SERVER_EXISTS logs'],
    [{ ...other, address: 'logs.example.com' }, 'DNS_NOT_CONFIGURED logs.example.com'],
    [{ ...other, framing: 'newline' }, 'INVALID_PARAMETERS TLS counts octets (RFC 5425)'],
    [{ ...other, transport: 'tcp' }, 'INVALID_PARAMETERS certificates and their names are for TLS'],
    [
      { ...other, clientKey: client.keyPem },
      'SYSLOG_CERTIFICATE_UNUSABLE client certificate: it and its key are given together',
    ],
    [{ ...other, address: 'a b' }, 'INVALID_PARAMETERS an address, or a name as DNS has them'],
    [{ ...other, port: 0 }, /^INVALID_PARAMETERS/],
    [{ ...other, clientKey: 'secret' }, /^INVALID_PARAMETERS a private key in PEM$/],
  ] as const) {
    const found = await detailOf(world, createSyslogServer, given);
    if (typeof refusal === 'string') assert.equal(found, refusal);
    else assert.match(found, refusal);
  }
  assert.equal(
    await detailOf(world, modifySyslogServer, { server: 'logs', mutualTls: true }),
    'SYSLOG_CERTIFICATE_UNUSABLE client certificate: it and its key are needed',
  );
  assert.equal(
    await detailOf(world, modifySyslogServer, { server: 'x', clientKey: client.keyPem }),
    'SYSLOG_SERVER_DOES_NOT_EXIST x',
  );
  assert.equal(await detailOf(world, deleteSyslogServer, { server: 'x' }), 'SYSLOG_SERVER_DOES_NOT_EXIST x');
  assert.equal(await detailOf(world, showSyslogServer, { server: 'x' }), 'SYSLOG_SERVER_DOES_NOT_EXIST x');
  assert.equal(settingsOf(world).length, 1);
});

test('a name is taken where there are DNS servers that can be asked', async () => {
  const world = newWorld();
  await world.did(setDns, { servers: ['192.0.2.53'] });
  await world.did(createSyslogServer, { ...TCP, address: 'logs.example.com' });
  assert.equal(settingsOf(world)[0]?.address, 'logs.example.com');
});

test('there are sixteen at most, and one of a name that is made again is another one', async () => {
  const world = newWorld();
  for (let i = 0; i < 16; i++) await world.did(createSyslogServer, { ...TCP, server: `logs-${i}` });
  assert.equal(await world.refusal(createSyslogServer, TCP), 'TOO_MANY_SYSLOG_SERVERS');
  const before = settingsOf(world).find(({ name }) => name === 'logs-3')?.id;
  await world.did(deleteSyslogServer, { server: 'logs-3' });
  await world.did(createSyslogServer, { ...TCP, server: 'logs-3' });
  assert.notEqual(settingsOf(world).find(({ name }) => name === 'logs-3')?.id, before);
});

test('how a server fares is what the platform process says of it', async () => {
  const world = newWorld();
  await world.did(createSyslogServer, TCP);
  const said = {
    server: 'logs',
    state: 'down',
    trouble: 'connect ECONNREFUSED',
    sent: 4,
    skipped: 1,
    waiting: 7,
  };
  const part = { summary: '', troubles: [], details: { servers: [{ ...said, repeatedAtMost: 0 }] } };
  const platformStates = () => ({
    running: true,
    wanted: true,
    goneForMs: 0,
    parts: new Map([['syslog', part]]),
  });
  const { output } = await world.did(showSyslogServer, { server: 'logs' }, { platformStates });
  assert.deepEqual(
    [output.state, output.trouble, output.sent, output.skipped, output.waiting],
    ['down', 'connect ECONNREFUSED', 4, 1, 7],
  );
});
