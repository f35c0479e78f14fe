/** Every later start of the demonstration: what is there serves again, and what is not there yet joins where somebody lets it in. */
import { reachObjection } from '../../setup/reachable-addresses.ts';
import { joinAll } from './join.ts';
import { listed } from './listed.ts';
import type { Admitters } from './people.ts';
import { isThere, type Place, shownData } from './places.ts';
import type { Run } from './run.ts';
import { sameState } from './same-state.ts';

/** A large store that was away for long takes longer, and is served meanwhile. */
const SAME_WITHIN_MS = 30_000;

/** `admit` gives nobody where nobody wants to; `command`: what lets them in later. */
export async function resume(
  run: Run,
  admit: (what: string) => Promise<Admitters | null>,
  command: string,
): Promise<void> {
  const { talk, cluster, first, others, interrupted } = run;
  const here = [first, ...others.filter(({ data }) => isThere(data))];
  const missing = others.filter((place) => !isThere(place.data) && canJoin(first, place));
  const names = listed(missing.map(({ name }) => name));
  talk.title(`OpenKMA demonstration, resuming ${listed(here.map(({ data }) => shownData(data)))}\n`);
  const by = missing.length === 0 ? null : await admit(`${names} can join ${first.name}.`);
  await talk.step(
    `${listed(here.map(({ name }) => name))} ${here.length === 1 ? 'starts' : 'start'}: core, reader and fronts`,
    () => cluster.start(here),
  );
  if (by !== null) await letIn(run, missing, by);
  else if (missing.length > 0)
    talk.note(`${names} can join, let in by a Security Officer and a quorum: ${command}`);
  const { kmas } = cluster;
  if (kmas.length === 1) return;
  const states = await talk.step('all fold what they do not have yet', () =>
    sameState(kmas, SAME_WITHIN_MS, interrupted),
  );
  if (states === null)
    talk.note('they have not come to the same state yet; "kma state" shows how far each is');
  else talk.states(states);
}

async function letIn(run: Run, missing: readonly Place[], by: Admitters): Promise<void> {
  // A locked one signs no certificates; and where the first does not unlock itself, those that join do not either.
  await unlockAll(run, by);
  await joinAll(
    run,
    missing.map((place) => ({ place, site: undefined })),
    by,
  );
  await unlockAll(run, by);
}

async function unlockAll({ talk, cluster }: Run, by: Admitters): Promise<void> {
  for (const kma of cluster.kmas.filter(({ locked }) => locked))
    await talk.step(`Security Officer and a quorum: ${kma.place.name} is unlocked`, () => kma.unlock(by));
}

function canJoin(first: Place, { managementAddress }: Place): boolean {
  const at = (address: string) => [{ what: '', address }];
  return reachObjection(at(managementAddress), at(first.managementAddress)) === null;
}
