/** Somebody who manages the cluster over port 3333, at one KMA after the other, and writes down what was acknowledged. He repeats nothing that was not answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { logIn, type Session } from '../../src/client/log-in.ts';
import { type CallOptions, Manager } from '../../src/client/manager.ts';
import { OpenKmaError } from '../../src/errors.ts';
import { findOperation } from '../../src/operations/catalogue.ts';
import type { Person } from '../support/kma.ts';
import type { Cluster } from './cluster.ts';
import type { Draw } from './draw.ts';
import type { Ledger } from './ledger.ts';

const BETWEEN_MS = 120;
const TIMEOUT_MS = 10_000;
/** Calls at one KMA before another is taken. */
const CALLS_MAX = 12;

/** What somebody does: a name to count it by, and the work, which throws what it was refused with. */
export type Chore = readonly [name: string, work: (manager: ManagerWork) => Promise<void>];

export class ManagerWork {
  readonly ledger: Ledger;
  readonly random: Draw;
  readonly #cluster: Cluster;
  readonly #person: Person;
  #manager: Manager | null = null;
  #callsLeft = 0;

  constructor(cluster: Cluster, person: Person, ledger: Ledger, random: Draw) {
    this.#cluster = cluster;
    this.#person = person;
    this.ledger = ledger;
    this.random = random;
  }

  async run(chores: readonly Chore[], goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const [name, work] = this.random.pick(chores);
      try {
        await work(this);
        this.ledger.count(name);
      } catch (error) {
        if (!(error instanceof OpenKmaError)) throw error;
        this.ledger.refuse(name, error.code);
        this.#leave();
      }
      await pause(BETWEEN_MS);
    }
    this.#leave();
  }

  async call(operation: string, input: object, options: CallOptions = {}): Promise<unknown> {
    const record = findOperation(operation);
    if (record === undefined) throw new Error(`there is no ${operation}`);
    if (this.#callsLeft <= 0) this.#leave();
    this.#manager ??= await this.#logIn();
    this.#callsLeft -= 1;
    const { output } = await this.#manager.call(record, { ...input }, options);
    return output;
  }

  /** A name that nobody has given yet. */
  newName(kind: string): string {
    return this.random.name(kind);
  }

  async #logIn(): Promise<Manager> {
    const { host: address } = this.random.pick(this.#cluster.members);
    const { portOffset, caKeySha256 } = this.#cluster;
    const session: Session = await logIn({
      place: { address, portOffset, caKeySha256 },
      user: this.#person.name,
      passphrase: this.#person.passphrase,
      timeoutMs: TIMEOUT_MS,
    });
    this.#callsLeft = CALLS_MAX;
    return new Manager(session, { timeoutMs: TIMEOUT_MS, retries: 0, waitMs: 0 });
  }

  #leave(): void {
    this.#manager?.close();
    this.#manager = null;
  }
}
