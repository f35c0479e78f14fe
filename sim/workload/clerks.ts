/** What keeps a simulated cluster going: key pools are filled, backups made, fetched and destroyed, erasures confirmed, and it is told what was served. */
import { hourOf } from '../../src/core/agent-performance.ts';
import type { BackupId, ObjectId } from '../../src/core/ids.ts';
import { slotOf } from '../../src/core/kma-performance.ts';
import { isCutShort } from '../../src/core/log-end.ts';
import { livingKmas } from '../../src/core/members.ts';
import { splitToRenew } from '../../src/core/missing-split.ts';
import { poolStanding } from '../../src/core/readiness.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import { mayWrite } from '../../src/core/replication-version.ts';
import { endsToSay } from '../../src/operations/cluster/close-logs.ts';
import { isRootExposed } from '../../src/operations/cluster/keep-root.ts';
import { isAnythingKnown, knownToLost } from '../../src/operations/cluster/void-after-loss.ts';
import type { Machine } from '../machine.ts';
import type { Random } from '../random.ts';
import { readVersion } from '../version-back.ts';
import type { World } from '../world.ts';
import { appliance, asOfficer, asUser, splitSearchOf } from './people.ts';

const ERASURES_MAX = 1000;
const POOL = 16;
const FILLED_AT_ONCE = 8;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const CUT_SHORT_MS = 30 * 60_000;

export class Clerks {
  readonly #world: World;
  /** By place. */
  readonly #cutShortSince = new Map<string, number>();
  readonly #exposedSince = new Map<string, number>();
  readonly #random: Random;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** What a KMA does by itself. */
  async upkeep(machine: Machine): Promise<void> {
    const { state } = machine.store;
    const replicationVersion = readVersion(machine.versionBack);
    if (state.get('incarnation', machine.self.incarnationId)?.replicationVersion !== replicationVersion)
      await this.#world.call(machine, appliance('NoteReplicationVersion', { replicationVersion }));
    if (poolStanding(state, machine.self.incarnationId).unissued < POOL)
      await this.#world.call(machine, appliance('FillKeyPool', { count: FILLED_AT_ONCE }));
    const ends = endsToSay(state, machine.self, (id) => machine.store.logLength(id));
    if (ends.length > 0) await this.#world.call(machine, appliance('CloseLogs', { ends }));
    if (this.#isCutShort(machine)) return machine.foundCutShort();
    const epochOf = (id: ObjectId) => machine.store.getObject(id)?.epoch ?? '';
    const known = knownToLost(state, machine.self, epochOf, '');
    if (known !== null && isAnythingKnown(known))
      await this.#world.call(machine, appliance('VoidAfterLoss', { agentsAfter: '' }));
    if (this.#isExposedLongEnough(machine))
      await this.#world.call(machine, appliance('ReplaceExposedRoot', {}));
    if (this.#random.chance(20)) await this.#world.call(machine, appliance('TidyPendingOperations', {}));
    await this.#tellHour(machine);
  }

  /** For so long that no removal is on its way. */
  #isCutShort({ place, store, self }: Machine): boolean {
    const { nowMs } = this.#world.schedule;
    if (!isCutShort(store.state, self, store.logLength(self.incarnationId)))
      this.#cutShortSince.delete(place);
    else if (!this.#cutShortSince.has(place)) this.#cutShortSince.set(place, nowMs);
    return nowMs - (this.#cutShortSince.get(place) ?? nowMs) >= CUT_SHORT_MS;
  }

  /** Each member waits a minute longer than the one before, as in production. */
  #isExposedLongEnough(machine: Machine): boolean {
    const { place, store, self, running } = machine;
    const { nowMs } = this.#world.schedule;
    const isLocked = running?.core.locked !== false;
    if (isLocked || !isRootExposed(store.state) || !mayWrite(store.state, 'master_epoch')) {
      this.#exposedSince.delete(place);
      return false;
    }
    const sinceMs = this.#exposedSince.get(place) ?? nowMs;
    this.#exposedSince.set(place, sinceMs);
    const turn = livingKmas(store.state).findIndex(({ id }) => id === self.kmaId);
    if (nowMs - sinceMs < (turn + 1) * MINUTE_MS) return false;
    return splitToRenew(splitSearchOf(machine)) !== undefined;
  }

  /** The one that is over, once; the counts are of no matter here. */
  async #tellHour(machine: Machine): Promise<void> {
    const hour = hourOf(machine.clock.wallMs()) - 1;
    const slot = slotOf(machine.self.kmaId, hour);
    if (machine.store.state.get('kma_hour', slot)?.hour === hour) return;
    const counts = { createKey: hour % 7, retrieveKey: 0, registerKwk: 0, other: 0, refused: 0, totalMs: 1 };
    const one = { hour, countedUntilMs: (hour + 1) * HOUR_MS, agents: 1, ...counts };
    const hours = [{ ...one, busy: 0, management: 0, replication: 0 }];
    await this.#world.call(machine, appliance('NoteServedHours', { hours }));
  }

  /** What is in no file of the KMA any more. */
  async confirmErasures(machine: Machine): Promise<void> {
    const objectIds = machine.store.erased().slice(0, ERASURES_MAX);
    if (objectIds.length === 0 || machine.staged > 0) return;
    await this.#world.call(machine, appliance('ConfirmErasures', { objectIds }), (answer) => {
      if (!isRefusal(answer)) machine.forgetErased(objectIds);
    });
  }

  async backUp(machine: Machine): Promise<void> {
    await this.#world.call(
      machine,
      asOfficer(machine, this.#random, 'CreateCoreSecurityBackup', {}),
      (answer) => {
        if (isRefusal(answer)) return;
        const [fact] = answer.decision.facts;
        const fileSha256 = fact !== undefined && 'event' in fact ? fact.cells['fileSha256'] : '';
        const input = { backupId: fact?.id ?? '', fileSha256 };
        void this.#world.call(
          machine,
          asOfficer(machine, this.#random, 'ConfirmCoreSecurityBackupDownloaded', input),
        );
      },
    );
    await this.#world.call(machine, asUser(machine, 'bert', 'CreateDatabaseBackup', {}), (answer) => {
      const { backups } = this.#world.copies;
      if (isRefusal(answer)) return;
      const backupId = answer.decision.facts[0]?.id as BackupId;
      const file = backups.get(backupId);
      if (file === undefined || this.#random.chance(4)) return;
      file.fetched = true;
      const { fileSha256, keyFileSha256 } = file.made;
      const input = { backupId, fileSha256, keyFileSha256 };
      void this.#world.call(machine, asUser(machine, 'bert', 'ConfirmBackupDownloaded', input));
    });
  }

  async destroyBackup(machine: Machine): Promise<void> {
    const backups = [...this.#world.copies.backups.values()].filter(({ destroyed }) => !destroyed);
    const file = this.#random.pickAny(backups.slice(0, -1));
    if (file === undefined) return;
    const { backupId } = file.made;
    if (machine.store.state.get('backup', backupId) === undefined) return;
    file.destroyed = true;
    const input = { backupId, comment: 'shredded' };
    await this.#world.call(machine, asUser(machine, 'bert', 'ConfirmBackupDestroyed', input), (answer) => {
      // Nobody says of what he has destroyed that he has it still: he tries again.
      if (isRefusal(answer)) file.destroyed = false;
    });
  }
}
