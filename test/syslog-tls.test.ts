/** Syslog over TLS with a real rsyslogd: only the server that it has to be gets anything, and only the KMA that it has to be is taken. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { syslogServerOf } from '../src/platform/syslog/audit.fixture.ts';
import { OddReceiver } from './support/odd-receiver.ts';
import { Rsyslogd } from './support/rsyslogd.ts';
import { begun, connected, rowsOf, serve, stateOf, upTo } from './support/syslog-serving.ts';
import { TestAuthority } from './support/test-authority.ts';
import { until } from './support/until.ts';

const MANY = 3_000;

test('TLS: a server of the loaded CA with the right name gets all; a wrong CA or name is refused, and said', async (t) => {
  const source = begun(t);
  const folder = (name: string) => join(source.directory, name);
  const [authority, other] = [new TestAuthority(folder('ca')), new TestAuthority(folder('other'))];
  const server = authority.issue('logs.test', ['DNS:logs.test']);
  await using rsyslogd = await Rsyslogd.start(folder('rsyslog'), { authority, server });
  const tls = { transport: 'tls', address: 'logs.test', caPem: authority.pem } as const;
  const part = serve(t, source, [
    syslogServerOf(rsyslogd.port, tls),
    syslogServerOf(rsyslogd.port, { ...tls, id: 'B'.repeat(32), name: 'wrong ca', caPem: other.pem }),
    syslogServerOf(rsyslogd.port, { ...tls, id: 'D'.repeat(32), name: 'wrong name', serverName: 'x.test' }),
    syslogServerOf(rsyslogd.port, { ...tls, id: 'E'.repeat(32), name: 'no name', address: '127.0.0.1' }),
  ]);
  await connected(part);
  source.write(MANY);
  await until('all are there', () => rsyslogd.received().length >= MANY);
  await until('all troubles are told', () => source.notes.length >= 3);
  await part.stop();
  assert.deepEqual(rowsOf(rsyslogd), upTo(MANY + 1, 2), 'from the one that is trusted alone');
  assert.deepEqual(source.notes.map(({ message, class: kind }) => `${kind}: ${message}`).sort(), [
    `Security Violation: receiver="syslog server no name" why="Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: "`,
    `Security Violation: receiver="syslog server wrong ca" why="the server's certificate is not of the loaded CA (UNABLE_TO_VERIFY_LEAF_SIGNATURE)"`,
    `Security Violation: receiver="syslog server wrong name" why="Hostname/IP does not match certificate's altnames: Host: x.test. is not in the cert's altnames: DNS:logs.test"`,
  ]);
});

test('mutual TLS: with the loaded certificate all arrives, also after a time of receiver down; without or with another one nothing does', async (t) => {
  const source = begun(t);
  const authority = new TestAuthority(join(source.directory, 'ca'));
  const stranger = new TestAuthority(join(source.directory, 'other')).issue('kma-1', ['DNS:kma-1']);
  const [server, client] = [
    authority.issue('logs.test', ['DNS:logs.test']),
    authority.issue('kma-1', ['DNS:kma-1']),
  ];
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'), {
    ...{ authority, server, client: 'kma-1' },
  });
  const tls = { transport: 'tls', address: 'logs.test', caPem: authority.pem } as const;
  const part = serve(t, source, [
    syslogServerOf(rsyslogd.port, {
      ...tls,
      clientCertificatePem: client.certificatePem,
      clientKeyPem: client.keyPem,
    }),
    syslogServerOf(rsyslogd.port, { ...tls, id: 'B'.repeat(32), name: 'none' }),
    syslogServerOf(rsyslogd.port, {
      ...{ ...tls, id: 'D'.repeat(32), name: 'stranger' },
      clientCertificatePem: stranger.certificatePem,
      clientKeyPem: stranger.keyPem,
    }),
  ]);
  await connected(part);
  source.write(MANY);
  await until('all are there', () => rsyslogd.received().length >= MANY);
  await rsyslogd.stop();
  await until('it is down', () => stateOf(part)?.state === 'down');
  source.write(MANY);
  await rsyslogd.resume();
  await until('all are there', () => rsyslogd.received().length >= 2 * MANY);
  // Some may come twice: a server that ends over TLS does not tell what it had read.
  await until('the last is there', () => rowsOf(rsyslogd).at(-1) === 2 * MANY + 1);
  assert.deepEqual([...new Set(rowsOf(rsyslogd))], upTo(2 * MANY + 1, 2));
  await until('the others are down', () =>
    ['none', 'stranger'].every((name) => stateOf(part, name)?.state === 'down'),
  );
});

test('what a server had not read that ends its TLS in order, and its connection much later, is sent again', async (t) => {
  const source = begun(t);
  const authority = new TestAuthority(join(source.directory, 'ca'));
  const server = authority.issue('logs.test', ['DNS:logs.test']);
  const reader = createServer({ cert: server.certificatePem, key: server.keyPem });
  reader.listen(0, '127.0.0.1');
  await once(reader, 'listening');
  const { port } = reader.address() as AddressInfo;
  const begunWith = once(reader, 'secureConnection');
  const tls = { transport: 'tls', address: 'logs.test', caPem: authority.pem } as const;
  const part = serve(t, source, [syslogServerOf(port, tls)], { settleMs: 60_000 });
  const [socket]: TLSSocket[] = await begunWith;
  assert.ok(socket !== undefined);
  socket.on('error', () => undefined);
  await connected(part);
  source.write(MANY);
  await until('all are on the way', () => stateOf(part)?.waiting === 0);
  reader.close();
  socket.end();
  await until('it is down', () => stateOf(part)?.state === 'down');
  socket.destroy();
  await using rsyslogd = await Rsyslogd.start(join(source.directory, 'rsyslog'), { authority, server }, port);
  await until('all are there', () => rsyslogd.received().length >= MANY);
  assert.deepEqual(rowsOf(rsyslogd), upTo(MANY + 1, 2));
});

test('a server that takes the connection and never speaks TLS, or speaks something else, is given up in time and tried again', async (t) => {
  const source = begun(t);
  await using silent = await OddReceiver.start(() => undefined);
  await using odd = await OddReceiver.start((socket) => void socket.end('220 mail.test ESMTP\r\n'));
  const { pem } = new TestAuthority(join(source.directory, 'ca'));
  const tls = { transport: 'tls', caPem: pem } as const;
  const part = serve(
    t,
    source,
    [syslogServerOf(silent.port, tls), syslogServerOf(odd.port, { ...tls, id: 'B'.repeat(32), name: 'odd' })],
    { connectMs: 300 },
  );
  await until('it is given up', () => /^no answer from 127\.0\.0\.1/.test(stateOf(part)?.trouble ?? ''));
  await until('it is not TLS', () => /wrong version number|SSL/i.test(stateOf(part, 'odd')?.trouble ?? ''));
  await until('both are tried again', () => silent.connections > 1 && odd.connections > 1);
  await until('people are told', () => source.conditions().length === 2);
  assert.deepEqual([...new Set(source.conditions())], ['Receiver unreachable']);
});
