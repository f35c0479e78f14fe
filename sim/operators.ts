/** What the people do who look after the machines: one that was removed, or restored beside the living cluster, is zeroised and joins again, and the entry of a KMA that is no more is deleted; one is logged out now and then, and logs in again; one that is locked is unlocked; a key split that is lost is changed; a clock that is right is accepted. They know nothing that no KMA tells. */
import { FOREIGN_AHEAD_MAX_MS } from '../src/core/clock-guard.ts';
import type { KmaId } from '../src/core/ids.ts';
import { currentKeySplit } from '../src/core/key-split-standing.ts';
import { livingKmas } from '../src/core/members.ts';
import { missingSplit } from '../src/core/missing-split.ts';
import { hlcMs } from '../src/core/stamp.ts';
import { shownName } from '../src/operations/entities.ts';
import { isUsable } from './joining.ts';
import type { Machine } from './machine.ts';
import { isLoggedOut, type Standing, standing } from './membership.ts';
import { Random } from './random.ts';
import { asOfficer, CREDENTIALS, credentialsOf, PASSPHRASE, splitSearchOf } from './workload/people.ts';
import type { World } from './world.ts';

const ROUND_MS = 15 * 60_000;
/** In a day, beside those of faults. */
const LOG_OUTS = 3;
const OUT_FOR_MS = [60_000, 3 * 3_600_000] as const;

export class Operators {
  readonly #world: World;
  readonly #random: Random;
  /** Who was logged out, and when he is to log in again. */
  readonly #out = new Map<KmaId, number>();

  constructor(world: World) {
    this.#world = world;
    this.#random = new Random(world.seed, 'operators');
  }

  plan(spanMs: number): void {
    const { schedule } = this.#world;
    for (let ms = ROUND_MS; ms < spanMs; ms += ROUND_MS) schedule.after(ms, () => this.round());
    for (let planned = 0; planned < LOG_OUTS; planned++)
      schedule.after(this.#random.below(spanMs), () => this.#logOutSomebody());
  }

  async round(): Promise<void> {
    const { removed, strangers } = this.#standing();
    for (const machine of removed) await this.#replace(machine);
    for (const machine of strangers) await this.#takeBack(machine);
    await this.#deleteLeftOver();
    this.#logIn();
    await this.#unlock();
    await this.#renewKeySplit();
  }

  /** Restored from a backup beside the cluster; where its entry was deleted before, nothing is left to be said of it. */
  async #takeBack(stranger: Machine): Promise<void> {
    const at = this.#sound(stranger);
    if (at?.store.state.get('kma', stranger.self.kmaId)?.removedStamp != null) this.zeroise(stranger);
    else await this.remove(stranger, 'retired', at);
  }

