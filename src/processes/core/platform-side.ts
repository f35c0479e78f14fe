/** What the core has to do with the platform process, in one place: the link, the notes that become audit records, the newest audit row. */
import { z } from 'zod';
import type { PlatformNote } from '../../platform/part.ts';
import { isLocalName, LOCAL_ADDRESSES } from '../../platform-settings/dns.ts';
import { readPlatformSettings } from '../../platform-settings/index.ts';
import { auditTailOf } from '../../store/audit-tail.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';
import { kmaStandingOf, type StandingParts } from './kma-standing.ts';
import { isPlatformWanted, platformConfigOf } from './platform-config.ts';
import { PlatformLink } from './platform-link.ts';
import { PlatformNotes } from './platform-notes.ts';

const lookedUp = z.object({ addresses: z.array(z.string().max(64)).max(8) });

export interface PlatformSide {
  readonly link: PlatformLink;
  readonly notes: PlatformNotes;
  /** Of a name, by the DNS servers of this KMA; none where it has none, or they know none. */
  lookUp(name: string): Promise<readonly string[]>;
}

export function platformSideOf(standing: StandingParts, core: () => Core, begin: () => void): PlatformSide {
  const { store, self } = standing;
  const tail = auditTailOf(store);
  const record = (part: string, note: PlatformNote) => {
    core()
      .callLocal('NotePlatformEvent', { part, ...note })
      .catch((error: unknown) => logFailure(error, `note of the platform part ${part}`));
  };
  const link = new PlatformLink({
    config: () => platformConfigOf(store, self),
    newestAuditRow: () => tail.newestRow(),
    standing: () => kmaStandingOf(standing),
    wanted: isPlatformWanted,
    begin,
    failed: (error) => logFailure(error, 'platform config'),
  });
  return {
    link,
    notes: new PlatformNotes({ elapsedMs: () => performance.now(), record }),
    async lookUp(name) {
      if (isLocalName(name)) return LOCAL_ADDRESSES;
      // For nothing no process is started.
      if (readPlatformSettings((row) => store.getLocal(row)).dns.servers.length === 0) return [];
      const { data } = lookedUp.safeParse(await link.ask('names', { name }));
      return data?.addresses ?? [];
    },
  };
}
