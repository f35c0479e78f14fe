/** Misfortunes of a membership: a member is removed or logged out that cannot hear of it, two remove each other, a backup is restored beside the living cluster, one runs the version before. */
import { restoreBackup } from '../../src/operations/incarnations.ts';
import { newLife } from '../beginning.ts';
import { CERTIFICATE_PEM } from '../certificate.ts';
import type { BackupFile } from '../checks/copies.ts';
import type { Machine } from '../machine.ts';
import { standing } from '../membership.ts';
import type { World } from '../world.ts';
import type { Begun, Fault, Scene } from './fault.ts';
import { between, cut } from './network.ts';

const REMOVED_WITHIN_MS = [10_000, 20 * 60_000] as const;

export const memberFaults: readonly Fault[] = [
  {
    kind: 'member removed while partitioned',
    weight: 2,
    begin(scene) {
      const { world, random } = scene;
      const [gone, ...others] = random.some(membersOf(scene), Number.MAX_SAFE_INTEGER);
      const by = others[0];
      if (gone === undefined || by === undefined) return null;
      const as = random.pick(['retired', 'lost'] as const);
      const join = cut(world, between([gone], world.machines));
      world.schedule.after(random.between(...REMOVED_WITHIN_MS), () => world.operators.remove(gone, as, by));
      return { what: `${gone.place} as ${as} by ${by.place}`, end: join };
    },
  },
  {
    kind: 'member logged out while partitioned',
    weight: 2,
    begin(scene) {
      const { world, random } = scene;
      const [out, ...others] = random.some(membersOf(scene), Number.MAX_SAFE_INTEGER);
      const by = others[0];
      if (out === undefined || by === undefined) return null;
      const join = cut(world, between([out], world.machines));
      world.schedule.after(random.between(...REMOVED_WITHIN_MS), () => world.operators.logOut(out, by));
      return { what: `${out.place} by ${by.place}`, end: join };
    },
  },
  {
    kind: 'two removals crossing',
    weight: 2,
    begin(scene) {
      const { world, random } = scene;
      const members = random.some(membersOf(scene), Number.MAX_SAFE_INTEGER);
      const half = members.slice(0, Math.ceil(members.length / 2));
      const rest = world.machines.filter((machine) => !half.includes(machine));
      const [one, other] = [half[0], rest.find((machine) => members.includes(machine))];
      if (one === undefined || other === undefined) return null;
      const join = cut(world, between(half, rest));
      world.schedule.after(random.between(...REMOVED_WITHIN_MS), () =>
        world.operators.remove(other, 'lost', one),
      );
      world.schedule.after(random.between(...REMOVED_WITHIN_MS), () =>
        world.operators.remove(one, 'lost', other),
      );
      return { what: `${one.place} and ${other.place}`, end: join };
    },
  },
  {
    kind: 'backup restored into a live cluster',
    weight: 2,
    begin: restoreBeside,
  },
  {
    kind: 'one version back',
    weight: 2,
    begin({ random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      runAs(machine, true);
      return { what: machine.place, end: () => runAs(machine, false) };
    },
  },
];

function membersOf({ world, running }: Scene): Machine[] {
  const { members } = standing(world.machines, world.clusterEpochId);
  return running.filter((machine) => members.includes(machine));
}

/** By a restart, as software is exchanged. */
function runAs(machine: Machine, versionBack: boolean): void {
  machine.versionBack = versionBack;
  if (machine.running === null) return;
  machine.crash(`restarts with ${versionBack ? 'the version before' : 'this version'}`);
  machine.boot();
}

/** What the machine was is gone with its disk: not of the only one that is in, since those that are out can then only be restored from a backup themselves. */
function restoreBeside({ world, random, running }: Scene): Begun | null {
  const within = world.machines.filter(({ running }) => running?.core.absence === null);
  const machine = random.pickAny(
    running.filter(({ self }) => within.some((other) => other.self.kmaId !== self.kmaId)),
  );
  const file = random.pickAny(
    [...world.copies.backups.values()].filter(
      ({ by, fetched, destroyed }) => by === machine?.self.kmaId && fetched && !destroyed,
    ),
  );
  if (machine === undefined || file === undefined) return null;
  machine.crash('a backup is restored');
  world.copies.diskLost(machine);
  world.logs.diskReplaced(machine.place);
  setUpFrom(world, machine, file);
  return { what: `${file.made.backupId} at ${machine.place}` };
}

function setUpFrom({ random }: World, machine: Machine, { made, content }: BackupFile): void {
  const life = newLife(random);
  const input = {
    backupId: made.backupId,
    madeAt: new Date(made.createdAtMs).toISOString(),
    rootEpochId: made.rootEpochId,
    vector: made.vector,
    heldVector: made.heldVector,
    stateHash: made.stateHash,
    fileSha256: made.fileSha256,
    fileBytes: made.fileBytes,
    keyFileSha256: made.keyFileSha256,
    certificatePem: CERTIFICATE_PEM,
    serviceAddress: '',
    managementAddress: '',
    by: '',
  };
  machine.setUp(content.copy(), machine.self, { operation: restoreBackup, input }, life);
  machine.boot();
}
