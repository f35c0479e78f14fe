/** How much memory the processes of a cluster have, looked at again and again, so that growth shows. */
import type { Cluster } from './cluster.ts';
import { residentMb } from './member.ts';

const WINDOWS = 3;
/** More than garbage that nobody has collected yet. */
const SLACK_MB = 80;
const FACTOR = 1.5;

export interface Growth {
  readonly role: string;
  /** Greatest in the first and the last third of the run. */
  readonly firstMb: number;
  readonly lastMb: number;
  readonly unbounded: boolean;
}

export class MemoryUse {
  readonly #seen = new Map<string, number[]>();

  look({ members }: Cluster): void {
    for (const member of members)
      for (const [role, pid] of member.processes()) {
        const seen = this.#seen.get(role) ?? [];
        this.#seen.set(role, [...seen, residentMb(pid)]);
      }
  }

  growth(): Growth[] {
    return [...this.#seen].map(([role, seen]) => {
      const third = Math.ceil(seen.length / WINDOWS);
      const [firstMb, lastMb] = [Math.max(...seen.slice(0, third)), Math.max(...seen.slice(-third))];
      return { role, firstMb, lastMb, unbounded: lastMb > firstMb * FACTOR + SLACK_MB };
    });
  }
}
