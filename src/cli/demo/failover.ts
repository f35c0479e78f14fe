/** The demonstration's main scene: the first KMA is killed, the agent goes on at another one, and the first comes back and catches up. */
import { setTimeout } from 'node:timers/promises';
import type { Status } from '../status-text.ts';
import type { DemoAgent } from './agent.ts';
import type { DemoCluster } from './cluster.ts';
import type { DemoKma } from './kma.ts';
import { listed } from './listed.ts';
import { sameState } from './same-state.ts';
import type { DemoTalk } from './talk.ts';

const POLL_MS = 100;
/** Far more than it takes. */
const SAME_WITHIN_MS = 60_000;

export interface Scene {
  readonly talk: DemoTalk;
  readonly cluster: DemoCluster;
  readonly agent: DemoAgent;
  /** Of what was encrypted with the first KMA. */
  readonly tag: string;
  readonly interrupted: AbortSignal;
}

export async function loseTheFirst({ talk, cluster, agent, tag, interrupted }: Scene): Promise<void> {
  const [first, second] = cluster.kmas;
  if (first === undefined || second === undefined) return;
  const [one, two] = [first.place.name, second.place.name];
  talk.chapter(`${one} is killed`);
  await talk.step(`${two}: keys of its own are Ready, because another KMA holds them too`, (progress) =>
    hasReadyKeys(second, progress, interrupted),
  );
  await talk.step(
    'okm-agent discover',
    (progress) => everyoneServes(agent, cluster.kmas.length, progress),
    (names) => `okm-agent discover: ${listed(names)} serve`,
  );
  await talk.step(
    `kill -9: all processes of ${one}`,
    () => first.kill(),
    (processes) => `kill -9: the ${processes} processes of ${one}`,
  );
  await talk.step(`okm-agent decrypt: ${one} does not answer, ${two} gives the key`, () =>
    agent.decrypt(tag),
  );
  await talk.step(`okm-agent encrypt: a new key, from ${two}`, () => agent.encrypt('VOL002'));
  talk.chapter(`${one} comes back`);
  await talk.step(`${one} starts`, () => cluster.start([first.place]));
  const states = await talk.step(`${one} catches up`, () =>
    sameState(cluster.kmas, SAME_WITHIN_MS, interrupted),
  );
  if (states === null) throw new Error('the KMAs do not come to the same state');
  talk.states(states);
}

/** As the KMA that answers sees it, which hears of the others every second. */
async function everyoneServes(
  agent: DemoAgent,
  kmas: number,
  progress: (detail: string) => void,
): Promise<readonly string[]> {
  for (;;) {
    const names = await agent.discover();
    progress(`${listed(names)} so far`);
    if (names.length >= kmas) return names.toSorted();
  }
}

async function hasReadyKeys(
  kma: DemoKma,
  progress: (detail: string) => void,
  interrupted: AbortSignal,
): Promise<void> {
  for (;;) {
    const { keysReady, keyPoolSize } = await kma.ask<Status>('ShowStatus');
    progress(`${keysReady} of ${keyPoolSize}`);
    if (keysReady > 0) return;
    await setTimeout(POLL_MS, undefined, { signal: interrupted });
  }
}
