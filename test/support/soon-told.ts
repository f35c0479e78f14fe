/** What KMAs tell agents of a member, a little after it has changed. It changes nothing. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterMember, KmaClient } from '@openkma/agent';

/** Ten seconds, where the machine answers at once; a slow one has as many looks. */
const LOOKS = 90;
const LOOK_MS = 100;

export interface Teller {
  readonly host: string;
  /** That asks this KMA alone. */
  readonly client: () => Promise<KmaClient>;
}

/** Each of them tells it of this member in its answers to an agent. */
export async function isSoonTold(
  what: string,
  tellers: readonly Teller[],
  kmaName: string,
  holds: (member: ClusterMember) => boolean,
): Promise<void> {
  for (const { host, client } of tellers) {
    using agent = await client();
    let seen: ClusterMember | undefined;
    for (let look = 1; seen === undefined || !holds(seen); look++) {
      assert.ok(look <= LOOKS, `${what}, as ${host} tells it: ${JSON.stringify(seen)}`);
      await pause(LOOK_MS);
      const { members } = await agent.discover();
      seen = members.find((member) => member.kmaName === kmaName);
    }
  }
}
