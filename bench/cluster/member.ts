/** One KMA of a cluster, served by "kma serve" at an address of its own, and what its store says of it. It measures nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { askOrThrow } from '../../src/cli/admin-client.ts';
import type { IncarnationId } from '../../src/core/ids.ts';
import type { VersionVector } from '../../src/core/version-vector.ts';
import { readIdentity } from '../../src/setup/local-identity.ts';
import { DataDirectory } from '../../src/store/data-directory.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { ServedKma } from '../../test/support/served-kma.ts';
import { pssMegabytes } from '../memory.ts';

const LOOK_MS = 200;

export interface MemberPlace {
  readonly name: string;
  readonly host: string;
  readonly portOffset: number;
  readonly folder: string;
  readonly data: string;
}

export class Member implements AsyncDisposable {
  readonly place: MemberPlace;
  #served: ServedKma | null = null;

  constructor(place: MemberPlace) {
    this.place = place;
  }

  async start(): Promise<void> {
    const { host, portOffset } = this.place;
    this.#served = await ServedKma.startAt(this.place, host, portOffset, '--fronts', '1');
  }
  async stop(): Promise<void> {
    await this.#served?.end('SIGTERM');
    this.#served = null;
  }

  get served(): ServedKma {
    if (this.#served === null) throw new Error(`${this.place.name} does not run`);
    return this.#served;
  }

  /** The life whose log it writes. */
  get life(): IncarnationId {
    return readIdentity(DataDirectory.open(this.place.data)).incarnationId;
  }

  ask<T>(operation: string, input: object = {}): Promise<T> {
    return askOrThrow(this.place.data, { operation, input, user: null, quorum: [] }) as Promise<T>;
  }
  async readyKeys(): Promise<number> {
    return (await this.ask<{ keysReady: number }>('ShowStatus')).keysReady;
  }
  async untilReady(keys: number): Promise<void> {
    while ((await this.readyKeys()) < keys) await pause(LOOK_MS);
  }

  /** Supervisor and children, as the kernel shares their memory out; what has just ended, or is not ready yet, counts nothing. */
  megabytes(): number {
    const served = this.#served;
    if (served === null) return 0;
    return [served.pid, ...served.children()].reduce((sum, one) => sum + memoryOf(one), 0);
  }

  openStore(): Store {
    return openStore({ path: DataDirectory.open(this.place.data).databasePath, mode: 'read' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

export function memoryOf(pid: number): number {
  try {
    return pssMegabytes(pid) || 0;
  } catch {
    return 0;
  }
}

/** Waits until this store has folded, and holds the keys of, everything up to `vector`. */
export async function untilHolds(store: Store, vector: VersionVector): Promise<void> {
  while (!covers(store.missing.heldVector(store.vector()), vector)) await pause(LOOK_MS);
}

function covers(one: VersionVector, other: VersionVector): boolean {
  return Object.entries(other).every(([log, length]) => (one[log] ?? 0) >= length);
}
