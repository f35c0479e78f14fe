/** Replicators carry the audit between cores in memory: from its KMA or from whoever has it, and to no member that does not know of it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';
import { until } from '../../../test/support/until.ts';
import { AUDIT_SINCE, type AuditMessage, auditMessage } from '../../replication/audit-messages.ts';
import { PATIENCE_MS, pair } from '../../replication/engine-world.fixture.ts';
import { logKeyPair } from '../../replication/log-keys.ts';
import { PeerChannel } from '../../replication/peer-channel.ts';
import type { ConnectedPeer } from '../../replication/peers.ts';
import { Roster } from '../../replication/roster.ts';
import { type Secured, secure } from '../../replication/secure-stream.ts';
import { logPublicKey } from '../../security/log-signing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { AuditLinks } from './audit-links.ts';
import { withEvil } from './evil-member.fixture.ts';
import type { MemoryCore } from './memory-core.fixture.ts';
import { greet, secured } from './played-member.fixture.ts';
import { arrived, cluster, pairOf } from './replicators.fixture.ts';

const LONG_MS = 60_000;

async function audited(from: MemoryCore, to: MemoryCore): Promise<void> {
  const own = from.auditOf(from);
  await until(
    `${own.length} audit records of ${from.name} at ${to.name}`,
    () => to.auditOf(from).length === own.length,
    LONG_MS,
  );
  assert.deepEqual(to.auditOf(from), own);
}
const records = (count: number, text: string) => Array.from({ length: count }, (_, n) => `${text} ${n}`);

test('records come to all members in order, many at once and what is written later', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  a.writeAudit(...records(900, 'a'));
  b.writeAudit('b');
  for (const to of [b, c]) await audited(a, to);
  for (const to of [a, c]) await audited(b, to);
  a.writeAudit('later');
  for (const to of [b, c]) await audited(a, to);
  for (const core of cores) assert.deepEqual(core.told('refused'), []);
  for (const core of [b, c])
    assert.deepEqual(
      [
        ...new Set(core.told('audit-records').map(({ incarnationId, from }) => `${incarnationId} ${from}`)),
      ].sort(),
      cores
        .filter((one) => one !== core && one.auditOf(one).length > 0)
        .map((one) => `${one.incarnationId} ${one.kmaId}`)
        .sort(),
      'each from the KMA that wrote them, which is connected',
    );
});

test('the records of a member that is away come from another one', async (t) => {
  const { kmas, cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  await kmas[2]?.stop();
  a.writeAudit(...records(300, 'a'));
  await audited(a, b);
  await kmas[0]?.stop();
  await kmas[2]?.start();
  await audited(a, c);
  assert.ok(c.told('audit-records').every(({ from }) => from === b.kmaId));
});

test('a member whose records are refused is left with them, and loses nothing else', async (t) => {
  const { cores } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  a.refusesAudit = (all) => (all.includes('forged') ? 'not as they were signed' : null);
  b.writeAudit('forged');
  await until('they are refused', () => a.told('audit-records').length === 1, LONG_MS);
  b.writeAudit('after it');
  b.write('a fact');
  await arrived(b, a);
  a.writeAudit('other');
  await audited(a, b);
  assert.equal(a.told('audit-records').length, 1, 'it is not asked again at once');
  assert.deepEqual([a.auditOf(b), a.told('refused')], [[], []]);
});

/** What a member does on the channel of the audit, once it is welcome. */
function auditChannel({ stream }: Secured, bytes: Uint8Array | null, opened: () => void): void {
  const channel = new PeerChannel<{ readonly bytes: Uint8Array }>(stream, {
    protocol: 'openkma-audit/1',
    schema: z.custom<{ readonly bytes: Uint8Array }>(),
    maxBytes: Number.MAX_SAFE_INTEGER,
    encode: (message) => message.bytes,
    decode: () => ({}),
    onOpen() {
      opened();
      if (bytes !== null) channel.send({ bytes });
    },
    onMessage: () => undefined,
    onClose: () => undefined,
  });
}

