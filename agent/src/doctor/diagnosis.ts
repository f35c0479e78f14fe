/** From what was found to what is broken, and what to change: pure, one piece of advice for what has one cause. */
import { type Case, sentences } from './advice-text.ts';
import { CLOCK_WARNING_MS, offsetText } from './clock-step.ts';
import type { PlaceReport, ServiceReport } from './place.ts';
import type { Cause, Outcome, Step } from './step.ts';

export interface Advice {
  readonly severity: 'failed' | 'warning';
  /** The KMA, as people call it. */
  readonly place: string;
  /** Empty where the whole place is meant. */
  readonly ports: readonly number[];
  readonly cause: Cause;
  /** What is broken, between whom, and what does not work because of it. */
  readonly problem: string;
  /** What to do about it. */
  readonly change: string;
}

/** Who looks, and what does not work without each service. */
export interface View {
  readonly from: string;
  readonly consequences: Readonly<Record<string, string>>;
}

/** Clocks that are off by the same are one clock: the one here. */
const SAME_CLOCK_MS = 30_000;

/** Failures first. */
export function diagnose(places: readonly PlaceReport[], view: View): readonly Advice[] {
  const own = ownClock(places, view);
  const advice = [...own, ...places.flatMap((place) => adviceOn(place, view, own.length > 0))];
  return [
    ...advice.filter(({ severity }) => severity === 'failed'),
    ...advice.filter(({ severity }) => severity === 'warning'),
  ];
}

export function labelOf({ name, address }: Pick<PlaceReport, 'name' | 'address'>): string {
  return name === null || name === address ? address : `${name} (${address})`;
}

function adviceOn(place: PlaceReport, view: View, clockIsOurs: boolean): Advice[] {
  const wrong = place.steps.filter(isWrong).filter(({ step }) => !(step === 'clock' && clockIsOurs));
  const whole = wrong.map((step) => adviceFor(place, view, step, place.services, true));
  const found = place.services.flatMap((service) => {
    const step = worst(service.steps);
    return step === undefined ? [] : [{ service, step }];
  });
  const kinds = [...new Set(found.map(({ step }) => kindOf(step)))];
  const grouped = kinds.map((kind) => {
    const group = found.filter(({ step }) => kindOf(step) === kind);
    const services = group.map(({ service }) => service);
    return { step: group[0]?.step, services };
  });
  return [
    ...whole,
    ...grouped.flatMap(({ step, services }) =>
      step === undefined ? [] : [adviceFor(place, view, step, services, isAll(place, step, services))],
    ),
  ];
}

/** A port has one advice: what failed first, else what it was warned of. */
function worst(steps: readonly Step[]): Step | undefined {
  return (
    steps.find(({ outcome }) => outcome === 'failed') ?? steps.find(({ outcome }) => outcome === 'warning')
  );
}

const SILENT_LATER: readonly (Cause | null)[] = ['tls-silent', 'answer-silent'];

/** Without TLS silence begins one step later, and means the same. */
function kindOf({ outcome, cause }: Step): string {
  return `${outcome} ${SILENT_LATER.includes(cause) ? 'hangs' : cause}`;
}

/** Whether every service that could show it does: of certificates those with TLS. */
function isAll({ services: all }: PlaceReport, step: Step, services: readonly ServiceReport[]): boolean {
  const could = all.filter(
    ({ steps }) => SILENT_LATER.includes(step.cause) || steps.some((other) => other.step === step.step),
  );
  return services.length === could.length;
}

function adviceFor(
  place: PlaceReport,
  view: View,
  found: Step,
  services: readonly ServiceReport[],
  all: boolean,
): Advice {
  const cause = found.cause ?? 'answer-odd';
  const ofPlace = place.steps.includes(found);
  const told: Case = {
    from: view.from,
    place: labelOf(place),
    ports: services.map(({ port }) => port),
    all,
    kma: place.services.length > 1,
    detail: found.detail,
    without: services.map(({ service }) => view.consequences[service]).filter((text) => text !== undefined),
    clock: place.clockAheadMs === null ? '' : offsetText(place.clockAheadMs),
  };
  return {
    severity: found.outcome === 'failed' ? 'failed' : 'warning',
    place: told.place,
    ports: ofPlace ? [] : told.ports,
    cause,
    ...sentences(cause, told),
  };
}

function isWrong({ outcome }: { readonly outcome: Outcome }): boolean {
  return outcome === 'failed' || outcome === 'warning';
}

/** Where all KMAs differ from the clock here by the same, it is the clock here. */
function ownClock(places: readonly PlaceReport[], { from }: View): Advice[] {
  const offsets = places.flatMap(({ clockAheadMs }) => (clockAheadMs === null ? [] : [clockAheadMs]));
  const [least, most] = [Math.min(...offsets), Math.max(...offsets)];
  if (offsets.length < 2 || most - least > SAME_CLOCK_MS) return [];
  if (Math.abs(least) < CLOCK_WARNING_MS || Math.abs(most) < CLOCK_WARNING_MS) return [];
  const severity = places.some(({ steps }) =>
    steps.some(({ step, outcome }) => step === 'clock' && outcome === 'failed'),
  )
    ? 'failed'
    : 'warning';
  return [
    {
      severity,
      place: from,
      ports: [],
      cause: severity === 'failed' ? 'clock-off' : 'clock-drifts',
      problem: `the clock of ${from} is off: all ${offsets.length} KMAs are ${offsetText(least)}, compared with it`,
      change: 'set the clock here, or let it follow a time server (NTP)',
    },
  ];
}
