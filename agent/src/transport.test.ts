/** One call over real sockets: who is trusted, how long is waited, how much is read. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { encodeResponse, MalformedResponseError, SoapFault } from '@openkma/protocol';
import { type Issued, TestAuthority } from '../test/test-authority.ts';
import { TransportError } from './errors.ts';
import { Transport, type TransportOptions } from './transport.ts';

let authority: TestAuthority;
let kma: Issued;
let agent: Issued;
before(async () => {
  authority = await TestAuthority.create();
  [kma, agent] = await Promise.all([authority.issue('KMA', 'server'), authority.issue('agent1', 'client')]);
});

const disassociated = encodeResponse('agent', 'CreateAuditLog', {});
const clock = encodeResponse('ca', 'RetrieveLocalClock', { currentTime: 0 });
const servers: http.Server[] = [];
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

async function listening(server: http.Server): Promise<{ address: string; port: number }> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const answering = (body: string, status = 200): http.RequestListener => {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { 'Content-Type': 'text/xml' }).end(body);
  };
};
const secure = (options: TlsOptions, body = disassociated) =>
  listening(https.createServer(options, answering(body)));
const mutual = (): TlsOptions => ({
  cert: kma.certificatePem,
  key: kma.privateKeyPem,
  ca: authority.certificatePem,
  requestCert: true,
  rejectUnauthorized: true,
});

function transport(t: TestContext, more: Partial<TransportOptions> = {}): Transport {
  const made = new Transport({
    caPem: authority.certificatePem,
    ...agent,
    minimumTls: '1.2',
    timeoutMs: 2_000,
    ...more,
  });
  t.after(() => made.close());
  return made;
}
const message = {
  retention: 'AUDIT-LOG-SHORT-TERM-RETENTION',
  condition: 'AUDIT-LOG-SUCCESS-CONDITION',
  issueAlert: false,
  message: 'x',
} as const;

test('trusts a KMA under its CA whatever its name is', async (t) => {
  const endpoint = await secure(mutual());
  assert.deepEqual(await transport(t).call(endpoint, 'CreateAuditLog', message), {});
});

test('refuses a KMA under another CA, even one of the same name', async (t) => {
  const other = await TestAuthority.create();
  const { certificatePem, privateKeyPem } = await other.issue('KMA', 'server');
  const endpoint = await secure({ cert: certificatePem, key: privateKeyPem });
  await assert.rejects(transport(t).call(endpoint, 'CreateAuditLog', message), TransportError);
});

test("refuses an agent's certificate in the place of a KMA's", async (t) => {
  const endpoint = await secure({ cert: agent.certificatePem, key: agent.privateKeyPem });
  await assert.rejects(transport(t).call(endpoint, 'CreateAuditLog', message), /purpose/);
});

test('trusts nobody over TLS without a CA', async (t) => {
  const endpoint = await secure({ cert: kma.certificatePem, key: kma.privateKeyPem });
  const without = new Transport({ minimumTls: '1.2', timeoutMs: 2_000 });
  t.after(() => without.close());
  await assert.rejects(without.call(endpoint, 'CreateAuditLog', message), TransportError);
});

test('speaks TLS 1.0 with AES256-SHA only when the minimum says so', async (t) => {
  const old = {
    ...mutual(),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1',
    ciphers: 'AES256-SHA:@SECLEVEL=0',
  } as const;
  const endpoint = await secure(old);
  await assert.rejects(transport(t).call(endpoint, 'CreateAuditLog', message), TransportError);
  assert.deepEqual(await transport(t, { minimumTls: '1.0' }).call(endpoint, 'CreateAuditLog', message), {});
});

test('speaks AES256-SHA over TLS 1.2 and the newest TLS by default', async (t) => {
  const protocols: (string | null)[] = [];
  for (const options of [{ ...mutual(), maxVersion: 'TLSv1.2', ciphers: 'AES256-SHA' } as const, mutual()]) {
    const server = https.createServer(options, answering(disassociated));
    server.on('secureConnection', (socket) => protocols.push(socket.getProtocol()));
    await transport(t).call(await listening(server), 'CreateAuditLog', message);
  }
  assert.deepEqual(protocols, ['TLSv1.2', 'TLSv1.3']);
});

test('gives up on a KMA that connects and never answers', async (t) => {
  const endpoint = await listening(http.createServer(() => {}));
  await assert.rejects(
    transport(t, { timeoutMs: 50 }).call(endpoint, 'RetrieveLocalClock', { entityId: 'agent1' }),
    /no answer within 0.05 s/,
  );
});

test('gives up on an answer that trickles', async (t) => {
  const endpoint = await listening(
    http.createServer((_, response) => {
      const trickle = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(trickle));
    }),
  );
  await assert.rejects(
    transport(t, { timeoutMs: 100 }).call(endpoint, 'RetrieveLocalClock', { entityId: 'agent1' }),
    /no answer within/,
  );
});

test('stops reading an answer that is too large', async (t) => {
  let sent = 0;
  const endpoint = await listening(
    http.createServer((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, ' '))) sent += 65_536;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    }),
  );
  await assert.rejects(
    transport(t).call(endpoint, 'RetrieveLocalClock', { entityId: 'agent1' }),
    /more than 1048576 bytes/,
  );
  assert.ok(sent < 50_000_000);
});

test('tells a fault from an answer, from nonsense and from another status', async (t) => {
  const fault =
    '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><E:Fault><faultcode>E:Client</faultcode><faultstring>1000 no</faultstring></E:Fault></E:Body></E:Envelope>';
  const ask = async (body: string, status?: number) =>
    await transport(t).call(
      await listening(http.createServer(answering(body, status))),
      'RetrieveLocalClock',
      {
        entityId: 'agent1',
      },
    );
  assert.deepEqual(await ask(clock), { currentTime: 0 });
  for (const status of [200, 400, 500])
    await assert.rejects(ask(fault, status), (error) => error instanceof SoapFault && error.number === 1000);
  await assert.rejects(ask('<html>', 200), MalformedResponseError);
  await assert.rejects(ask(disassociated), MalformedResponseError);
  await assert.rejects(ask(clock, 302), /HTTP status 302/);
});

test('takes a broken answer for none', async (t) => {
  const endpoint = await listening(
    http.createServer((_, response) => {
      response.writeHead(200, { 'Content-Length': 1_000 });
      response.write('<', () => response.destroy());
    }),
  );
  await assert.rejects(
    transport(t).call(endpoint, 'RetrieveLocalClock', { entityId: 'agent1' }),
    TransportError,
  );
});

test('keeps a connection when told to, and survives its end', async (t) => {
  let connections = 0;
  const server = http.createServer({ keepAliveTimeout: 30_000 }, answering(clock));
  server.on('connection', () => connections++);
  const endpoint = await listening(server);
  const kept = transport(t, { keepAlive: true });
  const ask = () => kept.call(endpoint, 'RetrieveLocalClock', { entityId: 'agent1' });
  await ask();
  await ask();
  assert.equal(connections, 1);
  server.closeAllConnections();
  await ask();
  assert.equal(connections, 2);
});

test('a call on a kept connection that nobody answers has failed, and is not made again', async (t) => {
  let calls = 0;
  const server = http.createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    calls += 1;
    request.resume();
    if (calls === 1) response.writeHead(200, { 'Content-Type': 'text/xml' }).end(clock);
  });
  const endpoint = await listening(server);
  const kept = transport(t, { keepAlive: true, timeoutMs: 200 });
  const ask = () => kept.call(endpoint, 'RetrieveLocalClock', { entityId: 'agent1' });
  await ask();
  await assert.rejects(ask(), TransportError);
  // What would have been sent again is there before what is asked now.
  await assert.rejects(ask(), TransportError);
  assert.equal(calls, 3);
});