for (const [version, knows] of [
  [AUDIT_SINCE, true],
  [AUDIT_SINCE - 1, false],
] as const)
  test(`a member of replication version ${version} ${knows ? 'is told' : 'hears nothing'} of the audit`, async (t) => {
    const { a, evil, port } = await withEvil(t);
    a.writeAudit('1');
    const connection = await secured(evil, a, port);
    const seen = { opened: false, healthy: false };
    greet(connection, evil, version, ({ t: kind }) => {
      if (kind === 'welcome')
        auditChannel(connection, null, () => {
          seen.opened = true;
        });
      seen.healthy ||= kind === 'health';
    });
    // It would have been opened in the turn of the welcome, before.
    await until('it is told how a fares', () => seen.healthy, LONG_MS);
    assert.equal(seen.opened, knows);
    connection.stream.destroy();
  });

for (const [what, bytes, why] of [
  ['a message that is none', Buffer.from('{'), /a message that is none/],
  ['an unknown message', Buffer.from('{"t":"x"}'), /an unexpected message/],
  ['a message that is too long', Buffer.alloc(3 * 1024 * 1024, 0x20), /a message of \d+ bytes/],
  [
    'records that are too many',
    Buffer.from(
      JSON.stringify({
        ...{ t: 'records', sequence: 1 },
        found: {
          start: { seq: 0, hash: '0'.repeat(64) },
          records: records(129, 'x'),
          proof: { signedBy: '0'.repeat(16), signature: '0'.repeat(128) },
        },
      }),
    ),
    /an unexpected message: found.records/,
  ],
] as const)
  test(`${what} on the channel of the audit is a fault`, async (t) => {
    const { evil, a, port, punished, othersGoOn } = await withEvil(t);
    const connection = await secured(evil, a, port);
    greet(connection, evil, AUDIT_SINCE, ({ t: kind }) => {
      if (kind === 'welcome') auditChannel(connection, bytes, () => undefined);
    });
    await punished(why);
    await othersGoOn();
  });

const keyPair = () => {
  const seed = randomBytes(32);
  return logKeyPair(seed, logPublicKey(new SecretBytes(Buffer.from(seed))));
};

test('what a member tells of is looked at when it is time, and not with each message', async (t) => {
  const [near, far] = pair();
  const [{ stream }, theirs] = await Promise.all([
    secure(near, true, keyPair(), PATIENCE_MS),
    secure(far, false, keyPair(), PATIENCE_MS),
  ]);
  t.after(() => stream.destroy());
  const [kmaId, life] = ['B'.repeat(32), 'B'.repeat(16)];
  const links = new AuditLinks({
    core: { ask: () => Promise.resolve(null) },
    ownIncarnationId: 'A'.repeat(16),
    fault: () => undefined,
  });
  links.setRoster(new Roster([]), [{ incarnationId: life }]);
  const peer = { kmaId, incarnationId: life, vector: {}, replicationVersion: AUDIT_SINCE } as ConnectedPeer;
  links.attach(stream, peer);
  let asked = 0;
  const { promise: open, resolve: onOpen } = Promise.withResolvers<void>();
  const channel = new PeerChannel<AuditMessage>(theirs.stream, {
    ...{ protocol: 'openkma-audit/1', schema: auditMessage, maxBytes: Number.MAX_SAFE_INTEGER },
    encode: (message) => Buffer.from(JSON.stringify(message)),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as unknown,
    onMessage: ({ t: kind }) => {
      asked += kind === 'after' ? 1 : 0;
    },
    ...{ onOpen, onClose: () => undefined },
  });
  await open;
  for (let n = 1; n <= 100; n++)
    channel.send({ t: 'chains', chains: [{ incarnationId: life, term: 'long', lastSeq: n }] });
  for (let n = 0; n < 100; n++) await turn();
  assert.equal(asked, 0);
  links.look();
  await until('it is asked', () => asked === 1, LONG_MS);
});
