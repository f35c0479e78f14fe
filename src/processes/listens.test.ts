/** Where fronts listen, and what is said of a port that is taken. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { OpenKmaError } from '../errors.ts';
import { claimPorts, listensOf } from './listens.ts';

const hosts = (management: string, service: string) => [
  ...new Set(
    listensOf({ management, service }, {})
      .filter(({ service: of }) => of !== 'management' && of !== 'replication')
      .map(({ host }) => host),
  ),
];

test('the ports of agents are open on both networks, once where they are one, and those of managers and KMAs on theirs alone', () => {
  const one = listensOf({ management: '127.0.0.1', service: '127.0.0.1' }, {});
  assert.deepEqual(
    one.map(({ service, port }) => [service, port]),
    [
      ['ca', 3331],
      ['certificate', 3332],
      ['management', 3333],
      ['agent', 3334],
      ['discovery', 3335],
      ['replication', 3336],
    ],
  );
  const two = listensOf({ management: '10.0.0.1', service: '10.1.0.1' }, {});
  assert.equal(two.length, 10);
  assert.deepEqual(
    two.flatMap(({ service, host }) => (service === 'management' || service === 'replication' ? [host] : [])),
    ['10.0.0.1', '10.0.0.1'],
  );
});

test('a wildcard covers the addresses of its family', () => {
  assert.deepEqual(hosts('0.0.0.0', '10.1.0.1'), ['0.0.0.0']);
  assert.deepEqual(hosts('10.0.0.1', '0.0.0.0'), ['0.0.0.0']);
  assert.deepEqual(hosts('0.0.0.0', 'fd00::1'), ['0.0.0.0', 'fd00::1']);
  assert.deepEqual(hosts('::', '10.1.0.1'), ['::']);
});

test('other ports than those of the table can be given', () => {
  const agent = listensOf({ management: '::1', service: '::1' }, { agent: 13334 }).find(
    ({ service }) => service === 'agent',
  );
  assert.deepEqual(agent, { service: 'agent', host: '::1', port: 13334 });
});

test('a taken port is named with the program that holds it, even where that would share it', async (t) => {
  for (const reusePort of [false, true]) {
    const server = createServer();
    server.listen({ host: '127.0.0.1', port: 0, reusePort });
    await once(server, 'listening');
    t.after(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await assert.rejects(claimPorts([{ service: 'agent', host: '127.0.0.1', port }]), (error) => {
      assert.ok(error instanceof OpenKmaError);
      assert.equal(error.code, 'PORT_TAKEN');
      assert.match(
        error.detail ?? '',
        new RegExp(`^port ${port} at 127.0.0.1 is held by node \\(process ${process.pid}\\)$`),
      );
      return true;
    });
  }
});

test('an address of another machine is refused, and port 0 becomes a free one', async () => {
  await assert.rejects(claimPorts([{ service: 'agent', host: '192.0.2.1', port: 0 }]), {
    code: 'ADDRESS_UNUSABLE',
  });
  const claim = await claimPorts([{ service: 'agent', host: '127.0.0.1', port: 0 }]);
  assert.ok((claim.listens[0]?.port ?? 0) > 0);
  claim.release();
});

test('a port that another KMA has claimed and not opened yet is refused until it is released', async () => {
  const first = await claimPorts([{ service: 'agent', host: '127.0.0.1', port: 0 }]);
  await assert.rejects(claimPorts(first.listens), { code: 'PORT_TAKEN' });
  first.release();
  (await claimPorts(first.listens)).release();
});

test('what was claimed before a refusal is released', async () => {
  const first = await claimPorts([{ service: 'agent', host: '127.0.0.1', port: 0 }]);
  first.release();
  const bad = { service: 'discovery', host: '192.0.2.1', port: 0 } as const;
  await assert.rejects(claimPorts([...first.listens, bad]), { code: 'ADDRESS_UNUSABLE' });
  (await claimPorts(first.listens)).release();
});
