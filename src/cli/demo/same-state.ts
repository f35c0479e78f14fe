/** Waits until all KMAs of the demonstration have folded the same entries, and compares the hashes of their states. It changes nothing. */
import { setTimeout } from 'node:timers/promises';
import type { State } from '../state-text.ts';
import type { DemoKma } from './kma.ts';

const POLL_MS = 100;

/** Null where they do not come together in that time. Throws where the same entries have made different states. */
export async function sameState(
  kmas: readonly DemoKma[],
  withinMs: number,
  interrupted: AbortSignal,
): Promise<readonly State[] | null> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const states = await Promise.all(kmas.map((kma) => kma.ask<State>('ShowState')));
    if (
      isOne(
        states.map(({ logs }) =>
          JSON.stringify(logs.map(({ incarnation, entries }) => [incarnation, entries])),
        ),
      )
    ) {
      if (isOne(states.map(({ stateHash }) => stateHash))) return states;
      throw new Error(`the same entries, and different states: ${JSON.stringify(states)}`);
    }
    if (performance.now() > untilMs) return null;
    await setTimeout(POLL_MS, undefined, { signal: interrupted });
  }
}

function isOne(texts: readonly string[]): boolean {
  return new Set(texts).size === 1;
}
