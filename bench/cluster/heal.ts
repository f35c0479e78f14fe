/** Two KMAs that were apart and have both changed much: how long until each has all of the other. It cuts no network, and looks at stores alone. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Member } from './member.ts';
import { changeMuch } from './stock.ts';

const LOOK_MS = 50;

export interface Healed {
  /** From the start of both processes, with finding each other. */
  readonly seconds: number;
  readonly entries: number;
}

/**
 * Both run before and afterwards, and are stopped while they are apart: their operations are written into their stores in bulk,
 * by the decisions and the fold that agents' calls go through, which at the rate of agents would take minutes. So what follows a
 * partition is measured, and not the cut. The time holds the start of both (which a cut does not need), finding each other,
 * giving the engine what was written, sending and folding both ways, while the third KMA, which ran, takes both sides too; it
 * ends when each store has every entry of the other's log. The entries name no new sealed object: the keys they use all had
 * before. Real cuts, and that all come to one state after them, are in test/chaos.
 */
export async function heal(
  one: Member,
  other: Member,
  operationsEach: number,
  heldKeys: readonly string[],
): Promise<Healed> {
  const both = [one, other];
  await Promise.all(both.map((member) => member.stop()));
  for (const member of both) await changeMuch(member.place.data, operationsEach, heldKeys);
  const ends = both.map((member) => {
    const store = member.openStore();
    const end = { life: member.life, length: store.logLength(member.life) };
    store.close();
    return end;
  });
  const began = performance.now();
  await Promise.all(both.map((member) => member.start()));
  const stores = both.map((member) => member.openStore());
  const healed = () =>
    stores.every((store) => ends.every(({ life, length }) => store.logLength(life) >= length));
  while (!healed()) await pause(LOOK_MS);
  const seconds = (performance.now() - began) / 1000;
  for (const store of stores) store.close();
  return { seconds, entries: 2 * operationsEach };
}
