/** Misfortunes of disks: slow, full, put back from an older day, rolled back with the whole machine, cloned. */
import { absenceOf } from '../../src/core/membership.ts';
import { KMAS_MAX } from '../../src/operations/cluster/create-kma.ts';
import type { LocalFiles, Machine } from '../machine.ts';
import { FAIR } from '../network.ts';
import type { Store } from '../store.ts';
import type { World } from '../world.ts';
import type { Begun, Fault, Scene } from './fault.ts';
import { between, cut } from './network.ts';

const SLOW_SYNC_MS = 20_000;
const USUAL_SYNC_MS = 2;
/** How long ago the copy was made that is put back. */
const AGE_MS = [60_000, 3 * 3_600_000] as const;

const UNSEEN_MS = [60_000, 3_600_000] as const;

export interface Kept {
  readonly disk: Store;
  readonly files: LocalFiles;
}

/** Of a machine whose log is another one elsewhere, no copy is made: it would bring that log back again. */
function whole({ world, running }: Scene): Machine[] {
  return running.filter((machine) => !world.forks.isPending(machine));
}

export function keep(machine: Machine): Kept {
  return { disk: machine.store.copy(), files: machine.files };
}

/** Another machine with a copy of the disk, not started yet. */
export function cloneOf(world: World, machine: Machine): Machine {
  const { disk, files } = keep(machine);
  const clone = world.newMachine(`${machine.place}c${world.machines.length}`, disk, files);
  world.copies.cloned(clone);
  return clone;
}

/** What it held and promised is gone. */
function lose(world: World, machine: Machine): void {
  machine.crash('the disk is replaced');
  world.copies.diskLost(machine);
  world.logs.diskReplaced(machine.place);
}

export const diskFaults: readonly Fault[] = [
  {
    kind: 'slow disk',
    weight: 2,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      machine.syncMs = SLOW_SYNC_MS;
      return {
        what: machine.place,
        end: () => {
          machine.syncMs = USUAL_SYNC_MS;
        },
      };
    },
  },
  {
    kind: 'disk full',
    weight: 2,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      machine.diskFull = true;
      return {
        what: machine.place,
        end: () => {
          machine.diskFull = false;
        },
      };
    },
  },
  {
    kind: 'restart from an old snapshot',
    weight: 3,
    begin: (scene) => later(scene, putBack),
  },
  {
    kind: 'machine rolled back unseen',
    weight: 3,
    begin: (scene) =>
      later(scene, (world, machine, kept) => {
        const join = rollBackUnseen(world, machine, kept);
        if (join !== null) world.schedule.after(scene.random.between(...UNSEEN_MS), join);
      }),
  },
  {
    kind: 'machine rolled back',
    weight: 3,
    begin: (scene) => later(scene, rollBack),
  },
  {
    kind: 'cloned disk',
    weight: 2,
    begin(scene) {
      const { world, random } = scene;
      const machine = random.pickAny(whole(scene));
      const most = Math.min(CLONES_MAX + world.kmas, KMAS_MAX);
      if (machine === undefined || world.machines.length >= most) return null;
      const clone = cloneOf(world, machine);
      clone.boot();
      return { what: `${machine.place} as ${clone.place}` };
    },
  },
];

const CLONES_MAX = 2;

/** A copy is made now, and comes back when it has grown old. */
function later(scene: Scene, comesBack: (world: World, machine: Machine, kept: Kept) => void): Begun | null {
  const { world, random } = scene;
  const machine = random.pickAny(whole(scene));
  if (machine === undefined) return null;
  const kept = keep(machine);
  world.schedule.after(random.between(...AGE_MS), () => {
    if (!world.healed) comesBack(world, machine, kept);
  });
  return { what: `${machine.place} later` };
}

function putBack(world: World, machine: Machine, { disk, files }: Kept): void {
  if (machine.self.kmaId !== files.self.kmaId || machine.zeroised) return;
  if (world.forks.wouldTakeOtherEnd(disk)) return;
  world.note(`fault: the old snapshot of ${machine.place} is put back`);
  lose(world, machine);
  machine.putBack(disk);
  machine.boot();
}

/** Nobody can tell it but the peers: so it is one only where they are there to tell, and members by what the older disk knows. */
export function rollBack(world: World, machine: Machine, { disk, files }: Kept): void {
  if (machine.running === null || machine.self.incarnationId !== files.self.incarnationId) return;
  const { incarnationId } = files.self;
  const knows = (other: Machine) =>
    other !== machine &&
    other.running !== null &&
    letsIn(disk, other) &&
    machine.running?.replicator.isConnectedTo(other) === true &&
    other.store.logLength(incarnationId) > disk.logLength(incarnationId);
  if (world.network.weather !== FAIR || !world.machines.some(knows)) return;
  if (world.forks.wouldTakeOtherEnd(disk)) return;
  world.note(`fault: ${machine.place} is rolled back`);
  lose(world, machine);
  machine.rollBack(disk, files);
  machine.boot();
}

function letsIn({ state }: Store, { self }: Machine): boolean {
  const row = state.get('kma', self.kmaId);
  return row !== undefined && absenceOf(row) === null;
}

/** While nobody can tell it, and all others have what it has forgotten: what they have not, it would give them in another form. Gives the way back. */
export function rollBackUnseen(world: World, machine: Machine, { disk, files }: Kept): (() => void) | null {
  if (machine.running === null || machine.self.incarnationId !== files.self.incarnationId) return null;
  const { incarnationId, kmaId } = files.self;
  const others = world.machines.filter((other) => other !== machine);
  const knows = ({ store, self }: Machine) =>
    self.kmaId !== kmaId && store.logLength(incarnationId) > disk.logLength(incarnationId);
  if (!others.every(knows) || machine.doubted !== null || world.forks.wouldTakeOtherEnd(disk)) return null;
  const join = cut(world, between([machine], others));
  world.note(`fault: ${machine.place} is rolled back unseen`);
  lose(world, machine);
  machine.rollBack(disk, files);
  world.logs.forked(machine);
  world.keys.forgotten(machine);
  machine.boot();
  return join;
}
