/** What the core tells the platform process to do, as a whole and again at each change; checked where it arrives. It holds no key of the key manager. */
import { z } from 'zod';
import { PLATFORM_SETTING_SCHEMAS } from '../platform-settings/index.ts';
import { snmpManagerConfig } from './snmp/manager-config.ts';

const addresses = z.array(z.string().min(1).max(255)).max(4);

export const platformConfig = z.strictObject({
  kma: z.strictObject({
    id: z.string().max(64),
    name: z.string().max(256),
    version: z.string().max(64),
    /** As other KMAs are told them: names or literal addresses. */
    addresses,
  }),
  /** The other KMAs of the cluster. */
  members: z
    .array(
      z.strictObject({
        id: z.string().max(64),
        name: z.string().max(256),
        /** "" where it has none. */
        managementAddress: z.string().max(255),
        addresses,
      }),
    )
    .max(256),
  /** There are other KMAs, or were. */
  clustered: z.boolean(),
  /** By how much the time of the KMA is ahead of the machine's. */
  clockOffsetMs: z.number(),
  /** Of the whole cluster. */
  snmpManagers: z.array(snmpManagerConfig).max(64),
  ...PLATFORM_SETTING_SCHEMAS,
});
export type PlatformConfig = z.infer<typeof platformConfig>;
