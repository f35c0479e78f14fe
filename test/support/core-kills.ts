/** Kills the core with signal 9 again and again while agents create keys, and then looks for every key that was acknowledged. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AcknowledgedKey, AgentLoad } from './agent-load.ts';
import type { TestKma } from './kma.ts';
import { inspectStore, type StoreReport } from './stored-keys.ts';
import { until } from './until.ts';

/** The load takes a good hundred keys between two kills at most. */
const READY_MIN = 300;
const ACKNOWLEDGED_BEFORE_KILL_MAX = 40;
const KILL_DELAY_MS_MAX = 40;
const RETRIEVALS_AT_ONCE = 8;

export interface KillResult extends StoreReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Acknowledged keys that the agent who got them is not given again, or not with the same bytes. */
  readonly notRetrievable: readonly string[];
  /** Key IDs that were acknowledged more than once. */
  readonly issuedTwice: readonly string[];
}

/** `done` is told after every kill how many there were and how many keys were acknowledged before it. */
export async function killCoreUnderLoad(
  kma: TestKma,
  load: AgentLoad,
  kills: number,
  done: (kills: number, acknowledged: number) => void = () => undefined,
): Promise<KillResult> {
  for (let round = 1; round <= kills; round++) {
    await replenish(kma);
    load.start();
    await killOnce(kma, load);
    done(round, load.acknowledged.length);
    await load.stop();
  }
  const { acknowledged } = load;
  const keyIds = acknowledged.map(({ keyId }) => keyId);
  return {
    kills,
    acknowledged: acknowledged.length,
    notRetrievable: await retrieveAll(acknowledged),
    issuedTwice: keyIds.filter((keyId, index) => keyIds.indexOf(keyId) !== index),
    ...inspectStore(kma.data, keyIds),
  };
}

/** In the middle of the load, at a moment nobody has chosen; returns when agents are served by the next core. */
async function killOnce(kma: TestKma, load: AgentLoad): Promise<void> {
  const before = load.acknowledged.length;
  const wanted = before + 1 + Math.floor(Math.random() * ACKNOWLEDGED_BEFORE_KILL_MAX);
  await until('agents are served before the kill', () => load.acknowledged.length >= wanted);
  await pause(Math.random() * KILL_DELAY_MS_MAX);
  const pid = kma.kma.pids().get('core');
  if (pid === undefined) throw new Error('there is no core');
  process.kill(pid, 'SIGKILL');
  await until('another core runs', () => kma.kma.pids().get('core') !== pid);
  const atKill = load.acknowledged.length;
  await until('agents are served after the kill', () => load.acknowledged.length > atKill);
}

async function replenish(kma: TestKma): Promise<void> {
  const { keysReady } = await until('the core answers', () =>
    kma.ask<{ keysReady: number }>('ShowStatus', {}),
  );
  if (keysReady >= READY_MIN) return;
  await kma.poolFilled();
  await kma.backup();
}

async function retrieveAll(keys: readonly AcknowledgedKey[]): Promise<string[]> {
  const waiting = [...keys];
  const lost: string[] = [];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
      if (!(await isSame(next))) lost.push(next.keyId);
  };
  await Promise.all(Array.from({ length: RETRIEVALS_AT_ONCE }, work));
  return lost;
}

async function isSame({ agent, keyId, keyHex }: AcknowledgedKey): Promise<boolean> {
  try {
    const { key } = await agent.retrieveKey(keyId);
    return Buffer.from(key.reveal()).toString('hex') === keyHex;
  } catch {
    return false;
  }
}
