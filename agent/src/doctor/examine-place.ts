/** One KMA, looked at from here: its name, the way there, and each of its services side by side. It never looks at another KMA. */

import type { Trust } from './certificate-step.ts';
import { clockOffsetMs, judgeClock } from './clock-step.ts';
import { examineService } from './examine-service.ts';
import { nameStep } from './name-step.ts';
import type { Look, Place, Service, ServiceReport, Standpoint } from './place.ts';
import { routeStep } from './route-step.ts';
import type { Slots } from './slots.ts';
import { clockQuestion, type Heard } from './soap-question.ts';
import { type Step, skipped, step } from './step.ts';

const NAME_TIMEOUT_MS = 5_000;

export async function examinePlace(place: Place, standpoint: Standpoint, slots: Slots): Promise<Look> {
  const { step: name, addresses } = await nameStep(place.address, standpoint.resolve, NAME_TIMEOUT_MS);
  const [address] = addresses;
  const [first] = place.services;
  if (address === undefined || first === undefined) return unreached(place, [name]);
  const route = await routeStep(address, first.port);
  if (route.outcome === 'failed') return unreached(place, [name, route]);
  const look = (service: Service, trust: Trust) =>
    slots.run(() => examineService(address, service, place, standpoint, trust));

  // The root CA that a KMA shows is what its certificates are held against, where none is known here.
  const ca = place.services.find(({ service }) => service === 'ca');
  const shown = ca === undefined ? null : look(ca, standpoint.trust);
  const trust = async () => trusted(standpoint.trust, (await shown)?.heard ?? null);
  const services = await Promise.all(
    place.services.map(async (service) => {
      if (service === ca && shown !== null) return { service, examined: await shown };
      // A root CA that is known need not be waited for.
      const held = standpoint.trust.caPem === null ? await trust() : standpoint.trust;
      return { service, examined: await look(service, held) };
    }),
  );
  const answers = shown !== null && (await shown).heard !== null;
  const clock = ca !== undefined && answers ? await clockOf(address, ca, place, standpoint, slots) : null;
  const looks = services.map(({ examined }) => examined);
  return {
    report: {
      name: place.name,
      address: place.address,
      steps: [name, route, ...(clock === null ? [] : [clock.step])],
      services: services.map(({ service, examined }) => reportOf(service, examined.steps)),
      clockAheadMs: clock?.aheadMs ?? null,
    },
    shownName: looks.find(({ shownName }) => shownName !== null)?.shownName ?? null,
    members: looks.flatMap(({ heard }) => heard?.members ?? []),
  };
}

/** With the certificate that was just shown, where none was known. */
function trusted(trust: Trust, heard: Heard | null): Trust {
  return { ...trust, caPem: trust.caPem ?? heard?.caPem ?? null };
}

async function clockOf(
  address: string,
  ca: Service,
  place: Place,
  standpoint: Standpoint,
  slots: Slots,
): Promise<{ readonly step: Step; readonly aheadMs: number | null }> {
  const startedMs = performance.now();
  const service = { ...ca, question: clockQuestion() };
  const times = { sentMs: 0, receivedMs: 0 };
  const { heard } = await slots.run(async () => {
    times.sentMs = standpoint.nowMs();
    const examined = await examineService(address, service, place, standpoint, standpoint.trust);
    times.receivedMs = standpoint.nowMs();
    return examined;
  });
  const theirsMs = heard?.timeMs;
  if (theirsMs === undefined)
    return { step: step('clock', startedMs, skipped('before', 'it did not say its time')), aheadMs: null };
  const look = { ...times, theirsMs };
  return { step: step('clock', startedMs, judgeClock(look)), aheadMs: clockOffsetMs(look) };
}

/** Nothing could be tried: every service waits for what failed. */
export function unreached({ name, address, services }: Place, steps: readonly Step[]): Look {
  const before = step('tcp', performance.now(), skipped('before', 'what comes before it failed'));
  const reports = services.map((service) => reportOf(service, [before]));
  return {
    report: { name, address, steps, services: reports, clockAheadMs: null },
    shownName: null,
    members: [],
  };
}

function reportOf({ service, port }: Service, steps: readonly Step[]): ServiceReport {
  return { service, port, steps };
}
