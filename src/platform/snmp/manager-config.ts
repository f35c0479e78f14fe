/** What the platform process is told of one SNMP manager: where it is and what its INFORMs are protected with. Keys, never a passphrase. */
import { z } from 'zod';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { SNMP_AUTHENTICATIONS, SNMP_PRIVACIES } from '../../security/snmp-keys.ts';
import type { InformSecurity } from './informs.ts';

const keyBytes = z.base64().min(4).max(1024);

export const snmpManagerConfig = z.strictObject({
  /** Random: one of the same name that was made later is another one. */
  id: z.string().regex(/^[0-9A-F]{32}$/),
  name: z.string().max(256),
  /** A name or a literal. */
  address: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535),
  /** Null while what protects its alarms is still on its way from another KMA. */
  security: z
    .discriminatedUnion('protocol', [
      z.strictObject({
        protocol: z.literal('v3'),
        user: z.string().min(1).max(32),
        authentication: z.enum(SNMP_AUTHENTICATIONS),
        privacy: z.enum(SNMP_PRIVACIES),
        authenticationKey: keyBytes,
        privacyKey: keyBytes,
      }),
      z.strictObject({ protocol: z.literal('v2c'), community: keyBytes }),
    ])
    .nullable(),
});
export type SnmpManagerConfig = z.infer<typeof snmpManagerConfig>;
/** One that can be sent to. */
export type ServedManager = SnmpManagerConfig & {
  readonly security: NonNullable<SnmpManagerConfig['security']>;
};

export function isServed(config: SnmpManagerConfig): config is ServedManager {
  return config.security !== null;
}

export function informSecurity({ security }: ServedManager): InformSecurity {
  const secret = (text: string) => new SecretBytes(Buffer.from(text, 'base64'));
  if (security.protocol === 'v2c') return { protocol: 'v2c', community: secret(security.community) };
  const { authenticationKey, privacyKey, ...user } = security;
  return { ...user, authenticationKey: secret(authenticationKey), privacyKey: secret(privacyKey) };
}
