/** The table of the certificates that users saved for scripts and for monitoring. It holds no private key. */
import type { UserId } from '../ids.ts';
import { on, table } from '../table.ts';

/** `full`: all that the user may do. `monitoring`: to read the metrics, and nothing else. */
export type CertificatePurpose = 'full' | 'monitoring';

export const USER_CERTIFICATE_TABLES = {
  /** id = SHA-256 of the key, by which a manager is known; so a key has one certificate for ever. */
  user_certificate: table(
    {
      userId: on('created').text<UserId>(),
      purpose: on('created').text<CertificatePurpose>(),
      description: on('created').text(),
      serial: on('created').text(),
      createdAt: on('created').integer(),
      notAfter: on('created').integer(),
      revokedAt: on('revoked').integer(),
      revokedBy: on('revoked').text<UserId>(),
    },
    { user: { columns: ['userId', 'revokedStamp'] } },
  ),
} as const;
