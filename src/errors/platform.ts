/** Errors of what surrounds the key service of one KMA: names, time, support access, monitoring. */
import { type ErrorRow, row } from './row.ts';

export const PLATFORM_ERRORS = {
  PLATFORM_NOT_THERE: row(
    2140,
    503,
    'The platform process of this KMA does not answer',
    'It is started again by itself; try again in some seconds. Where it stays, see "kma system messages".',
  ),
  DNS_NOT_CONFIGURED: row(
    2141,
    409,
    'This KMA has no DNS server, so it looks up no name',
    'Give the address instead of the name, or set DNS servers with "kma dns set".',
  ),
  NAME_DOES_NOT_EXIST: row(
    2142,
    404,
    'The DNS servers know no address of this name',
    'Check the name, and the domain that "kma dns show" names; a name without a dot is looked up in it.',
  ),
  DNS_NO_ANSWER: row(
    2143,
    503,
    'No DNS server answered in a way that could be used',
    'Check that the servers of "kma dns show" can be reached on port 53, UDP and TCP, and do answer.',
  ),
} as const satisfies Record<string, ErrorRow>;
