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
  WEB_CERTIFICATE_UNUSABLE: row(
    2195,
    400,
    'The certificate for the web Manager cannot be used',
    'The detail says why. Ask for one with "kma web-certificate request", or load one in PEM with its own key.',
  ),
  NTP_SERVER_UNREACHABLE: row(
    2170,
    409,
    'The NTP server gave no time that could be used',
    'Check its address, UDP 123 on the way to it, and that it is synchronised itself.',
  ),
  NTP_OFFSET_TOO_GREAT: row(
    2171,
    409,
    'The NTP server and this KMA are more than five minutes apart',
    'See which of both is wrong. Set the clock of the machine, or move the time with "kma time adjust", and try again.',
  ),
  TIME_FOLLOWS_SERVER: row(
    2172,
    409,
    'An NTP server is set, so the time is not moved by hand',
    'Where the server is wrong set another one, or none with "kma time set-server none".',
  ),
  SUPPORT_NEEDS_ROOT: row(
    2185,
    409,
    'Technical support needs a KMA that runs as root and may make namespaces',
    'Start the KMA as root (sshd changes users and takes port 22), in a container with CAP_SYS_ADMIN; the detail says what was missing.',
  ),
  SUPPORT_NOT_INSTALLED: row(
    2186,
    409,
    'OpenSSH is not installed on this machine',
    'Install it (Debian: "apt install openssh-server", 9.2 or newer) and switch its own service off where it takes the port: "systemctl disable --now ssh".',
  ),
  SUPPORT_PASSWORD_WEAK: row(
    2187,
    400,
    'The password of the support account does not keep the rules',
    'The detail names the rule: 15 characters or more of all four kinds, no names, no runs, nothing that is tried first.',
  ),
  SUPPORT_NOT_ENABLED: row(
    2188,
    409,
    'Technical support is not enabled, or has expired',
    'Enable it first: "kma support enable".',
  ),
} as const satisfies Record<string, ErrorRow>;
