/** A member that was let in answers what nobody has asked, greets as somebody else, or dials where it should wait: it is left alone and reported, and the others go on. Who asks for what is not there any more is answered so, and not reported. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import type { PeerMessage } from '../../replication/peer-messages.ts';
import { REPLICATION_VERSION } from '../../version.ts';
import { leftAlone, withEvil } from './evil-member.fixture.ts';
import type { MemoryCore } from './memory-core.fixture.ts';
import { greet, secured } from './played-member.fixture.ts';
import { arrived, cluster, newId, objectOf, pairOf } from './replicators.fixture.ts';

const ignored = () => undefined;
/** Only the test's own connection counts: that of the true program has ended. */
const connections = (at: MemoryCore, to: MemoryCore) =>
  at
    .told('peer')
    .filter(({ kmaId }) => kmaId === to.kmaId)
    .at(-1)?.connected;

test('a member that gives objects which nobody has asked for is left alone', async (t) => {
  const { a, evil, port, punished, othersGoOn } = await withEvil(t);
  const [asked, unasked] = [newId(), newId()];
  const say = greet(await secured(evil, a, port), evil, REPLICATION_VERSION, (message) => {
    if (message.t !== 'want') return;
    const { sequence } = message;
    say({ t: 'have', sequence, objects: [objectOf(asked), objectOf(unasked)], haveNot: [] });
  });
  await until('it is let in', () => connections(a, evil) === true);
  a.miss(asked);
  await punished(/^objects that nobody has asked for$/);
  await until('what was asked for is kept all the same', () => a.objects.has(asked));
  assert.equal(a.objects.has(unasked), false);
  await othersGoOn();
});

for (const [what, change, why] of [
  [
    'the key of another log',
    (b: MemoryCore) => ({ replicationPublicKey: b.replicationPublicKey }),
    /^a greeting with the key of another log$/,
  ],
  [
    'the ID of another KMA',
    (b: MemoryCore) => ({ kmaId: b.kmaId }),
    /^a greeting with the ID of another KMA$/,
  ],
] as const)
  test(`a member that greets with ${what} is left alone, and speaks for nobody`, async (t) => {
    const { a, b, evil, port, punished, othersGoOn } = await withEvil(t);
    const lives = a.told('greeted').length;
    greet(await secured(evil, a, port), evil, REPLICATION_VERSION, ignored, change(b));
    await punished(why);
    assert.equal(a.told('greeted').length, lives, 'the core is not asked whether to let it in');
    assert.equal(connections(a, b), true, 'whom it named keeps his connection');
    await othersGoOn();
  });

test('a member that dials though the other one has the higher ID is left alone, and the others go on', async (t) => {
  const { kmas, cores, port } = await cluster(t, 3);
  const [evil, b, c] = pairOf(cores);
  await kmas[0]?.stop();
  await assert.rejects(secured(evil, b, port), /closed/);
  await leftAlone(b, evil, /^it dials, though its ID is the lower one$/);
  await assert.rejects(secured(evil, b, port), /closed/);
  await leftAlone(b, evil, /^it dials/);
  b.write('after');
  c.write('after');
  await arrived(b, c);
  await arrived(c, b);
});

test('a member that asks for what is not there any more is told so and not reported: one that is late does so too', async (t) => {
  const { a, evil, port } = await withEvil(t);
  const [here, destroyed] = [newId(), newId()];
  a.objects.set(here, objectOf(here));
  const heard: PeerMessage[] = [];
  const say = greet(await secured(evil, a, port), evil, REPLICATION_VERSION, (message) =>
    heard.push(message),
  );
  await until('it is let in', () => connections(a, evil) === true);
  const answer = (sequence: number) =>
    until(`answer ${sequence}`, () =>
      heard.find((message) => message.t === 'have' && message.sequence === sequence),
    );
  for (let sequence = 1; sequence <= 20; sequence++) {
    say({ t: 'want', sequence, ids: [destroyed], vector: {} });
    assert.deepEqual(await answer(sequence), { t: 'have', sequence, objects: [], haveNot: [destroyed] });
  }
  // Folded there, it says, and not here: nothing is given before it is folded here too.
  say({ t: 'want', sequence: 21, ids: [here], vector: { [a.incarnationId]: 1_000_000 } });
  assert.deepEqual(await answer(21), { t: 'have', sequence: 21, objects: [], haveNot: [] });
  say({ t: 'want', sequence: 22, ids: [here], vector: {} });
  const given = await answer(22);
  assert.deepEqual(given.t === 'have' && given.objects.map(({ id }) => id), [here]);
  assert.deepEqual([...a.told('left-alone'), ...a.told('refused')], []);
});
