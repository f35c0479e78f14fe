/** Certificates that expire soon are recorded each day, the first to expire first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, set } from '../../core/facts.ts';
import type { AgentId, Fingerprint, UserId } from '../../core/ids.ts';
import { DAY_MS, World } from '../../operations/world.fixture.ts';
import { createRootCa } from '../../security/certificates.ts';
import { CertificateWatch } from './certificate-watch.ts';

type Certificate = [of: string, endsInDays: number];

async function begin(agents: readonly Certificate[], users: readonly Certificate[] = []) {
  const world = new World();
  const startMs = world.nowMs;
  const endOf = (days: number) => startMs + days * DAY_MS;
  for (const [place, [name, days]] of agents.entries()) {
    const id = `A${place}` as AgentId;
    world.commit([
      created('agent', id, { name, createdAt: 1 }),
      set('agent', id, { enabled: 1, enrolled: 1 }),
      created('agent_certificate', `old${place}` as Fingerprint, {
        ...{ agentId: id, serial: '1', createdAt: 1, notAfter: endOf(3), proof: 'modern' },
      }),
      created('agent_certificate', `new${place}` as Fingerprint, {
        ...{ agentId: id, serial: '2', createdAt: 2, notAfter: endOf(days), proof: 'modern' },
      }),
    ]);
  }
  const [officer] = world.state.page('user', '', 1);
  for (const [description, days] of users)
    world.commit([
      created('user_certificate', description, {
        ...{ userId: officer?.id as UserId, purpose: 'monitoring', description, serial: '1', createdAt: 1 },
        notAfter: endOf(days),
      }),
    ]);
  const notes: string[] = [];
  const watch = new CertificateWatch({
    state: world.state,
    self: world.self,
    note: async ({ certificates, more }) => {
      notes.push(`${certificates.map(({ of, until }) => `${of} ${until}`).join(', ')} +${more}`);
      return true;
    },
  });
  const onDay = async (day: number) => {
    await watch.look(startMs + day * DAY_MS);
    return notes.splice(0);
  };
  return { world, onDay };
}

test('agents and users whose newest certificate ends within thirty days are named, the first to end first', async () => {
  const { onDay } = await begin(
    [
      ['drive-1', 29],
      ['drive-2', 31],
      ['drive-3', 10],
    ],
    [['prometheus', 20]],
  );
  assert.deepEqual(await onDay(0), [
    'agent drive-3 2026-01-11, user officer 2026-01-21, agent drive-1 2026-01-30 +0',
  ]);
});

test('it is said once a day, and not of what has been revoked or is over', async () => {
  const { world, onDay } = await begin([['drive-1', 20]], [['prometheus', 20]]);
  assert.equal((await onDay(0)).length, 1);
  assert.deepEqual(await onDay(0.9), []);
  world.commit([
    event('user_certificate', 'prometheus', 'revoked', { revokedAt: 1, revokedBy: '' as UserId }),
  ]);
  assert.deepEqual(await onDay(1), ['agent drive-1 2026-01-21 +0']);
  assert.deepEqual(await onDay(21), []);
});

test('of many the first twenty are named and the rest counted', async () => {
  const { onDay } = await begin(Array.from({ length: 130 }, (_, place): Certificate => [`d${place}`, 20]));
  const [note = ''] = await onDay(0);
  assert.equal(note.split(',').length, 20);
  assert.match(note, /\+110$/);
});

test('the root CA is named a quarter of a year ahead', async () => {
  const { world, onDay } = await begin([]);
  const nowMs = Date.UTC(2026, 0, 1);
  const { certificatePem } = await createRootCa({ digest: 'SHA-256', nowMs, days: 365 });
  world.commit([set('certificate_authority', 'root', { certificatePem })]);
  assert.deepEqual(await onDay(274), []);
  assert.deepEqual(await onDay(276), ['root CA 2027-01-01 +0']);
});
