/** A member that tells of more of the own log than there is, which nobody proves, is believed once a day; what it holds counts no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClaimsOfMore } from './claims-of-more.ts';

const DAY_MS = 24 * 60 * 60_000;
const LOG = 'A1A1A1A1A1A1A1A1';

/** A store whose local rows outlive the process, with so many entries of the own log. */
class World {
  readonly rows = new Map<string, string>();
  readonly told: string[] = [];
  readonly due: number[] = [];
  log = LOG;
  length = 5;
  wallMs = 1_000 * DAY_MS;
  elapsedMs = 0;
  full = false;

  start(): ClaimsOfMore {
    return new ClaimsOfMore({
      store: {
        logLength: (id) => (id === this.log ? this.length : 0),
        getLocal: (name) => this.rows.get(name),
        setLocal: (name, value) => {
          this.rows.set(name, value);
        },
        transaction: (work) => {
          if (this.full) throw new Error('full');
          return work();
        },
        state: { get: () => undefined },
      },
      self: { incarnationId: this.log as never },
      nowMs: () => this.wallMs,
      elapsedMs: () => this.elapsedMs,
      trouble: (condition, details) => this.told.push(`${condition}: ${details}`),
      due: (length) => this.due.push(length),
    });
  }
}

test('there is time for a proof; then people are told whose word it was, and a new life is due', () => {
  const world = new World();
  const claims = world.start();
  claims.told('B', 'LIFE-B', 9);
  claims.told('C', 'LIFE-C', 5);
  world.elapsedMs += 19_999;
  claims.told('B', 'LIFE-B', 9);
  assert.deepEqual([world.told, world.due], [[], []]);
  world.elapsedMs += 1;
  claims.told('B', 'LIFE-B', 9);
  assert.deepEqual(world.due, [9]);
  assert.match(
    world.told.join('\n'),
    /^Copied or older store: kma=B says that it has 9 .* which has 5, .*new life begins/,
  );
  world.elapsedMs += DAY_MS;
  claims.told('B', 'LIFE-B', 10);
  assert.equal(world.told.length, 1, 'each member is judged once');
});

test('where something is to be written the time is over for all; who has taken it back is not judged', () => {
  const world = new World();
  const claims = world.start();
  claims.told('B', 'LIFE-B', 9);
  claims.told('C', 'LIFE-C', 7);
  claims.told('C', 'LIFE-C', 5);
  claims.judge();
  claims.judge();
  assert.deepEqual(world.due, [9]);
});

test('the same member makes no second life within a day, whatever is done to the clock; another one does', () => {
  const world = new World();
  const claim = (kmaId: string) => {
    const claims = world.start();
    claims.told(kmaId, `LIFE-${kmaId}`, 9);
    claims.judge();
  };
  claim('B');
  world.wallMs += DAY_MS - 1;
  claim('B');
  assert.deepEqual(world.due, [9]);
  assert.match(world.told[1] ?? '', /kma=B .* less than a day ago, and this KMA writes on/);
  claim('C');
  assert.deepEqual(world.due, [9, 9]);
  world.wallMs += 1;
  claim('B');
  assert.deepEqual(world.due, [9, 9, 9]);
});

test('a life that had more of this log never counts as holding it, after a restart and with a longer log too', () => {
  const world = new World();
  world.start().told('B', 'LIFE-B', 9);
  world.length = 12;
  const later = world.start();
  later.told('B', 'LIFE-B', 9);
  assert.deepEqual([later.isOvertakenBy('LIFE-B'), later.isOvertakenBy('LIFE-C')], [true, false]);
  world.log = 'C3C3C3C3C3C3C3C3';
  assert.equal(world.start().isOvertakenBy('LIFE-B'), false, 'it is another log');
});

test('however many lives tell of more, few are remembered', () => {
  const world = new World();
  const claims = world.start();
  for (let n = 0; n < 300; n += 1) claims.told('B', `LIFE-${n}`, 9);
  const { lives } = JSON.parse(world.rows.get('ownLogOvertakenBy') ?? '') as { lives: string[] };
  assert.equal(lives.length, 256);
  assert.equal(lives.at(-1), 'LIFE-299');
});

test('what cannot be written down is tried again with the next telling', () => {
  const world = new World();
  const claims = world.start();
  world.full = true;
  assert.throws(() => claims.told('B', 'LIFE-B', 9), /full/);
  assert.equal(claims.isOvertakenBy('LIFE-B'), true);
  world.full = false;
  claims.told('B', 'LIFE-B', 9);
  assert.equal(world.start().isOvertakenBy('LIFE-B'), true);
  world.full = true;
  assert.throws(() => claims.judge(), /full/);
  assert.deepEqual(world.told, []);
  world.full = false;
  claims.judge();
  assert.equal(world.told.length, 1);
});
