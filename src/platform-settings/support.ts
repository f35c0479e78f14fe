/** Whether technical support is enabled at this KMA, for whom and until when; a password's hash, and never the password. It opens nothing. */
import { z } from 'zod';
import { isSshPublicKey, RSA_BITS_MIN } from './ssh-public-key.ts';

/** There is one account, and no machine has it: it is in the private file system of the support sshd alone. */
export const SUPPORT_ACCOUNT = 'okmsupport';
export const SUPPORT_KEYS_MAX = 10;
export const SUPPORT_DAYS = { default: 7, max: 60 } as const;

export const authorizedKey = z
  .string()
  .max(1600)
  .refine(
    isSshPublicKey,
    `an OpenSSH public key (its type, base64, one word at most), of RSA with ${RSA_BITS_MIN} bits or more`,
  );

export const supportSetting = z.strictObject({
  enabled: z.boolean().default(false),
  /** As crypt(5) has it; null where only keys log in. */
  passwordHash: z
    .string()
    .regex(/^\$7\$[./A-Za-z0-9]{11,97}\$[./A-Za-z0-9]{43}$/)
    .nullable()
    .default(null),
  authorizedKeys: z.array(authorizedKey).max(SUPPORT_KEYS_MAX).default([]),
  enabledAtMs: z.number().default(0),
  /** Nobody logs in from then on. */
  expiresAtMs: z.number().default(0),
  /** The account is root's, with a real shell. */
  primaryAdministrator: z.boolean().default(false),
  /** The host keys that were made under this name; "" before the first. */
  hostKeys: z
    .string()
    .regex(/^([0-9A-F]{16})?$/)
    .default(''),
});
export type SupportSetting = z.infer<typeof supportSetting>;
