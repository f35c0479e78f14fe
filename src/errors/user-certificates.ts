/** What saved certificates of users are refused with. It holds no logic. */
import { type ErrorRow, row } from './row.ts';

export const USER_CERTIFICATE_ERRORS = {
  CERTIFICATE_REQUEST_INVALID: row(
    2090,
    400,
    'The certificate request cannot be taken',
    'Make a PKCS#10 request of a new key whose common name is your user ID; "okm certificate save" does.',
  ),
  CERTIFICATE_KEY_TAKEN: row(
    2091,
    409,
    'The key is in use already',
    'Make a new key for each certificate; a key has one certificate for ever, and none while it is that of a log-in.',
  ),
  TOO_MANY_CERTIFICATES: row(
    2092,
    409,
    'The user has too many certificates',
    'Revoke those that nobody needs: "kma certificate list", "kma certificate revoke".',
  ),
  LOG_IN_NEEDED: row(
    2093,
    403,
    'A saved certificate is not enough for this',
    'Log in with your passphrase: "okm login".',
  ),
  CERTIFICATE_DOES_NOT_EXIST: row(
    2094,
    404,
    'Certificate does not exist',
    'See "kma certificate list --ended" for those there are.',
  ),
} as const satisfies Record<string, ErrorRow>;
