/** What callers of the management port are refused with for the sake of the port: sessions and conditions of requests. No logic. */
import { type ErrorRow, row } from './row.ts';

export const MANAGEMENT_ERRORS = {
  SESSION_UNKNOWN: row(
    2030,
    401,
    'Nobody is logged in with this key',
    'Log in: "okm login". A log-in ends after a time, and when its user is disabled or gets a new passphrase.',
  ),
  PRECONDITION_FAILED: row(
    2031,
    412,
    'It was changed meanwhile',
    'Read it anew, and decide by what it is now.',
  ),
  PRECONDITION_REQUIRED: row(
    2032,
    428,
    'The request does not say which version it changes',
    'Send the ETag of what was read as If-Match, or "*" to change whatever there is.',
  ),
  IDEMPOTENCY_KEY_REUSED: row(
    2033,
    409,
    'The idempotency key belongs to another request',
    'Use a new key for each new request.',
  ),
} as const satisfies Record<string, ErrorRow>;
