/** The address of another KMA as this one looks it up: by the DNS servers that are set for it, read from its store, and by nobody else. It asks no resolver of the system. */

import { OpenKmaError } from '../errors.ts';
import { LookUps } from '../platform/names/look-ups.ts';
import { PlatformRefusal } from '../platform/refusal.ts';
import { readPlatformSettings } from '../platform-settings/index.ts';
import type { Store } from '../store/store.ts';

/** The first of a name's; an address is its own. */
export async function ownLookUp(store: Pick<Store, 'getLocal'>, address: string): Promise<string> {
  const { dns } = readPlatformSettings((name) => store.getLocal(name));
  try {
    const { addresses } = await new LookUps(dns, () => performance.now()).addressesOf(address);
    return addresses[0] ?? address;
  } catch (error) {
    if (error instanceof PlatformRefusal) throw new OpenKmaError(error.code, error.message);
    throw error;
  }
}
