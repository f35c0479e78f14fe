/** Who is asked for which records of the audit, and when again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ChainName } from '../core/audit.ts';
import { AuditFetcher, type AuditPeer } from './audit-fetcher.ts';
import type { AuditRecords, HeldChain } from './audit-messages.ts';

const [A, B, C] = ['A'.repeat(32), 'B'.repeat(32), 'C'.repeat(32)] as const;
const lifeOf = (kmaId: string) => kmaId.slice(0, 16);
const chain = (kmaId: string, term: HeldChain['term'], lastSeq: number): HeldChain => ({
  ...{ incarnationId: lifeOf(kmaId), term, lastSeq },
});
const batch = (afterSeq: number, count: number): AuditRecords => ({
  start: { seq: afterSeq, hash: '' },
  records: Array.from({ length: count }, () => 'record'),
  proof: { signedBy: '', signature: '' },
});

/** Gives `count` records at a time of each chain, up to where it has said. */
class Peer implements AuditPeer {
  readonly kmaId: string;
  readonly incarnationId: string;
  readonly asked: string[] = [];
  told: readonly HeldChain[] = [];
  gives = true;
  count = 10;
  /** Answers wait for it. */
  held: Promise<void> = Promise.resolve();

  constructor(kmaId: string) {
    this.kmaId = kmaId;
    this.incarnationId = lifeOf(kmaId);
  }
  chains(): Iterable<HeldChain> {
    return this.told;
  }
  async ask({ incarnationId, term }: ChainName, afterSeq: number): Promise<AuditRecords | null> {
    this.asked.push(`${incarnationId[0]} ${term} ${afterSeq}`);
    await this.held;
    const last = this.told.find((one) => one.incarnationId === incarnationId && one.term === term)?.lastSeq;
    const count = Math.min(this.count, (last ?? 0) - afterSeq);
    return this.gives && count > 0 ? batch(afterSeq, count) : null;
  }
}

function fetching(...peers: Peer[]) {
  const made = fetchingFrom(() => peers);
  const kmaOf = new Map<string, string | null>([A, B, C].map((kmaId) => [lifeOf(kmaId), kmaId]));
  made.fetcher.setRoster({ ownIncarnationId: lifeOf(A), kmaOf });
  return { ...made, kmaOf };
}
function fetchingFrom(peers: () => readonly Peer[]) {
  const world = { nowMs: 0, refuses: false, taken: [] as string[] };
  const fetcher = new AuditFetcher({
    peers,
    take: ({ incarnationId, term }, { start, records }, from) => {
      world.taken.push(`${incarnationId[0]} ${term} from ${from.kmaId[0]}`);
      const lastSeq = world.refuses ? start.seq : start.seq + records.length;
      return Promise.resolve({ lastSeq, refused: world.refuses ? 'false' : null });
    },
    nowMs: () => world.nowMs,
  });
  return { fetcher, world };
}
async function settled(): Promise<void> {
  for (let n = 0; n < 50; n++) await turn();
}

test('all that a member has is asked for in turns, the long term first, and nothing twice', async () => {
  const b = new Peer(B);
  const { fetcher } = fetching(b);
  b.told = [chain(B, 'short', 25), chain(B, 'long', 12)];
  fetcher.look();
  await settled();
  assert.deepEqual(b.asked, ['B long 0', 'B short 0', 'B long 10', 'B short 10', 'B short 20']);
  b.told = [chain(B, 'short', 26), chain(B, 'long', 12)];
  fetcher.look();
  await settled();
  assert.equal(b.asked.at(-1), 'B short 25');
  fetcher.look();
  await settled();
  assert.equal(b.asked.length, 6);
});

test('what is here already, the chains that this KMA writes, and of lives that nobody knows, are not asked for', async () => {
  const b = new Peer(B);
  const { fetcher } = fetching(b);
  fetcher.held([chain(B, 'long', 12)]);
  b.told = [chain(A, 'long', 5), chain('D'.repeat(32), 'long', 5), chain(B, 'long', 12)];
  fetcher.look();
  await settled();
  assert.deepEqual(b.asked, []);
});

test('a KMA that is connected is asked for its own chains itself, one that is away or gone by all who have them', async () => {
  const [b, c] = [new Peer(B), new Peer(C)];
  const { fetcher, kmaOf } = fetching(b, c);
  const gone = 'E'.repeat(32);
  kmaOf.set(lifeOf(gone), null);
  b.told = [chain(B, 'long', 3), chain(C, 'long', 3)];
  c.told = [chain(B, 'long', 3), chain(gone, 'long', 3)];
  fetcher.look();
  await settled();
  assert.deepEqual([b.asked, c.asked], [['B long 0'], ['E long 0']]);
});

