/** What a client of the management port finds by itself: no answer, no trust, no profile. It holds no logic. */
import { type ErrorRow, row } from './row.ts';

export const CLIENT_ERRORS = {
  KMA_UNREACHABLE: row(
    2050,
    503,
    'The KMA gives no answer',
    'Check the address, --port-offset where the KMA has one, that it runs, and that ports 3331 to 3333 are open from here; or name another KMA with --kma.',
  ),
  KMA_NOT_TRUSTED: row(
    2051,
    403,
    'The KMA cannot prove that it belongs to the cluster',
    'It may be an impostor. Compare with publicKeySha256 of "kma root-ca show" at the KMA itself; only where they are equal, give that value with --ca-key.',
  ),
  PROFILE_DOES_NOT_EXIST: row(
    2052,
    404,
    'There is no such profile',
    'See "okm profile list"; "okm profile create NAME --kma ADDRESS" makes one.',
  ),
  PROFILE_INVALID: row(
    2053,
    500,
    'A file of the profile cannot be used',
    'Mend what the detail says, or delete the profile and create it anew.',
  ),
  NOT_LOGGED_IN: row(
    2054,
    401,
    'Nobody is logged in',
    'Run "okm login USER", or name a user for one command with --user.',
  ),
} as const satisfies Record<string, ErrorRow>;
