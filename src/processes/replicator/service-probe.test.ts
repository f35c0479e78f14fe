/** What is seen of members on their service networks: one that answers with its key, one with another key, one that is silent, none, and places that no way leads to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createPlainServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import { freePort } from '../../../test/support/free-port.ts';
import { until } from '../../../test/support/until.ts';
import type { ServiceAnswer } from '../../core/membership.ts';
import type { Member } from '../../replication/roster.ts';
import { TestCa } from './memory-core.fixture.ts';
import { ServiceProbe } from './service-probe.ts';

const ca = await TestCa.make();
const own = await ca.issue('kma', 'kma-1');
const other = await ca.issue('kma', 'kma-2');
const PORT = await freePort();
const SILENT_MS = 30_000;

async function listening(t: TestContext, server: Server, host: string): Promise<void> {
  server.listen({ host, port: PORT });
  await once(server, 'listening');
  t.after(() => server.close());
}
const servesAs = ({ privateKeyPem: key, certificatePem: cert }: typeof other) => createServer({ key, cert });
const member = (kmaId: string, serviceAddress: string): Member => ({
  ...{ kmaId, name: kmaId, address: '', serviceAddress },
  ...{ keySha256: other.keySha256, incarnations: [] },
});

test('a member is left in order, so that its people are not told of a connection that was reset', async (t) => {
  const server = servesAs(other);
  const ends: string[] = [];
  server.on('tlsClientError', (error) => ends.push(String(error)));
  server.on('secureConnection', (socket) => {
    socket.on('error', (error) => ends.push(String(error)));
    socket.on('end', () => ends.push('end')).resume();
  });
  await listening(t, server, '127.0.8.5');
  let answered = 0;
  const probe = new ServiceProbe({
    members: () => [member('itself', '127.0.8.5')],
    tls: () => own,
    addressesOf: async (name) => [name],
    port: PORT,
    onAnswer: () => {
      answered += 1;
    },
  });
  t.after(() => probe.close());
  await until(
    'it has answered, and the connection is over',
    // A handshake that took too long on a busy machine ends otherwise, and is tried again.
    () => answered > 0 && ends.at(-1) === 'end',
    SILENT_MS,
  );
});

test('a member responds with its own key, and what else is there is told apart', async (t) => {
  await listening(t, servesAs(other), '127.0.8.1');
  await listening(t, servesAs(own), '127.0.8.2');
  // As a KMA that was stopped: the system takes connections, and nobody answers.
  const silent = createPlainServer((socket) => socket.on('error', () => undefined).resume());
  await listening(t, silent, '127.0.8.3');
  const answers = new Map<string, ServiceAnswer>();
  const probe = new ServiceProbe({
    members: () => [
      member('itself', '127.0.8.1'),
      member('stranger', '127.0.8.2'),
      member('silent', '127.0.8.3'),
      member('down', '127.0.8.4'),
      member('far', '2001:db8::1'),
      member('nowhere', ''),
      member('unnamed', 'kma.invalid'),
      member('named', 'kma.example'),
    ],
    tls: () => own,
    addressesOf: async (name) => {
      if (name === 'kma.invalid') throw new Error('no such name');
      return name === 'kma.example' ? ['127.0.8.4', '127.0.8.1'] : [name];
    },
    port: PORT,
    onAnswer: (kmaId, answer) => answers.set(kmaId, answer),
  });
  t.after(() => probe.close());
  // On a busy machine one that responds may be too late for the first round.
  await until(
    'all are seen',
    () => answers.size === 8 && ['itself', 'named'].every((kmaId) => answers.get(kmaId) === 'responding'),
    SILENT_MS,
  );
  // Where this machine has a way to the network of documentation, nothing answers there.
  assert.ok(['not-accessible', 'not-responding'].includes(answers.get('far') ?? ''));
  answers.delete('far');
  assert.deepEqual(Object.fromEntries(answers), {
    itself: 'responding',
    stranger: 'not-responding',
    silent: 'not-responding',
    down: 'not-responding',
    nowhere: 'not-accessible',
    unnamed: 'not-accessible',
    named: 'responding',
  });
});
