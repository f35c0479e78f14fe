/** Errors of writing firewall rules. */
import { type ErrorRow, row } from './row.ts';

export const FIREWALL_ERRORS = {
  FIREWALL_ADDRESS_UNUSABLE: row(
    2190,
    400,
    'That is no address or network a firewall rule can name',
    'Give IPv4 or IPv6 addresses, or networks such as 192.0.2.0/24; a firewall looks no names up.',
  ),
  FIREWALL_PARTY_MISSING: row(
    2191,
    400,
    'A firewall needs to know the other side',
    'Give the addresses that the detail names; "kma firewall --help" has an example.',
  ),
} as const satisfies Record<string, ErrorRow>;
