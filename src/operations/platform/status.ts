/** What the status of this KMA says of its platform: a line for each part, and what somebody has to see to. It judges no part; they say it themselves. */
import type { DecideContext } from '../contexts.ts';
import { statesOf } from './common.ts';

/** Of more the first are enough to begin with. */
const WARNINGS_MAX = 20;
/** It comes after the others at a start, and is back in two seconds where it was killed. */
const GONE_MS = 10_000;

type States = Pick<DecideContext, 'platformStates'>;

export function platformLines(context: States): { part: string; summary: string }[] {
  return [...statesOf(context).parts].map(([part, { summary }]) => ({ part, summary }));
}

export function platformWarnings(context: States): string[] {
  const { goneForMs, parts } = statesOf(context);
  if (goneForMs > GONE_MS)
    return [
      'the platform process is not there: no time service, look-ups, alarms or syslog until it is back',
    ];
  return [...parts.values()].flatMap(({ troubles }) => troubles).slice(0, WARNINGS_MAX);
}
