/** Under which addresses agents reach a KMA: IPv6 only in its own place, because agents take a bare IPv6 literal apart wrongly (protocol 13.8). */
import type { Row } from '../../core/tables.ts';

export interface MemberAddresses {
  /** An IPv4 literal or a name, in lower case, as agents compare it (protocol 10); "" if there is neither. */
  readonly ipv4OrName: string;
  /** "" if there is none. */
  readonly ipv6: string;
}

type Known = Pick<Row<'kma'>, 'serviceAddress' | 'serviceAddressIPv6' | 'hostName'>;

/** `reachedAt` is where the caller reached this KMA: the answer where it listens on every address. "" for other KMAs. */
export function addressesOf(kma: Known, reachedAt: string): MemberAddresses {
  const candidates = [kma.serviceAddress, kma.serviceAddressIPv6, reachedAt]
    .map((address) => plain(address ?? ''))
    .filter((address) => address !== '' && !isWildcard(address));
  const first = (wanted: (address: string) => boolean) => candidates.find(wanted);
  const hostName = plain(kma.hostName ?? '');
  return {
    ipv4OrName: first((address) => !isIpv6(address)) ?? (isIpv6(hostName) ? '' : hostName),
    ipv6: first(isIpv6) ?? '',
  };
}

/** Without brackets; an IPv4 address that came in over an IPv6 socket is an IPv4 address. */
function plain(address: string): string {
  return address
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/, '');
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || /^[0:]+$/.test(address.split('/')[0] ?? '');
}
