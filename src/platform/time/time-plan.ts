/** From the settings of a KMA to what its chronyd is told: names become addresses, and what cannot be looked up keeps the address it had. It starts nothing. */
import { isIPv6 } from 'node:net';
import type { PlatformTools } from '../part.ts';
import { isWildcard } from './chrony-config.ts';

export interface TimeWanted {
  readonly server: string;
  readonly members: readonly {
    readonly name: string;
    readonly managementAddress: string;
    readonly addresses: readonly string[];
  }[];
}

type Member = TimeWanted['members'][number];

export interface Peer {
  readonly kma: string;
  readonly address: string;
}

export interface TimePlan {
  readonly servers: readonly string[];
  readonly peers: readonly Peer[];
  /** Why the server's name has no address; "" where it has one, or had one. */
  readonly trouble: string;
}

/** A name such as those of pools has several; each is asked. */
const ADDRESSES_MAX = 4;

export class TimePlanner {
  readonly #tools: Pick<PlatformTools, 'place' | 'resolve'>;
  readonly #known = new Map<string, readonly string[]>();

  constructor(tools: Pick<PlatformTools, 'place' | 'resolve'>) {
    this.#tools = tools;
  }

  async plan({ server, members }: TimeWanted): Promise<TimePlan> {
    const peers = await Promise.all(members.map((member) => this.#peerOf(member)));
    const { addresses, trouble } = await this.#addressesOf(server);
    this.#forgetAllBut([server, ...members.flatMap(placesOf)]);
    return { servers: addresses.slice(0, ADDRESSES_MAX), peers: peers.flat(), trouble };
  }

  /** Each member has one clock, so the first address that can be reached from here is enough. */
  async #peerOf(member: Member): Promise<readonly Peer[]> {
    for (const place of placesOf(member)) {
      const [address] = (await this.#addressesOf(place)).addresses;
      if (address !== undefined) return [{ kma: member.name, address }];
    }
    return [];
  }

  async #addressesOf(name: string): Promise<{ addresses: readonly string[]; trouble: string }> {
    try {
      const found = (await this.#tools.resolve(name)).filter((address) => this.#isOfOurFamily(address));
      if (found.length === 0) throw new Error(`${name} has no address of the family of this KMA's own`);
      this.#known.set(name, found);
      return { addresses: found, trouble: '' };
    } catch (error) {
      const before = this.#known.get(name);
      const trouble = before === undefined ? reasonOf(error) : '';
      return { addresses: before ?? [], trouble };
    }
  }

  /** From an address of its own it reaches no other family. */
  #isOfOurFamily(address: string): boolean {
    const { address: own } = this.#tools.place;
    return isWildcard(own) || isIPv6(own) === isIPv6(address);
  }

  #forgetAllBut(names: readonly string[]): void {
    for (const name of this.#known.keys()) if (!names.includes(name)) this.#known.delete(name);
  }
}

/** The management network, where the time is served. */
function placesOf({ managementAddress, addresses }: Member): readonly string[] {
  return managementAddress === '' ? addresses : [managementAddress];
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
