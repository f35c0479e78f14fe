/** How this KMA and its members fare, in few figures for the SNMP agent. It asks nobody. */
import { otherKmas } from '../../core/members.ts';
import { readSetting } from '../../core/settings.ts';
import { shownName } from '../../operations/entities.ts';
import { type MemberStanding, standingsOf } from '../../operations/member-standing.ts';
import type { Self } from '../../operations/operation.ts';
import type { KmaStanding } from '../../platform/hmp/kma-health.ts';
import type { Store } from '../../store/store.ts';

const MEMBERS_MAX = 256;
/** Of what SNMP counts. */
const LAG_MAX = 2 ** 31 - 1;

export interface StandingParts {
  readonly store: Store;
  readonly self: Self;
  readonly memory: { readonly unlocked: boolean };
  readonly health: { report(): { readonly errorState: string } };
  readonly members: { report(): readonly MemberStanding[] };
  readonly pool: () => { readonly readyPercent: number };
}

export function kmaStandingOf({ store, self, memory, health, members, pool }: StandingParts): KmaStanding {
  const standings = standingsOf({ members: () => members.report() });
  const others = otherKmas(store.state, self.kmaId);
  return {
    locked: !memory.unlocked,
    errorState: health.report().errorState.slice(0, 1024),
    poolReadyPercent: pool().readyPercent,
    poolSize: readSetting(store.state, 'keyPoolSize'),
    members: others.slice(0, MEMBERS_MAX).map((kma) => {
      const standing = standings.get(kma.id);
      return {
        name: shownName(store.state, 'kma', kma),
        responding: standing?.responding ?? false,
        lagEntries: Math.min(LAG_MAX, standing?.lagEntries() ?? 0),
      };
    }),
  };
}
