/** A member that cannot be reached is recorded once, its return once, and what lasts less than two looks not at all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed } from '../../core/facts.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import type { MemberStanding } from '../../operations/member-standing.ts';
import { World } from '../../operations/world.fixture.ts';
import { MemberWatch } from './member-watch.ts';

const OTHER = 'D'.repeat(32) as KmaId;
const LIFE = 'D'.repeat(16) as IncarnationId;

function begin() {
  const world = new World();
  const notes: string[] = [];
  const seen = { responding: true, heard: true, recordable: true, elapsedMs: 0 };
  const standing = (): MemberStanding => ({
    ...{ kmaId: OTHER, responding: seen.responding, responseMs: 1, clockAheadMs: 0, health: null },
    ...{ heardAtMs: 0, service: null, lagEntries: () => 0 },
  });
  const watch = new MemberWatch({
    state: world.state,
    self: world.self,
    members: () => (seen.heard ? [standing()] : []),
    elapsedMs: () => seen.elapsedMs,
    note: async (operation, { kma, seconds }) => {
      if (seen.recordable) notes.push(`${operation} ${kma} ${seconds}`);
      return seen.recordable;
    },
  });
  const enter = () => world.commit([created('kma', OTHER, { name: 'kma-2', createdAt: 1, number: 2 })]);
  const join = () =>
    world.commit([
      created('incarnation', LIFE, {
        ...{ kmaId: OTHER, logPublicKey: '', replicationPublicKey: '', createdAt: 1, reason: 'join' },
        ...{ clusterEpochId: '', baseVectorJson: '{}' },
      }),
    ]);
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute += 1) {
      seen.elapsedMs += 60_000;
      await watch.look();
    }
    return notes.splice(0);
  };
  return { world, seen, enter, join, minutes };
}

test('its absence is recorded once, and its return with how long it lasted', async () => {
  const { seen, enter, join, minutes } = begin();
  enter();
  join();
  assert.deepEqual(await minutes(3), []);
  seen.responding = false;
  assert.deepEqual(await minutes(5), ['NoteUnreachableMember kma-2 60']);
  seen.responding = true;
  assert.deepEqual(await minutes(3), ['NoteMemberBack kma-2 300']);
});

test('a start of it between two looks is nothing', async () => {
  const { seen, enter, join, minutes } = begin();
  enter();
  join();
  seen.responding = false;
  assert.deepEqual(await minutes(1), []);
  seen.responding = true;
  assert.deepEqual(await minutes(2), []);
});

test('one that was never heard of since this KMA started is away too, but not one that has not joined yet', async () => {
  const { seen, enter, join, minutes } = begin();
  seen.heard = false;
  enter();
  assert.deepEqual(await minutes(3), []);
  join();
  assert.deepEqual(await minutes(2), ['NoteUnreachableMember kma-2 60']);
});

test('what cannot be recorded is recorded later, and of who was removed nothing', async () => {
  const { world, seen, enter, join, minutes } = begin();
  enter();
  join();
  Object.assign(seen, { responding: false, recordable: false });
  assert.deepEqual(await minutes(3), []);
  seen.recordable = true;
  assert.deepEqual(await minutes(2), ['NoteUnreachableMember kma-2 180']);
  world.commit([event('incarnation', LIFE, 'ended', { endedAt: 1 }), removed('kma', OTHER)]);
  seen.responding = true;
  assert.deepEqual(await minutes(2), []);
});
