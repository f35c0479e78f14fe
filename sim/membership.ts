/** Who of the machines is a member of the cluster, as those say who are members themselves. It asks the states and changes none. */
import { isOfRemoved, kmaOfIncarnation } from '../src/core/life.ts';
import { absenceOf } from '../src/core/membership.ts';
import { incarnationOf } from '../src/core/stamp.ts';
import type { Row } from '../src/core/tables.ts';
import type { Machine } from './machine.ts';

export interface Standing {
  /** Of the cluster's first life, and removed by nobody whose word counts. */
  readonly members: readonly Machine[];
  /** Also what is left of one that its owner has zeroised. */
  readonly removed: readonly Machine[];
  /** Restored from a backup beside the cluster that lives. */
  readonly strangers: readonly Machine[];
}

/** A member that was removed may say that others were: it counts only where no member says the same of it. One that nobody else knows joined at a member that was removed itself, and so did who is known only to those who joined there. One that was logged out hears of nobody who came since, so it counts only where all are. One that was out until all whom it knows had gone, or are out, lets nobody in any more who could tell it, and is to join anew; one that is left alone because they had gone is the cluster. */
export function standing(machines: readonly Machine[], clusterEpochId: string): Standing {
  const all = machines.filter((machine) => !machine.zeroised && machine.clusterEpochId === clusterEpochId);
  const ours = inTouch(all);
  const unremoved = ours.filter((machine) => !ours.some((other) => removes(other, machine)));
  const letIn = unremoved.filter((machine) => !unremoved.some((other) => isLoggedOut(other, machine)));
  const heard = [letIn, unremoved, ours].find(({ length }) => length > 0) ?? [];
  const gone = ours.filter((machine) => {
    const others = heard.filter((witness) => witness !== machine);
    if (others.some((witness) => isStranded(witness, machine))) return true;
    return (
      others.length > 0 && others.every((witness) => removes(witness, machine) || !knows(witness, machine))
    );
  });
  const left = ours.filter((machine) => !gone.includes(machine));
  const members = left.length > 0 ? left : chosenOf(ours);
  return {
    members,
    removed: [
      ...all.filter((machine) => !members.includes(machine)),
      ...machines.filter(({ zeroised }) => zeroised),
    ],
    strangers: machines.filter((machine) => !machine.zeroised && !all.includes(machine)),
  };
}

/** Whoever knows it by its row: its passphrase was set, and it has not proven that one. */
export function isLoggedOut(witness: Machine, machine: Machine): boolean {
  const row = rowOf(witness, machine);
  return row !== undefined && absenceOf(row) === 'logged-out';
}

/** Where all that are left have removed each other, their owner goes on with one. */
function chosenOf(ours: readonly Machine[]): readonly Machine[] {
  const chosen = ours.find((machine) => !isOut(machine)) ?? ours[0];
  return chosen === undefined ? [] : [chosen];
}
/** Those that are in, without those left alone unless all are, and those that are out and let one of these in, be it by way of others; all, where none is in. */
function inTouch(all: readonly Machine[]): readonly Machine[] {
  const within = all.filter((machine) => !isOut(machine));
  if (within.length === 0) return all;
  const hearing = all.filter((machine) => all.some((other) => letsIn(machine, other)));
  const together = within.filter((machine) => hearing.includes(machine));
  const reached = new Set(together.length > 0 ? together : within);
  // Goes on with those that are added.
  for (const other of reached)
    for (const machine of hearing) if (letsIn(machine, other)) reached.add(machine);
  return all.filter((machine) => reached.has(machine));
}
/** Removed or logged out, and knows it. */
function isOut({ running }: Machine): boolean {
  return running !== null && running.core.absence !== null;
}

/** And is one there itself, or was. */
function letsIn(machine: Machine, other: Machine): boolean {
  if (machine.self.kmaId === other.self.kmaId || !counts(machine, other) || !counts(other, machine))
    return false;
  return !isOut(machine) || !isLoggedOut(machine, other);
}
function counts(witness: Machine, machine: Machine): boolean {
  return knows(witness, machine) && !removes(witness, machine);
}
function removes(witness: Machine, machine: Machine): boolean {
  return rowOf(witness, machine)?.removedStamp != null;
}
/** Its entry was made by a member that is removed there, or unknown itself, beyond the end of that member's log. */
function isStranded(witness: Machine, machine: Machine): boolean {
  const stamp = rowOf(machine, machine)?.createdStamp;
  if (stamp == null || knows(witness, machine)) return false;
  const { state } = witness.store;
  const life = incarnationOf(stamp);
  // The world knows what no KMA does: nothing of an unknown maker is on its way any more.
  return kmaOfIncarnation(state, life) === null || isOfRemoved(state, life);
}
function knows(witness: Machine, machine: Machine): boolean {
  return rowOf(witness, machine) !== undefined;
}
function rowOf({ store }: Machine, { self }: Machine): Row<'kma'> | undefined {
  return store.state.get('kma', self.kmaId);
}
