/** An examination for people: what is wrong and what to change first, what is fine in one line, every step where that is wanted. */
import { labelOf } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import type { PlaceReport, ServiceReport } from './place.ts';
import type { Step } from './step.ts';

const WORDS = { failed: 'BROKEN', warning: 'WARNING' } as const;
const INDENT = ' '.repeat(WORDS.warning.length + 2);

export function examinationText(examination: Examination, verbose: boolean): string {
  const { advice, places, from, ms } = examination;
  const count = places.reduce((sum, { services }) => sum + services.length, 0);
  const looked =
    places.length === 0
      ? `there is no other KMA and no server that ${from} needs`
      : `looked at ${count} ${count === 1 ? 'port' : 'ports'} of ${places.length} ${places.length === 1 ? 'place' : 'places'} from ${from} in ${ms} ms`;
  const lines = [
    ...advice.flatMap(({ severity, problem, change }) => [
      `${WORDS[severity].padEnd(INDENT.length)}${problem}`,
      `${INDENT}to do: ${change}`,
    ]),
    ...oneLine('fine', fine(places)),
    ...oneLine('left out', notTried(places)),
    looked,
    ...(verbose ? places.flatMap(everyStep) : []),
  ];
  return `${lines.map(harmless).join('\n')}\n`;
}

function oneLine(what: string, parts: readonly string[]): string[] {
  return parts.length === 0 ? [] : [`${what.padEnd(INDENT.length)}${parts.join('; ')}`];
}

function fine(places: readonly PlaceReport[]): string[] {
  return places.flatMap((place) => {
    const ports = portsWhere(place, ({ steps }) =>
      steps.every(({ outcome, step }) => outcome === 'ok' || (outcome === 'skipped' && step !== 'tcp')),
    );
    return ports.length === 0 ? [] : [`${labelOf(place)} ${ports.join(' ')}`];
  });
}

/** What was left out for want of something; not what waits for a step that failed. */
function notTried(places: readonly PlaceReport[]): string[] {
  const left = places.flatMap(({ services }) =>
    services.flatMap(({ port, steps }) =>
      steps
        .filter(({ outcome, cause }) => outcome === 'skipped' && cause !== 'before')
        .map(({ step, detail }) => ({ port, why: `${step}: ${detail}` })),
    ),
  );
  const whys = [...new Set(left.map(({ why }) => why))];
  return whys.map((why) => {
    const ports = [...new Set(left.filter((other) => other.why === why).map(({ port }) => port))];
    return `${ports.join(' ')} ${why}`;
  });
}

function portsWhere({ services }: PlaceReport, holds: (service: ServiceReport) => boolean): number[] {
  return services.filter(holds).map(({ port }) => port);
}

function everyStep(place: PlaceReport): string[] {
  return [
    '',
    labelOf(place),
    ...place.steps.map((found) => stepLine('', found)),
    ...place.services.flatMap(({ service, port, steps }) =>
      steps.map((found, index) => stepLine(index === 0 ? `${port} ${service}` : '', found)),
    ),
  ];
}

function stepLine(service: string, { step, outcome, detail, ms }: Step): string {
  return `  ${service.padEnd(18)} ${step.padEnd(11)} ${outcome.padEnd(7)} ${String(ms).padStart(5)} ms  ${detail}`;
}

/** Names and texts that came over the network must not steer the terminal. */
function harmless(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
