/** A key that another KMA has made, and whose sealed object has not come from there yet: agents are told to ask another KMA, and nothing counts as damaged. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openAlone } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import { created } from '../../core/facts.ts';
import { activated } from '../../core/folding.fixture.ts';
import type { Fingerprint } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { sha256Hex } from '../../security/sealing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { OtherMember, PEER_LIFE } from './replicated-world.fixture.ts';

const KEY = '0000'.padEnd(60, 'B');

const kma = await TestKma.start();
(await kma.agent('drive')).close();
await kma.stop();
const running = await openAlone(kma.data);
after(async () => {
  await running.close();
  await kma[Symbol.asyncDispose]();
});
const { store } = running.core.parts;
const [certificate] = store.state.page('agent_certificate', '', 10);
const group = store.state.page('key_group', '', 10).find(({ name }) => name === 'group-a');

const retrieve = () =>
  running.core.call({
    operation: 'RetrieveKey',
    input: {
      keyId: KEY,
      keyGroupId: '',
      dataUnit: {
        dataUnitId: '',
        externalUniqueId: '',
        externalTag: '',
        description: '',
        state: 'DATA-UNIT-STATE-NO-KEY',
      },
    },
    origin: {
      service: 'agent',
      address: '127.0.0.1',
      localAddress: '127.0.0.1',
      fingerprint: (certificate?.id ?? null) as Fingerprint | null,
    },
    claim: { claim: 'network' },
  });

test('it is busy until the object is there', async () => {
  const plaintext = new SecretBytes(Buffer.alloc(32, 7));
  const object = running.core.security.seal({ kind: 'key', owner: KEY, plaintext });
  const other = new OtherMember(running);
  other.write(
    created('key', KEY, {
      objectId: object.id,
      objectSha256: sha256Hex(object.bytes),
      incarnationId: PEER_LIFE,
      madeSeq: other.blocks.length + 1,
      createdAt: 1,
    }),
  );
  other.write(activated(KEY, group?.id ?? '', running.core.parts.time.nowMs()));
  await other.deliver();
  const early = await retrieve();
  assert.ok(isRefusal(early));
  assert.equal(early.refused, 'SERVER_BUSY', early.detail);
  assert.match(early.detail ?? '', /has not come from the other KMAs yet$/);
  assert.equal(running.core.parts.health.storeTrouble, '');
  await running.replication.store([object]);
  const answer = await retrieve();
  assert.ok(!isRefusal(answer), JSON.stringify(answer));
});
