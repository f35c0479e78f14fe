/** What the core has to do with the platform process, in one place: the link, the notes that become audit records, the newest audit row. */

import type { Self } from '../../operations/operation.ts';
import type { PlatformNote } from '../../platform/part.ts';
import { auditTailOf } from '../../store/audit-tail.ts';
import type { Store } from '../../store/store.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';
import { isPlatformWanted, platformConfigOf } from './platform-config.ts';
import { PlatformLink } from './platform-link.ts';
import { PlatformNotes } from './platform-notes.ts';

export interface PlatformSide {
  readonly link: PlatformLink;
  readonly notes: PlatformNotes;
}

export function platformSideOf(store: Store, self: Self, core: () => Core, begin: () => void): PlatformSide {
  const tail = auditTailOf(store);
  const record = (part: string, note: PlatformNote) => {
    core()
      .callLocal('NotePlatformEvent', { part, ...note })
      .catch((error: unknown) => logFailure(error, `note of the platform part ${part}`));
  };
  return {
    link: new PlatformLink({
      config: () => platformConfigOf(store, self),
      newestAuditRow: () => tail.newestRow(),
      wanted: isPlatformWanted,
      begin,
    }),
    notes: new PlatformNotes({ elapsedMs: () => performance.now(), record }),
  };
}
