/** `npm run bench -- cluster`: how fast KMAs of a cluster hear of each other, join, write and heal, at one, two and four times the data, and whether agents ever find no key. */
import { atLeast, atMost, type Goal, none, printGoals, printTable } from '../figures.ts';
import { printMachine } from '../machine.ts';
import { ClusterKmas } from './cluster-kmas.ts';
import { type Creations, create } from './creations.ts';
import { type Healed, heal } from './heal.ts';
import type { Joined } from './join.ts';
import { type Lag, lagDuring } from './lag.ts';
import type { Member } from './member.ts';
import { type Outcome, otherStates, outcomesOf, unknownKeys } from './outcome.ts';

const KEYS = 200_000;
const OPERATIONS_EACH_SIDE = 50_000;
/** Of each KMA while only the speed is measured, and for the creations at a steady rate. */
const POOL_KEYS = 6_000;
const POOL_KEYS_STEADY = 30_000;
const POOL_KEYS_MIN = 1_000;
const LAG_PER_SECOND = 500;
const AGENTS_PER_SECOND = 50;
const STEADY_PER_SECOND = 300;
const LOAD_SECONDS = 15;
const WARM_UP_SECONDS = 3;
const GROWTH = [1, 2, 4] as const;

const LAG_P99_MS = 100;
/** Of what agents wait for the other's entries to be folded. */
const FOLD_WAIT_MS = 10;
const JOIN_SECONDS = 60;
const JOIN_MEGABYTES = 600;
/** What should not grow with the data at all. */
const RATIO = 1.3;
const RATIO_OF_RATE = 0.75;

/** Creations at a steady rate, and what all KMAs had before and have afterwards. */
interface Steady {
  /** Of each KMA: the size of the pool is that of one, not of all together. */
  readonly poolKeys: number;
  readonly creations: Creations;
  readonly before: readonly Outcome[];
  readonly after: readonly Outcome[];
}

/** Creations at a KMA, alone and while it folds those of another. */
interface Folding {
  readonly alone: Creations;
  readonly beside: Creations;
}

interface Step {
  readonly times: number;
  readonly keys: number;
  readonly joined: Joined;
  readonly lag: Lag;
  readonly folding: Folding;
  readonly creations: Creations;
  readonly healed: Healed;
}

/** `scale` below 1 shrinks the data, to see that all of it runs; `minutes` of creations at a steady rate. */
export async function benchCluster(scale: number, minutes: number): Promise<void> {
  await using cluster = await ClusterKmas.make();
  printMachine(cluster.first.place.folder);
  const steps: Step[] = [];
  for (const times of GROWTH) {
    if (times > 1) await cluster.leave();
    steps.push(await step(cluster, times, scale));
  }
  printSteps(steps);
  printCpu(steps);
  const steady = await steadyCreations(cluster, scale, minutes);
  printGoals('Goals', [...goalsOf(steps), ...goalsOfSteady(steady)]);
}

const progress = (what: string) =>
  void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what} ...\n`);

async function step(cluster: ClusterKmas, times: number, scale: number): Promise<Step> {
  const part = times / Math.max(...GROWTH);
  const keys = Math.round(KEYS * scale * part);
  progress(`${times}x: ${keys} keys at one KMA`);
  await cluster.stock(keys);
  await cluster.poolSize(pool(POOL_KEYS, scale));
  progress(`${times}x: a KMA joins`);
  const joined = await cluster.join();
  progress(`${times}x: another one joins`);
  await cluster.join();
  await poolsReady(cluster, pool(POOL_KEYS, scale));
  progress(`${times}x: ${LAG_PER_SECOND} creations a second at one`);
  const lag = await measureLag(cluster, joined.member, scale);
  await poolsReady(cluster, pool(POOL_KEYS, scale));
  progress(`${times}x: agents at a KMA that folds what another one writes`);
  const folding = await whileFolding(cluster, joined.member, scale);
  await poolsReady(cluster, pool(POOL_KEYS, scale));
  progress(`${times}x: creations at three, as fast as it goes`);
  const creations = await create(cluster.members, cluster.agents, secondsOf(scale));
  const operations = Math.round(OPERATIONS_EACH_SIDE * scale * part);
  progress(`${times}x: a partition with ${operations} operations on each side`);
  const healed = await heal(cluster.first, joined.member, operations, cluster.heldKeys);
  return { times, keys, joined, lag, folding, creations, healed };
}

async function measureLag(cluster: ClusterKmas, to: Member, scale: number): Promise<Lag> {
  const from = [cluster.first];
  await create(from, cluster.agents, WARM_UP_SECONDS, LAG_PER_SECOND);
  const work = create(from, cluster.agents, secondsOf(scale), LAG_PER_SECOND);
  const [lag, made] = await lagDuring(cluster.first, to, work);
  refuseFailures('creations at one KMA', made);
  return lag;
}

/** Few enough calls that what they wait for is the fold and not each other. */
async function whileFolding(cluster: ClusterKmas, at: Member, scale: number): Promise<Folding> {
  const seconds = secondsOf(scale);
  const agentsAt = () => create([at], cluster.agents, seconds, AGENTS_PER_SECOND);
  const alone = await agentsAt();
  await poolsReady(cluster, pool(POOL_KEYS, scale));
  const [beside, written] = await Promise.all([
    agentsAt(),
    create([cluster.first], cluster.agents, seconds, LAG_PER_SECOND),
  ]);
  for (const made of [alone, beside, written]) refuseFailures('creations while one KMA folds', made);
  return { alone, beside };
}

async function steadyCreations(cluster: ClusterKmas, scale: number, minutes: number): Promise<Steady> {
  const poolKeys = pool(POOL_KEYS_STEADY, scale);
  progress(`a pool of ${poolKeys} keys at each of three KMAs`);
  await cluster.poolSize(poolKeys);
  await poolsReady(cluster, poolKeys);
  const before = await outcomesOf(cluster.members);
  progress(`${STEADY_PER_SECOND} creations a second over three KMAs, for ${minutes} minutes`);
  const creations = await create(cluster.members, cluster.agents, minutes * 60, STEADY_PER_SECOND);
  progress('what each KMA has in the end');
  return { poolKeys, creations, before, after: await outcomesOf(cluster.members) };
}

async function poolsReady(cluster: ClusterKmas, keys: number): Promise<void> {
  // Setting the size, even to what it is, makes each KMA look at its pool at once.
  await cluster.poolSize(keys);
  for (const member of cluster.members) await member.untilReady(keys);
}

const pool = (keys: number, scale: number) => Math.max(POOL_KEYS_MIN, Math.round(keys * scale));
const secondsOf = (scale: number) => Math.max(4, Math.round(LOAD_SECONDS * Math.sqrt(scale)));

/** A figure of calls that were refused would be a figure of something else. */
function refuseFailures(what: string, { noReadyKeys, otherFailures, firstFailure }: Creations): void {
  const failures = noReadyKeys + otherFailures;
  if (failures > 0) throw new Error(`${what}: ${failures} failed, the first with ${firstFailure}`);
}

function printSteps(steps: readonly Step[]): void {
  printTable(
    `Growth: lag at ${LAG_PER_SECOND} creations/s at one KMA, a join, creations at three KMAs with 4 callers each; healed: two KMAs, stopped and changed, from their start until each has the other's log`,
    [
      'data',
      'keys',
      'lag p50',
      'p99',
      'most',
      'p99 of agents while it folds',
      'join',
      'memory',
      'creations',
      'without a key',
      'operations apart',
      'healed',
    ],
    steps.map(({ times, keys, lag, folding, joined, creations, healed }) => [
      `${times}x`,
      keys,
      `${lag.p50Ms.toFixed(0)} ms`,
      `${lag.p99Ms.toFixed(0)} ms`,
      `${lag.mostMs.toFixed(0)} ms`,
      `${folding.beside.p99Ms.toFixed(1)} ms (alone ${folding.alone.p99Ms.toFixed(1)})`,
      `${joined.seconds.toFixed(1)} s`,
      `${joined.megabytes.toFixed(0)} MB`,
      `${perSecond(creations).toFixed(0)}/s`,
      creations.noReadyKeys,
      healed.entries,
      `${healed.seconds.toFixed(1)} s`,
    ]),
  );
}

