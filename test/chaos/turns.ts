/** What happens to each KMA in turn while agents go on: killed, locked, cut off, upgraded to the next release. After each of them the KMA is back before it is another's turn. */
import { setTimeout as pause } from 'node:timers/promises';
import { OFFICER, QUORUM } from '../support/kma.ts';
import { until } from '../support/until.ts';
import type { Cluster } from './cluster.ts';
import { LONG_MS, type Member } from './member.ts';

export interface Turn {
  readonly name: string;
  /** Somebody wants it so, and the KMA can prepare for it. */
  readonly planned: boolean;
  happen(cluster: Cluster, member: Member, awayMs: number): Promise<void>;
}

export const TURNS: readonly Turn[] = [
  {
    name: 'killed',
    planned: false,
    async happen(_cluster, member, awayMs) {
      await member.killAll(true);
      await pause(awayMs);
      await member.start();
    },
  },
  {
    name: 'locked',
    planned: true,
    async happen(_cluster, member, awayMs) {
      await member.ask('LockKma', {}, OFFICER);
      await pause(awayMs);
      await until('it is unlocked', () => unlocked(member), LONG_MS);
    },
  },
  {
    name: 'cut off',
    planned: false,
    async happen(cluster, member, awayMs) {
      const { network } = cluster;
      network.isolate(member.host);
      await pause(awayMs);
      network.heal();
      await cluster.caughtUp();
    },
  },
  {
    name: 'upgraded',
    planned: true,
    async happen(cluster, member, awayMs) {
      await member.stop();
      await pause(awayMs);
      member.release = cluster.releases.after(member.release);
      await member.start();
      await until('all know what it reads now', () => readsNow(cluster, member), LONG_MS);
    },
  },
];

async function readsNow({ members }: Cluster, member: Member): Promise<boolean> {
  const { replicationVersion } = member.release;
  for (const one of members) {
    const kmas = await one.rows<{ kma: string; replicationVersion: number }>('ListKmas', OFFICER);
    if (!kmas.some((row) => row.kma === member.plan.name && row.replicationVersion === replicationVersion))
      return false;
  }
  return true;
}

async function unlocked(member: Member): Promise<boolean> {
  await member.ask('UnlockKma', {}, OFFICER, QUORUM);
  return true;
}