test('one question at a member at a time, and no chain from two at once', async () => {
  const [b, c] = [new Peer(B), new Peer(C)];
  const gone = 'E'.repeat(32);
  const { fetcher, kmaOf } = fetching(b, c);
  kmaOf.set(lifeOf(gone), null);
  const answers = Promise.withResolvers<void>();
  for (const peer of [b, c]) {
    peer.held = answers.promise;
    peer.told = [chain(gone, 'long', 3), chain(gone, 'short', 3), chain(gone, 'medium', 3)];
  }
  fetcher.look();
  fetcher.look();
  await settled();
  assert.deepEqual([b.asked, c.asked], [['E long 0'], ['E medium 0']]);
  answers.resolve();
  await settled();
  assert.deepEqual([...b.asked, ...c.asked].sort(), ['E long 0', 'E medium 0', 'E short 0']);
});

test('who gave nothing is asked again after a while, who gave what was refused later and later', async () => {
  const b = new Peer(B);
  const { fetcher, world } = fetching(b);
  const asks = async (afterMs: number) => {
    const before = b.asked.length;
    world.nowMs += afterMs;
    fetcher.look();
    await settled();
    return b.asked.length - before;
  };
  b.gives = false;
  b.told = [chain(B, 'long', 3)];
  assert.deepEqual([await asks(0), await asks(9_999), await asks(1)], [1, 0, 1]);
  b.gives = true;
  world.refuses = true;
  assert.equal(await asks(10_000), 1);
  assert.deepEqual([await asks(59_999), await asks(1)], [0, 1]);
  assert.deepEqual([await asks(119_999), await asks(1)], [0, 1]);
  for (let n = 0; n < 20; n++) await asks(3_600_000);
  assert.deepEqual([await asks(3_599_999), await asks(1)], [0, 1], 'an hour at most');
  fetcher.gone(b);
  world.refuses = false;
  assert.deepEqual([await asks(3_599_999), await asks(1)], [0, 1], 'also after it has connected anew');
});

test('who gave nothing is asked as soon as it has connected anew', async () => {
  const b = new Peer(B);
  const { fetcher } = fetching(b);
  b.gives = false;
  b.told = [chain(B, 'long', 3)];
  fetcher.look();
  await settled();
  fetcher.gone(b);
  fetcher.look();
  await settled();
  assert.equal(b.asked.length, 2);
});

test('a refusal counts also where the member has gone before it was judged', async () => {
  const b = new Peer(B);
  const peers = [b];
  const { fetcher, world } = fetchingFrom(() => peers);
  fetcher.setRoster({ ownIncarnationId: lifeOf(A), kmaOf: new Map([[lifeOf(B), B]]) });
  const answer = Promise.withResolvers<void>();
  [b.held, world.refuses] = [answer.promise, true];
  b.told = [chain(B, 'long', 3)];
  fetcher.look();
  peers.pop();
  fetcher.gone(b);
  answer.resolve();
  await settled();
  peers.push(b);
  fetcher.look();
  await settled();
  assert.deepEqual(b.asked, ['B long 0']);
});

test('where what a KMA gives of itself is refused, others are asked for it', async () => {
  const [b, c] = [new Peer(B), new Peer(C)];
  const { fetcher, world } = fetching(b, c);
  world.refuses = true;
  for (const peer of [b, c]) peer.told = [chain(B, 'long', 3)];
  fetcher.look();
  await settled();
  assert.deepEqual([b.asked, c.asked], [['B long 0'], ['B long 0']]);
  assert.deepEqual(world.taken, ['B long from B', 'B long from C']);
});

test('a member that went while it was asked is asked again as soon as it is back', async () => {
  const b = new Peer(B);
  const peers = [b];
  const { fetcher } = fetchingFrom(() => peers);
  fetcher.setRoster({ ownIncarnationId: lifeOf(A), kmaOf: new Map([[lifeOf(B), B]]) });
  const answer = Promise.withResolvers<void>();
  b.held = answer.promise;
  b.gives = false;
  b.told = [chain(B, 'long', 3)];
  fetcher.look();
  peers.pop();
  fetcher.gone(b);
  answer.resolve();
  await settled();
  peers.push(b);
  fetcher.look();
  await settled();
  assert.deepEqual(b.asked, ['B long 0', 'B long 0']);
});

test('a closed one asks nobody', async () => {
  const b = new Peer(B);
  const { fetcher } = fetching(b);
  b.told = [chain(B, 'long', 3)];
  fetcher.close();
  fetcher.look();
  await settled();
  assert.deepEqual(b.asked, []);
});
