/** What happens to each KMA in turn while agents go on: killed, locked, cut off, upgraded. After each of them the KMA is back before it is another's turn. */
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
    async happen(_cluster, member, awayMs) {
      await member.stop();
      await pause(awayMs);
      await member.start();
    },
  },
];

async function unlocked(member: Member): Promise<boolean> {
  await member.ask('UnlockKma', {}, OFFICER, QUORUM);
  return true;
}
