/** Holds what tests with network namespaces rest on: hosts reach each other where they share a network, rules stop them, and nothing is left. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { TestNetwork } from './network-namespaces.ts';

const PORT = 3331;
/** Says "open" or why not. */
const KNOCK = `
const [host, port] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port, timeout: 1500 });
const end = (text) => { console.log(text); process.exit(); };
socket.on('connect', () => end('open')).on('error', ({ code }) => end(code)).on('timeout', () => end('silent'));
`;
const LISTEN = `require('node:net').createServer().listen({ port: ${PORT}, host: '::' }, () => console.log('listens'));`;

const makeNetwork = () =>
  TestNetwork.make({ agent: ['service'], manager: ['management'], kma: ['management', 'service'] });

const namespaces = (pid = process.pid) => {
  try {
    return readdirSync('/run/netns').filter((name) => name.startsWith(`okmtest-${pid}-`));
  } catch {
    return [];
  }
};

async function listening(network: ReturnType<typeof makeNetwork>) {
  const child = network.start('kma', [process.execPath, '-e', LISTEN], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child;
}

test('hosts reach each other over IPv4 and IPv6 on the networks they share, and on no other', async () => {
  await using network = makeNetwork();
  await listening(network);
  const knock = async (from: 'agent' | 'manager', address: string) =>
    (await network.must(from, process.execPath, '-e', KNOCK, address, String(PORT))).trim();
  assert.equal(await knock('agent', network.ipv4('kma', 'service')), 'open');
  assert.equal(await knock('agent', network.ipv6('kma', 'service')), 'open');
  assert.equal(await knock('manager', network.ipv4('kma', 'management')), 'open');
  assert.equal(await knock('agent', network.ipv4('kma', 'management')), 'ENETUNREACH');
});

test('rules of a host drop what they name until they are taken away', async () => {
  await using network = makeNetwork();
  await listening(network);
  const address = network.ipv4('kma', 'service');
  const knock = async () =>
    (await network.must('agent', process.execPath, '-e', KNOCK, address, String(PORT))).trim();
  await network.setRules(
    'kma',
    `table inet test { chain input { type filter hook input priority 0\n tcp dport ${PORT} drop\n }\n }`,
  );
  assert.equal(await knock(), 'silent');
  await network.setRules('kma', '');
  assert.equal(await knock(), 'open');
  await assert.rejects(network.setRules('kma', 'no such rule'), /syntax error/);
});

test('with the network its namespaces and its processes are gone, also where the test failed', async () => {
  let ended: Promise<unknown> = Promise.resolve();
  const failing = async () => {
    await using network = makeNetwork();
    assert.equal(namespaces().length, 4);
    ended = once(await listening(network), 'exit');
    throw new Error('the test failed');
  };
  await assert.rejects(failing(), /the test failed/);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.deepEqual(namespaces(), []);
});

test('what a test that was killed has left behind the next one takes away', async () => {
  const here = import.meta.resolve('./network-namespaces.ts');
  const script = `
    const { TestNetwork } = await import(${JSON.stringify(here)});
    const network = TestNetwork.make({ one: ['lan'] });
    network.start('one', ['sleep', '1000']);
    process.kill(process.pid, 'SIGKILL');`;
  const killed = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  await once(killed, 'exit');
  assert.equal(namespaces(killed.pid).length, 2);
  await using _network = TestNetwork.make({ other: ['lan'] });
  assert.deepEqual(namespaces(killed.pid), []);
});
