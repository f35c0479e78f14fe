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
  if (missing.length > 0)
    if (by === null) talk.note(`${names} can join, let in by a Security Officer and a quorum: ${command}`);
    else if (cluster.at(first).locked)
      talk.note(`${names} cannot join while ${first.name} is locked: unlock it, then ${command}`);
    else
      await joinAll(
        run,
        missing.map((place) => ({ place, site: undefined })),
        by,
      );
  const { kmas } = cluster;
  if (kmas.length === 1) return;
  const states = await talk.step('all fold what they do not have yet', () =>
    sameState(kmas, SAME_WITHIN_MS, interrupted),
  );
  if (states === null)
    talk.note('they have not come to the same state yet; "kma state" shows how far each is');
  else talk.states(states);
}

function canJoin(first: Place, { managementAddress }: Place): boolean {
  const at = (address: string) => [{ what: '', address }];
  return reachObjection(at(managementAddress), at(first.managementAddress)) === null;
}
