/** How a machine of the simulated world becomes a member, and how one that was logged out becomes one again: a quorum makes its entry or sets its passphrase, it proves that, its life is admitted, and it gets a member's copy of everything. Each step is an operation that may be refused or never answered; whoever looks after the machines begins again. */
import type { IncarnationId, KmaId } from '../src/core/ids.ts';
import { byName } from '../src/core/live.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { memberKeySha256 } from '../src/operations/cluster/member-key.ts';
import { joinCluster } from '../src/operations/incarnations.ts';
import { type Life, newLife } from './beginning.ts';
import type { Answer, Call } from './core.ts';
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import { asOfficer, credentialsOf, PASSPHRASE } from './workload/people.ts';
import type { World } from './world.ts';

/** From one step to the next. */
const STEP_MS = [100, 5_000] as const;
/** The copy is made at once, and is there later. */
const COPIED_WITHIN_MS = [1_000, 60_000] as const;
/** Key, nonce and proof of the modern proof; the twin of its check looks at none of them. */
const PROOF = { clientNonce: new Uint8Array(32), clientProof: new Uint8Array(32) };
const KEY_BYTES = 64;

/** What a machine does to become a member. */
interface Attempt {
  readonly via: Machine;
  readonly machine: Machine;
  readonly kmaName: string;
  /** False once another one has begun, or the machine is set up. */
  readonly counts: () => boolean;
}

export class Joining {
  readonly #world: World;
  readonly #random: Random;
  readonly #attempts = new Map<Machine, object>();
  /** By entry: the life that a machine keeps until it has joined, however often it tries. */
  readonly #lives = new Map<KmaId, Life>();
  /** How often each has joined. */
  readonly #joined = new Map<Machine, number>();

  constructor(world: World) {
    this.#world = world;
    this.#random = new Random(world.seed, 'joining');
  }

  /** Whatever the machine was before; with an entry that an earlier attempt has made already, where the member knows it. */
  async join(via: Machine, machine: Machine, kmaName: string): Promise<void> {
    const attempt = this.#begin(via, machine, kmaName);
    const input = { kma: kmaName, passphrase: PASSPHRASE };
    await this.#ask(attempt, this.#byQuorum(via, 'CreateKma', input), (answer) => {
      if (!isRefusal(answer) || answer.refused === 'KMA_EXISTS')
        this.#prove(attempt, (kmaId) => this.#admit(attempt, kmaId));
    });
  }

  /** With its data as they are; the member takes what it has written meanwhile. */
  logIn(via: Machine, machine: Machine): void {
    this.#prove(this.#begin(via, machine, machine.self.kmaName), (kmaId) => {
      this.#world.note(`${machine.place} (${kmaId}) has logged in again at ${via.place}`);
      this.#attempts.delete(machine);
    });
  }

  /** Of the entry that it joins with next: the same until it has joined, and never that of another machine. */
  nameFor(machine: Machine): string {
    return `${machine.place}+${(this.#joined.get(machine) ?? 0) + 1}`;
  }

  #begin(via: Machine, machine: Machine, kmaName: string): Attempt {
    const token = {};
    this.#attempts.set(machine, token);
    return { via, machine, kmaName, counts: () => this.#attempts.get(machine) === token };
  }

  /** A passphrase works once: where it was proven before and nobody was answered, or was voided after a loss, or cannot be checked there, a quorum sets another one first. */
  #prove(attempt: Attempt, then: (kmaId: KmaId) => void): void {
    const { via, kmaName: entityId } = attempt;
    this.#later(attempt, STEP_MS, async () => {
      if (!isUsable(via, entityId)) return this.#setAnew(attempt, then);
      const input = { entityId, ...PROOF, clientPublicKey: this.#random.bytes(KEY_BYTES) };
      const call: Call = { operation: 'EnrolKma', input, claim: { claim: 'network' } };
      return this.#ask(attempt, call, (answer) => {
        const row = isRefusal(answer) ? undefined : byName(via.store.state, 'kma', entityId);
        if (row !== undefined) then(row.id as KmaId);
      });
    });
  }
  #setAnew(attempt: Attempt, then: (kmaId: KmaId) => void): Promise<void> {
    const input = { kma: attempt.kmaName, passphrase: PASSPHRASE };
    return this.#ask(attempt, this.#byQuorum(attempt.via, 'SetKmaPassphrase', input), (answer) => {
      if (!isRefusal(answer)) this.#prove(attempt, then);
    });
  }

  /** The newcomer calls port 3336 with the key of its certificate. */
  #admit(attempt: Attempt, kmaId: KmaId): void {
    const { via } = attempt;
    const life = this.#lives.get(kmaId) ?? newLife(this.#random);
    this.#lives.set(kmaId, life);
    this.#later(attempt, STEP_MS, async () => {
      const keySha256 = memberKeySha256(via.store.state.get('kma', kmaId));
      const input = { keySha256, kmaId, ...life };
      await via.callLocal('AdmitIncarnation', input, (answer) => {
        if (!isRefusal(answer) && attempt.counts()) this.#copy(attempt, kmaId, life);
      });
    });
  }

  #copy(attempt: Attempt, kmaId: KmaId, life: Life): void {
    const { via, machine, kmaName } = attempt;
    const copy = via.store.copy();
    const { clusterEpochId } = via;
    this.#later(attempt, COPIED_WITHIN_MS, () => {
      const self = { kmaId, kmaName, incarnationId: life.incarnationId as IncarnationId };
      const addresses = { hostName: '', minimumTls: '1.2', serviceAddress: '', managementAddress: '' };
      const input = { clusterEpochId, ...addresses };
      this.#attempts.delete(machine);
      this.#joined.set(machine, (this.#joined.get(machine) ?? 0) + 1);
      machine.setUp(copy, self, { operation: joinCluster, input }, life);
      this.#world.note(`${machine.place} has joined at ${via.place}`);
      machine.boot();
    });
  }

  #byQuorum(via: Machine, operation: string, input: object): Call {
    const credentials = this.#random.some(credentialsOf(via, operation), 2);
    return { ...asOfficer(via, this.#random, operation, input), credentials };
  }
  #ask({ via, counts }: Attempt, call: Call, then: (answer: Answer) => void): Promise<void> {
    return this.#world.call(via, call, (answer) => {
      if (counts()) then(answer);
    });
  }
  #later({ counts }: Attempt, [least, most]: readonly [number, number], work: () => void | Promise<void>) {
    this.#world.schedule.after(this.#random.between(least, most), () => (counts() ? work() : undefined));
  }
}

/** Its passphrase, for a proof there. */
export function isUsable({ store }: Machine, entityId: string): boolean {
  const row = byName(store.state, 'kma', entityId);
  if (row?.verifierObjectId == null || row.enrolled === 1 || row.proofDisabled === 1) return false;
  return store.hasObject(row.verifierObjectId);
}
