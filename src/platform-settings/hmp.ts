/** Whether the SNMP agent of this KMA (the Hardware Management Pack) answers, and whom: one user of SNMPv3. It holds keys that are good for this agent alone, and no passphrase. */
import { z } from 'zod';
import { SNMP_AUTHENTICATIONS, SNMP_PRIVACIES } from '../security/snmp-keys.ts';

const key = z.base64().max(512).default('');

export const hmpSetting = z.strictObject({
  enabled: z.boolean().default(false),
  user: z.string().max(32).default(''),
  authentication: z.enum(SNMP_AUTHENTICATIONS).default('SHA-256'),
  privacy: z.enum(SNMP_PRIVACIES).default('AES-128'),
  authenticationKey: key,
  privacyKey: key,
});
export type HmpSetting = z.infer<typeof hmpSetting>;
