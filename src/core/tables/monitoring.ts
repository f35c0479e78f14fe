/** The table of the SNMP managers, whom every KMA of the cluster sends its alarms to. It holds no passphrase and no key. */
import type { ObjectId } from '../ids.ts';
import { lww, table } from '../table.ts';
import { named } from './named.ts';

export const MONITORING_TABLES = {
  /** The object (class open, since a locked KMA raises alarms too) holds the keys made of passphrases, or the community (security/snmp-secret.ts). */
  snmp_manager: table(
    {
      ...named,
      address: lww.text(),
      port: lww.integer(),
      enabled: lww.integer(),
      protocol: lww.text<'v3' | 'v2c'>(),
      /** Of v3 only, as the next two. */
      userName: lww.text(),
      authentication: lww.text(),
      privacy: lww.text(),
      secretObjectId: lww.text<ObjectId>(),
      secretSha256: lww.text(),
    },
    { name: { columns: ['name', 'removedStamp'] } },
  ),
} as const;
