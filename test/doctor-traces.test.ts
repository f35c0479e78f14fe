/** What looks of doctors, of monitoring and of browsers leave in the audit of the KMA they look at: nothing that counts as somebody who was refused. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { Examination } from '@openkma/agent/doctor';
import { recordsOf } from './support/audit-rows.ts';
import { type ClusterKma, TestCluster } from './support/cluster.ts';
import { until } from './support/until.ts';

const cluster = new TestCluster(25_200);
after(() => cluster[Symbol.asyncDispose]());
const first = await cluster.first('kma-1', '127.0.2.71');
const second = await cluster.joined(first, 'kma-2', '127.0.2.72');

/** Written together, at the latest when the KMA stops. */
async function refusedAt(kma: ClusterKma, work: () => Promise<unknown>): Promise<readonly string[]> {
  const records = await recordsOf(kma.data, async () => {
    await work();
    await kma.stop();
  });
  await kma.serve();
  return records
    .filter(({ condition }) => condition === 'Refused before authentication')
    .map(({ message }) => message);
}

/** Whatever it ends with. */
function gone(socket: Socket): Promise<void> {
  return new Promise(
    (resolve) =>
      void socket
        .on('error', () => undefined)
        .once('close', () => resolve())
        .resume(),
  );
}

test('the doctor of a member that is connected', async () => {
  const refused = await refusedAt(second, async () => {
    await until('the two are connected', async () => {
      const { result } = await first.ask<Examination>('RunLocalDoctor', {});
      return result === 'fine';
    });
    const { places } = await first.ask<Examination>('RunLocalDoctor', {});
    assert.deepEqual(
      places.flatMap(({ services }) =>
        services.map(({ service, steps }) => [service, steps.at(-1)?.outcome]),
      ),
      [
        ['ca', 'ok'],
        ['certificate', 'ok'],
        ['replication', 'ok'],
      ],
    );
  });
  assert.deepEqual(refused, []);
});

test('connections on which nothing is asked, and browsers that do not know the root CA', async () => {
  const { ca, certificate, management, agent, discovery, replication } = second.ports;
  const refused = await refusedAt(second, async () => {
    for (const port of [ca, certificate, management, agent, discovery, replication]) {
      const socket = connect(port, second.host, () => socket.end());
      await gone(socket);
    }
    for (const port of [certificate, management, replication])
      await gone(connectTls({ port, host: second.host, minVersion: 'TLSv1.3' }));
  });
  assert.deepEqual(
    refused.filter((text) => !text.includes('PEER_DID_NOT_RETURN_A_CERTIFICATE')),
    [],
  );
});
