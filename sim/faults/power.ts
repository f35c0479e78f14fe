/** Misfortunes of processes and power: a machine stops at any moment, or at a step of a commit, and comes back later. */
import type { CrashPoint } from '../disk.ts';
import type { Machine } from '../machine.ts';
import type { Fault } from './fault.ts';

export function revive(machine: Machine): void {
  if (machine.running === null && !machine.zeroised) machine.boot();
}

function crashAt(kind: string, point: CrashPoint): Fault {
  return {
    kind,
    weight: 3,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      const disk = machine?.running?.disk;
      if (machine === undefined || disk === undefined) return null;
      disk.crashAt = point;
      return { what: `${machine.place} ${point}`, end: () => revive(machine) };
    },
  };
}

export const powerFaults: readonly Fault[] = [
  crashAt('crash in a transaction', 'in the transaction'),
  crashAt('torn write', 'before the sync'),
  crashAt('crash before the answer', 'after the sync'),
  {
    kind: 'crash',
    weight: 4,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      machine.crash('at any moment');
      return { what: machine.place, end: () => revive(machine) };
    },
  },
  {
    kind: 'crash of the replicator',
    weight: 4,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      machine.replicatorFalls = true;
      return {
        what: machine.place,
        end: () => {
          machine.replicatorFalls = false;
        },
      };
    },
  },
  {
    kind: 'restart',
    weight: 3,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      machine.crash('restart');
      machine.boot();
      return { what: machine.place };
    },
  },
];
