/** Whose backup it is, by what stands in its store, so that the audit of that KMA is known to be whole. It judges nothing. */
import { kmaOfIncarnation } from '../../core/life.ts';
import { byName } from '../../core/live.ts';
import type { Store } from '../../store/store.ts';

/** The KMA whose life wrote the newest record there: of the name that the backup key file gives there may be another one, or none any more. */
export function makerOf(store: Store, kmaName: string): string | null {
  const life = store.audit.newestWriter();
  const kmaId = life === undefined ? null : kmaOfIncarnation(store.state, life);
  return kmaId ?? byName(store.state, 'kma', kmaName)?.id ?? null;
}