/** What bounds the rate where several KMAs share a machine. */
function printCpu(steps: readonly Step[]): void {
  printTable(
    'Processor time of all three KMAs for each creation, with making the key and telling the others',
    ['data', 'in all', 'by process'],
    steps.map(({ times, creations: { cpuMsByProcess } }) => [
      `${times}x`,
      `${[...cpuMsByProcess.values()].reduce((sum, ms) => sum + ms, 0).toFixed(2)} ms`,
      [...cpuMsByProcess].map(([name, ms]) => `${name} ${ms.toFixed(2)}`).join(', '),
    ]),
  );
}

const perSecond = ({ made, seconds }: Creations) => made / seconds;

function goalsOf(steps: readonly Step[]): Goal[] {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const times = last.times / first.times;
  const grown = (what: string, of: (step: Step) => number, limit: number) =>
    atMost(`${what}, ${times}x to 1x of the data`, of(last) / of(first), limit, 'x');
  return [
    atMost(`lag p99 at ${LAG_PER_SECOND} creations/s`, last.lag.p99Ms, LAG_P99_MS, 'ms', 0),
    atMost(
      'wait of agents for the fold, p99 beside to alone',
      last.folding.beside.p99Ms - last.folding.alone.p99Ms,
      FOLD_WAIT_MS,
      'ms',
      1,
    ),
    atMost(`join with ${last.keys} keys`, last.joined.seconds, JOIN_SECONDS, 's', 1),
    atMost('memory of the KMA that joins (PSS)', last.joined.megabytes, JOIN_MEGABYTES, 'MB', 0),
    grown('lag p50', ({ lag }) => lag.p50Ms, RATIO),
    grown('lag p99', ({ lag }) => lag.p99Ms, RATIO),
    grown('join', ({ joined }) => joined.seconds, times),
    grown('memory of the KMA that joins', ({ joined }) => joined.megabytes, times),
    grown('heal', ({ healed }) => healed.seconds, times),
    atLeast(
      `creations/s at three KMAs, ${times}x to 1x of the data`,
      perSecond(last.creations) / perSecond(first.creations),
      RATIO_OF_RATE,
      'x',
    ),
  ];
}

/** The speed is the machine's; all else is right or wrong on any. */
function goalsOfSteady({ poolKeys, creations, before, after }: Steady): Goal[] {
  const { made, seconds, p50Ms, p99Ms, noReadyKeys, otherFailures, firstFailure } = creations;
  const what = `of ${made} creations in ${(seconds / 60).toFixed(1)} min with a pool of ${poolKeys} keys at each KMA (p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms)`;
  const failed = otherFailures > 0 ? `, the first with "${firstFailure}"` : '';
  return [
    none(`without a Ready key (1021), ${what}`, noReadyKeys),
    none(`other failures${failed}`, otherFailures),
    none('keys of these that a KMA knows nothing of in the end', unknownKeys(before, after, made)),
    none('KMAs with another state in the end, by logs, hash and sealed objects', otherStates(after)),
    atLeast('creations/s over three KMAs', perSecond(creations), STEADY_PER_SECOND * 0.99, '/s', 0),
  ];
}
