/** What the platform process is to do, read from the store: the settings of this KMA, and who is in the cluster. It opens no sealed object. */
import { hasOrHadOthers, otherKmas } from '../../core/members.ts';
import type { Row } from '../../core/tables.ts';
import type { Self } from '../../operations/operation.ts';
import type { PlatformConfig } from '../../platform/config.ts';
import { isAnythingOn, readPlatformSettings } from '../../platform-settings/index.ts';
import { clockOffsetMs } from '../../store/kma-time.ts';
import type { Store } from '../../store/store.ts';
import { VERSION } from '../../version.ts';
import { snmpManagersOf } from './snmp-managers.ts';

/** More than a cluster has; the message has an end. */
const MEMBERS_MAX = 256;

export function platformConfigOf(store: Store, self: Self): PlatformConfig {
  const own = store.state.get('kma', self.kmaId);
  const others = otherKmas(store.state, self.kmaId);
  return {
    kma: { id: self.kmaId, name: self.kmaName, version: VERSION, addresses: addressesOf(own) },
    members: others.slice(0, MEMBERS_MAX).map((kma) => ({
      id: kma.id,
      name: kma.name ?? '',
      managementAddress: kma.managementAddress ?? '',
      addresses: addressesOf(kma),
    })),
    clustered: hasOrHadOthers(store.state, self.kmaId),
    clockOffsetMs: clockOffsetMs(store),
    snmpManagers: snmpManagersOf(store),
    ...readPlatformSettings((name) => store.getLocal(name)),
  };
}

/** Whether anything is set that needs the platform process. */
export function isPlatformWanted(config: PlatformConfig): boolean {
  return config.snmpManagers.length > 0 || isAnythingOn(config);
}

function addressesOf(kma: Row<'kma'> | undefined): string[] {
  const all = [kma?.managementAddress, kma?.serviceAddress, kma?.serviceAddressIPv6, kma?.hostName];
  return [...new Set(all.filter((address) => address != null && address !== ''))] as string[];
}
