/** Misfortunes of clocks: small steps, steps up to a year while the machine runs, and a machine that starts in another year. */
import type { Fault } from './fault.ts';
import { revive } from './power.ts';

const DAY_MS = 86_400_000;
const SMALL_MS = 4 * 60_000;
const YEAR_MS = 365 * DAY_MS;

export const clockFaults: readonly Fault[] = [
  {
    kind: 'small clock step',
    weight: 3,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      const byMs = random.between(-SMALL_MS, SMALL_MS);
      machine.clock.step(byMs);
      return { what: `${machine.place} by ${byMs} ms`, end: () => machine.clock.setRight() };
    },
  },
  {
    kind: 'clock step of up to a year',
    weight: 3,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      const byMs = random.between(SMALL_MS * 2, YEAR_MS) * random.pick([1, -1]);
      machine.clock.step(byMs);
      return { what: `${machine.place} by ${byMs} ms`, end: () => machine.clock.setRight() };
    },
  },
  {
    kind: 'start with a wrong clock',
    weight: 1,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      // Behind: ahead is normal after a stop, and then nobody but the peers can tell.
      const byMs = -random.between(SMALL_MS * 2, YEAR_MS);
      machine.crash('starts with a wrong clock');
      machine.clock.step(byMs);
      revive(machine);
      return {
        what: `${machine.place} by ${byMs} ms`,
        end: () => {
          machine.clock.setRight();
          if (machine.running !== null) machine.crash('the clock was put right');
          revive(machine);
        },
      };
    },
  },
];
