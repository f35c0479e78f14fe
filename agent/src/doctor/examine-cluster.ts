/** All KMAs of a cluster, side by side within one bound of time: those that are known, then those that they name. It judges nothing. */
import type { ClusterMember } from '@openkma/protocol';
import { judgeName } from './certificate-step.ts';
import { examinePlace, unreached } from './examine-place.ts';
import type { Look, Place, PlaceReport, Standpoint } from './place.ts';
import { Slots } from './slots.ts';
import { failed, step } from './step.ts';
import { withinTime } from './within-time.ts';

/** Connections at once: a cluster of many KMAs is asked in turn. */
const AT_ONCE = 32;
const TOTAL_MS = 45_000;

/** `placeOf` gives the place of a KMA that another one names; null where it is not to be looked at. */
export async function examineCluster(
  known: readonly Place[],
  standpoint: Standpoint,
  placeOf: (member: ClusterMember) => Place | null,
  totalMs = TOTAL_MS,
): Promise<readonly PlaceReport[]> {
  const endMs = performance.now() + totalMs;
  const slots = new Slots(AT_ONCE);
  const all = (places: readonly Place[]) =>
    Promise.all(places.map((place) => bounded(place, standpoint, slots, endMs)));
  const first = await all(known);
  const members = first.flatMap((look) => look.members);
  const more = await all(newPlaces(first, members.map(placeOf)));
  return [...first.map((look) => identified(look, members)), ...more.map(({ report }) => report)];
}

async function bounded(place: Place, standpoint: Standpoint, slots: Slots, endMs: number): Promise<Look> {
  const startedMs = performance.now();
  const look = await withinTime(Math.max(0, endMs - startedMs), examinePlace(place, standpoint, slots));
  if (look !== null) return look;
  const over = failed('no-time', 'there was not enough time');
  return unreached(place, [step('route', startedMs, over)]);
}

/** Each KMA once, and none that was looked at under whatever address. */
function newPlaces(first: readonly Look[], named: readonly (Place | null)[]): readonly Place[] {
  const seen = new Set(first.flatMap(({ report, shownName }) => [report.address, report.name, shownName]));
  return named.filter((place): place is Place => {
    if (place === null || seen.has(place.address) || seen.has(place.name)) return false;
    seen.add(place.address).add(place.name);
    return true;
  });
}

/** Who was looked at before anybody had said who it is: now the cluster has. */
function identified({ report, shownName }: Look, members: readonly ClusterMember[]): PlaceReport {
  const member = members.find(({ kmaNetworkAddress }) => kmaNetworkAddress === report.address);
  if (report.name !== null || shownName === null) return report;
  if (member === undefined) return { ...report, name: shownName };
  return {
    ...report,
    name: member.kmaName,
    services: report.services.map((service) => ({
      ...service,
      steps: service.steps.map((found) =>
        found.step === 'identity' ? { ...found, ...judgeName(shownName, member.kmaName) } : found,
      ),
    })),
  };
}
