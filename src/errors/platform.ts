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
  SYSLOG_SERVER_EXISTS: row(
    2150,
    409,
    'A syslog server of this name exists',
    'Choose another name, or change that one with "kma syslog modify".',
  ),
  SYSLOG_SERVER_DOES_NOT_EXIST: row(
    2151,
    404,
    'This KMA has no syslog server of this name',
    'See "kma syslog list"; each KMA has servers of its own.',
  ),
  TOO_MANY_SYSLOG_SERVERS: row(
    2152,
    409,
    'This KMA has as many syslog servers as it may have',
    'Delete one that is not needed, or let one server pass records on to others.',
  ),
  SYSLOG_CERTIFICATE_UNUSABLE: row(
    2153,
    400,
    'A certificate or key for syslog cannot be used',
    'The detail says which and why. Give PEM: the CA of the server, and for mutual TLS a certificate with its own key.',
  ),
} as const satisfies Record<string, ErrorRow>;
