/** Misfortunes of the network: links that are cut one way, in a ring, all of a machine's, again and again; messages that are lost, late or doubled. */
import type { Machine } from '../machine.ts';
import { FAIR, type Weather } from '../network.ts';
import type { World } from '../world.ts';
import type { Fault } from './fault.ts';

type Link = readonly [from: string, to: string];

/** Gives the way back. */
export function cut(world: World, links: readonly Link[]): () => void {
  for (const [from, to] of links) world.network.cut(from, to);
  return () => {
    for (const [from, to] of links) world.network.join(from, to);
  };
}
export function between(some: readonly Machine[], others: readonly Machine[]): Link[] {
  return some.flatMap(({ place: a }) =>
    others.flatMap(({ place: b }): Link[] =>
      a === b
        ? []
        : [
            [a, b],
            [b, a],
          ],
    ),
  );
}

function weather(kind: string, change: Partial<Weather>): Fault {
  return {
    kind,
    weight: 2,
    begin({ world }) {
      world.network.weather = { ...world.network.weather, ...change };
      return {
        what: JSON.stringify(change),
        end: () => {
          world.network.weather = FAIR;
        },
      };
    },
  };
}

const FLAPS = 12;
const FLAP_MS = 20_000;

export const networkFaults: readonly Fault[] = [
  weather('messages lost', { lost: 4 }),
  weather('messages late', { late: 3 }),
  weather('messages doubled', { doubled: 2 }),
  {
    kind: 'one-way partition',
    weight: 3,
    begin({ world, random, running }) {
      const [a, b] = random.some(running, 2);
      if (a === undefined || b === undefined) return null;
      return { what: `${a.place} to ${b.place}`, end: cut(world, [[a.place, b.place]]) };
    },
  },
  {
    kind: 'ring partition',
    weight: 2,
    begin({ world, running }) {
      const { machines } = world;
      if (running.length < 4) return null;
      const links = machines.flatMap((a, i) =>
        machines.flatMap((b, j): Link[] => {
          const apart = Math.abs(i - j);
          return apart === 0 || apart === 1 || apart === machines.length - 1 ? [] : [[a.place, b.place]];
        }),
      );
      return { what: 'neighbours only', end: cut(world, links) };
    },
  },
  {
    kind: 'machine cut off',
    weight: 4,
    begin({ world, random, running }) {
      const alone = random.pickAny(running);
      if (alone === undefined) return null;
      return { what: alone.place, end: cut(world, between([alone], world.machines)) };
    },
  },
  {
    kind: 'two halves',
    weight: 4,
    begin({ world, random }) {
      const half = random.some(world.machines, Math.ceil(world.machines.length / 2));
      const rest = world.machines.filter((machine) => !half.includes(machine));
      const what = half.map(({ place }) => place).join(' ');
      return { what, end: cut(world, between(half, rest)) };
    },
  },
  {
    kind: 'flapping link',
    weight: 2,
    begin({ world, random, running }) {
      const [a, b] = random.some(running, 2);
      if (a === undefined || b === undefined) return null;
      for (let flap = 0; flap < FLAPS; flap++)
        world.schedule.after(flap * 2 * FLAP_MS, () => {
          const join = cut(world, between([a], [b]));
          world.schedule.after(FLAP_MS, join);
        });
      return { what: `${a.place} and ${b.place}` };
    },
  },
];
