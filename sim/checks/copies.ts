/** Where sealed objects really are: disks of machines, disks that a fault took away, backup files. It asks no KMA what it believes. */
import type { MadeBackup } from '../../src/operations/contexts.ts';
import type { Machine } from '../machine.ts';
import type { Store } from '../store.ts';

export interface BackupFile {
  readonly made: MadeBackup;
  /** As it was when the backup was made. */
  readonly content: Store;
  /** The KMA that made it. */
  readonly by: string;
  readonly clusterEpochId: string;
  /** Not of one that was restored beside the cluster, of whose backups nobody in the cluster hears. */
  readonly ofCluster: boolean;
  /** The machine had been put back, and perhaps made it while it had forgotten what it confirmed to the others. */
  readonly ofPutBack: boolean;
  /** Where it lies until somebody has fetched it. */
  readonly place: string;
  /** Somebody has read it back. */
  fetched: boolean;
  /** Somebody has destroyed it, before saying so. */
  destroyed: boolean;
}

export class Copies {
  readonly machines: Machine[];
  readonly backups = new Map<string, BackupFile>();
  /** What disks held that a fault has replaced: a second misfortune, which no KMA can know of at once. */
  readonly #lost = new Set<string>();
  /** What they held no more, and no entry says so yet: with them the KMA has forgotten that it was to say it. */
  readonly #erasedUnsaid = new Set<string>();
  readonly #putBack = new Set<string>();
  readonly #cloned = new Set<string>();

  constructor(machines: Machine[]) {
    this.machines = machines;
  }

  /** A KMA that starts throws away what nobody has fetched of it. */
  crashed({ place }: Machine): void {
    for (const [id, file] of this.backups) if (file.place === place && !file.fetched) this.backups.delete(id);
  }

  diskLost({ place, store }: Machine): void {
    this.#putBack.add(place);
    for (const id of store.objectIds()) this.#lost.add(id);
    for (const id of store.erased()) this.#erasedUnsaid.add(id);
  }

  /** With a copy of another one's disk. */
  cloned({ place }: Machine): void {
    this.#cloned.add(place);
  }

  /** What comes into it afterwards was never there before. */
  zeroised(machine: Machine): void {
    this.diskLost(machine);
    this.#putBack.delete(machine.place);
    this.#cloned.delete(machine.place);
  }

  /** A backup that was destroyed counts where its destruction is not known yet. */
  isElsewhere(machine: Machine, objectId: string): boolean {
    if (this.#lost.has(objectId)) return true;
    if (this.machines.some((other) => other !== machine && other.store.hasObjectSynced(objectId)))
      return true;
    return [...this.backups.values()].some(
      ({ made, content, fetched, destroyed }) =>
        fetched &&
        content.getObject(objectId) !== undefined &&
        (!destroyed || machine.store.state.get('backup', made.backupId)?.destroyedStamp == null),
    );
  }

  /** On any disk, or in a backup that nobody has destroyed. */
  isAnywhere(objectId: string): boolean {
    for (const { store } of this.machines) if (store.hasObject(objectId)) return true;
    for (const { content, destroyed } of this.backups.values())
      if (!destroyed && content.hasObject(objectId)) return true;
    return false;
  }

  /** A disk had it that a fault took away. */
  wasLost(objectId: string): boolean {
    return this.#lost.has(objectId);
  }

  wasErasedUnsaid(objectId: string): boolean {
    return this.#erasedUnsaid.has(objectId);
  }

  wasPutBack({ place }: Machine): boolean {
    return this.#putBack.has(place);
  }

  /**
   * Of members and in backups, as things stand. A machine whose disk was put back from before may hold again what it had
   * confirmed to be gone, until it folds the destruction once more; and a backup that it makes meanwhile nobody can know of
   * who has not heard of it: it counts for who has. So does a copied disk, whose life no member has let in before it got
   * what it has.
   */
  placesOf({ state }: Store, objectId: string, incarnationId: string, seq: number): string[] {
    const holds = ({ store, place, self }: Machine) =>
      store.getObject(objectId) !== undefined &&
      (!this.#putBack.has(place) || store.logLength(incarnationId) >= seq) &&
      (!this.#cloned.has(place) || isKnownLife(state, self.incarnationId));
    return [
      ...this.machines.filter(holds).map(({ place }) => place),
      ...[...this.backups.values()]
        .filter(
          ({ made, content, destroyed, ofCluster, ofPutBack, clusterEpochId }) =>
            ofCluster &&
            !destroyed &&
            content.getObject(objectId) !== undefined &&
            (ofPutBack
              ? state.get('backup', made.backupId) !== undefined
              : this.#isRecorded(made.backupId, clusterEpochId)),
        )
        .map(({ made }) => `backup ${made.backupId}`),
    ];
  }

  /** Before its row is there it is nothing, and whatever it holds is not yet said to be gone from that KMA. A row that went with the only disk that had it is known to nobody, also where one that is restored from that very backup, beside the cluster, says so of itself. */
  #isRecorded(backupId: string, epoch: string): boolean {
    return this.machines.some(
      ({ store, clusterEpochId }) =>
        clusterEpochId === epoch && store.state.get('backup', backupId) !== undefined,
    );
  }
}

function isKnownLife(state: Store['state'], incarnationId: string): boolean {
  const life = state.get('incarnation', incarnationId);
  return life?.createdStamp != null || life?.admittedStamp != null;
}
