/** What the management port refuses before or around an operation: sessions, paths, bodies, connections. It holds no logic. */
import { type ErrorRow, row } from './row.ts';

export const MANAGEMENT_PORT_ERRORS = {
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
  ANSWER_TOO_LONG: row(
    2039,
    500,
    'The answer is too long',
    'Ask for fewer rows at once; what was to be changed is changed.',
  ),
  ROUTE_UNKNOWN: row(2040, 404, 'There is nothing at this path', 'GET /v1/openapi.json lists what there is.'),
  METHOD_NOT_ALLOWED: row(
    2041,
    405,
    'The path knows other methods only',
    'The header Allow names them; GET /v1/openapi.json describes them.',
  ),
  CONTENT_TYPE: row(
    2042,
    415,
    'The body is not plain JSON',
    'Send it as application/json, without a content encoding.',
  ),
  REQUEST_TOO_LONG: row(2043, 413, 'The request is too long', 'A body has at most 256 KiB.'),
  TOO_MANY_CONNECTIONS: row(
    2044,
    503,
    'All connections for managers are taken',
    'A KMA serves ten at a time; one without a request for a minute is closed. Try again shortly, or at another KMA.',
  ),
  TOO_MANY_OWN_CONNECTIONS: row(
    2046,
    429,
    'The user has all the connections that one may have',
    'One user has four at a time, of the ten for all; one without a request for a minute is closed. Close one, or try again shortly.',
  ),
  FROM_A_BROWSER: row(
    2045,
    403,
    'Pages in a browser may not call this port',
    'Use a program that sends no Origin header.',
  ),
  NOT_OWN_NAME: row(
    2047,
    421,
    'This KMA does not go by that name',
    'Open its page by an address of the KMA, or by a name of the certificate of port 443.',
  ),
  FOREIGN_PAGE: row(2048, 403, "The request comes from another site's page", "Act from this KMA's own page."),
  FILTER_INVALID: row(
    2055,
    400,
    'A filter is not understood',
    'Write NAME OPERATOR VALUE, such as "enabled=true"; the detail names what fits. --help lists the columns.',
  ),
  SORT_INVALID: row(2056, 400, 'There is no such column to sort by', 'Name a column; -COLUMN is descending.'),
  CURSOR_INVALID: row(
    2057,
    400,
    'The cursor is not one of this list',
    'Begin the list anew: a cursor goes on with the same filters and order only.',
  ),
} as const satisfies Record<string, ErrorRow>;