  /** An officer at another member says so; who owns a retired one has zeroised it before, since that is what he says. */
  async remove(machine: Machine, as: 'retired' | 'lost', at = this.#sound(machine)): Promise<void> {
    const { kmaId } = machine.self;
    if (at === undefined) return;
    if (as === 'retired')
      for (const owned of this.#world.machines) if (owned.self.kmaId === kmaId) this.zeroise(owned);
    await this.#deleteAt(at, kmaId, as);
  }

  /** A quorum sets its passphrase at another member. It logs in again after a while, is removed instead, or stays out to the end of the day. */
  async logOut(machine: Machine, at = this.#sound(machine)): Promise<void> {
    const { kmaId } = machine.self;
    const row = at?.store.state.get('kma', kmaId);
    if (at === undefined || row?.name == null) return;
    const input = { kma: shownName(at.store.state, 'kma', row), passphrase: PASSPHRASE };
    await this.#withQuorum(at, 'SetKmaPassphrase', input);
    const { schedule } = this.#world;
    const afterMs = this.#random.between(...OUT_FOR_MS);
    const isRemoved = this.#random.chance(6);
    const stays = isRemoved || this.#random.chance(4);
    this.#out.set(kmaId, stays ? Number.POSITIVE_INFINITY : schedule.nowMs + afterMs);
    if (isRemoved)
      schedule.after(afterMs, () => (this.#world.healed ? undefined : this.remove(machine, 'lost')));
  }
  async #logOutSomebody(): Promise<void> {
    const machine = this.#random.pickAny(this.#standing().members);
    if (machine !== undefined) await this.logOut(machine);
  }

  /** At a member that knows that it is out; who proves his passphrase has it from whoever has set it. Where all are out, one that is lets another one in. */
  #logIn(): void {
    const { schedule, healed, joining } = this.#world;
    const { members } = this.#standing();
    for (const machine of members) {
      if (!healed && (this.#out.get(machine.self.kmaId) ?? 0) > schedule.nowMs) continue;
      const sound = this.#soundMembers();
      const others = (sound.length > 0 ? sound : members).filter(
        (other) => other.self.kmaId !== machine.self.kmaId,
      );
      const at = this.#random.pickAny(others.filter((other) => isLoggedOut(other, machine)));
      if (at !== undefined) joining.logIn(at, machine);
    }
  }

  /** Entries of KMAs that no machine is any more, or has become yet: whoever zeroises one says so at a member that knows it still. */
  async #deleteLeftOver(): Promise<void> {
    const { machines, joining } = this.#world;
    const living = new Set(machines.filter(({ zeroised }) => !zeroised).map(({ self }) => self.kmaId));
    const pending = new Set(machines.filter(({ zeroised }) => zeroised).map((one) => joining.nameFor(one)));
    const knowing = new Map<KmaId, Machine[]>();
    for (const machine of this.#soundMembers())
      for (const { id, name } of livingKmas(machine.store.state))
        if (!living.has(id as KmaId) && !pending.has(name ?? ''))
          knowing.set(id as KmaId, [...(knowing.get(id as KmaId) ?? []), machine]);
    for (const [kmaId, who] of knowing) await this.#deleteAt(this.#random.pickAny(who), kmaId, 'retired');
  }

  async #deleteAt(at: Machine | undefined, kmaId: KmaId, as: 'retired' | 'lost'): Promise<void> {
    const row = at?.store.state.get('kma', kmaId);
    if (at === undefined || row?.name == null) return;
    const input = { kma: shownName(at.store.state, 'kma', row), as };
    await this.#world.call(at, asOfficer(at, this.#random, 'DeleteKma', input));
  }

  async #unlock(): Promise<void> {
    for (const machine of this.#world.machines)
      if (machine.running?.core.locked === true) await this.#withQuorum(machine, 'UnlockKma');
  }

  /** Of clocks that have been put right, and what they wrote while they were ahead. */
  async acceptClocks(): Promise<void> {
    const { machines } = this.#world;
    const lastMs = Math.max(...machines.map(({ store }) => hlcMs(store.lastStamp())));
    const at = this.#sound() ?? this.#standing().members.find(({ running }) => running !== null);
    if (at !== undefined && lastMs > at.clock.wallMs() + FOREIGN_AHEAD_MAX_MS) {
      const until = new Date(lastMs).toISOString();
      await this.#withQuorum(at, 'AcceptLogClock', { kma: at.self.kmaName, until });
    }
    for (const machine of machines)
      if (machine.running?.core.odd() != null) await this.#withQuorum(machine, 'AcceptClock');
  }

  /**
   * Where the key split of today is missing somebody sees it who wants anything of its quorum, and does what he is told: he
   * asks at a member that may have a later one; one that is lost is changed by that of before; who may have it and is logged
   * out is deleted, and who made it and has lost it, or is out and cannot log in, since only its quorum could set another
   * passphrase.
   */
  async #renewKeySplit(): Promise<void> {
    const missing = this.#soundMembers().flatMap((at) => {
      const found = missingSplit(splitSearchOf(at));
      return found === null ? [] : [{ at, found }];
    });
    const asked = this.#random.pickAny(missing);
    const told = asked?.found.at === 'others' ? asked.found.kmaIds : [];
    const there = missing.filter(({ at: { self } }) => told.includes(self.kmaId));
    const { at, found } = this.#random.pickAny(there) ?? asked ?? {};
    if (at === undefined || found === undefined) return;
    if (found.at === 'nobody') {
      const call = asOfficer(at, this.#random, 'ModifyKeySplit', { threshold: 2 });
      const credentials = credentialsOf(at, 'ModifyKeySplit');
      return this.#world.call(at, { ...call, credentials, newCredentials: CREDENTIALS });
    }
    const objectId = currentKeySplit(at.store.state)?.objectId ?? '';
    const hasLost = ({ store, running }: Machine) => running !== null && !store.hasObject(objectId);
    const gone = this.#standing().members.find((machine) =>
      found.at === 'maker'
        ? machine.self.kmaId === found.kmaId && (isOutForGood(at, machine) || hasLost(machine))
        : found.kmaIds.includes(machine.self.kmaId) && isLoggedOut(at, machine),
    );
    if (gone !== undefined) await this.remove(gone, 'retired', at);
  }

  #withQuorum(machine: Machine, operation: string, input: object = {}): Promise<void> {
    const call = asOfficer(machine, this.#random, operation, input);
    const credentials = this.#random.some(credentialsOf(machine, operation), 2);
    return this.#world.call(machine, { ...call, credentials });
  }

  #standing(): Standing {
    return standing(this.#world.machines, this.#world.clusterEpochId);
  }

  #sound(but: Machine | null = null): Machine | undefined {
    return this.#random.pickAny(this.#soundMembers().filter((machine) => machine !== but));
  }
  #soundMembers(): readonly Machine[] {
    return this.#standing().members.filter(
      (machine) =>
        machine.running?.core.odd() === null &&
        machine.running.core.absence === null &&
        !this.#world.forks.isPending(machine),
    );
  }

  async #replace(machine: Machine): Promise<void> {
    const via = this.#sound(machine);
    if (via === undefined) return;
    if (!machine.zeroised) this.zeroise(machine);
    this.#world.note(`${machine.place} begins to join again at ${via.place}`);
    await this.#world.joining.join(via, machine, this.#world.joining.nameFor(machine));
  }

  /** It is no KMA any more, and joins again. */
  zeroise(machine: Machine): void {
    this.#world.copies.zeroised(machine);
    machine.zeroise();
    this.#world.logs.diskReplaced(machine.place);
  }
}

/** Its passphrase was proven there before and nobody was answered, or voided after a loss. */
function isOutForGood(at: Machine, machine: Machine): boolean {
  const row = at.store.state.get('kma', machine.self.kmaId);
  return isLoggedOut(at, machine) && !isUsable(at, row?.name ?? '');
}
