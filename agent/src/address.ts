/** Addresses of KMAs as people and discovery write them (protocol 1.3); it resolves no names. */
import { isIPv4, isIPv6 } from 'node:net';
import { type ClusterMember, NETWORK_ADDRESS_BYTES } from '@openkma/protocol';
import { AgentError } from './errors.ts';

const NAME = /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?$/;

/** An address in the one form kept here: lower case, an IPv6 literal in brackets; null when it is none. */
export function normalAddress(text: string): string | null {
  const lower = text.trim().toLowerCase();
  if (lower.length === 0 || lower.length > NETWORK_ADDRESS_BYTES) return null;
  const bare = withoutBrackets(lower);
  if (isIPv6(bare)) return `[${bare}]`;
  return bare === lower && (isIPv4(lower) || NAME.test(lower)) ? lower : null;
}

/** As `normalAddress`, for what a person typed. */
export function requireAddress(text: string): string {
  const address = normalAddress(text);
  if (address === null)
    throw new AgentError(
      'usage',
      `"${text}" is not an address: give a name, an IPv4 address, or an IPv6 address in brackets`,
    );
  return address;
}

export function isIpv6Address(address: string): boolean {
  return address.startsWith('[');
}

/** The form that sockets take: an IPv6 literal without its brackets. */
export function socketHost(address: string): string {
  return withoutBrackets(address);
}

/** Where to reach a member: by IPv6 only when the start address is IPv6, too. Null when it gives no usable address. */
export function memberAddress(member: ClusterMember, preferIpv6: boolean): string | null {
  const ipv6 = member.kmaNetworkAddressIpv6 ?? '';
  if (preferIpv6 && ipv6.includes(':')) return normalAddress(ipv6.replace(/\/.*$/, ''));
  return normalAddress(member.kmaNetworkAddress);
}

function withoutBrackets(address: string): string {
  return address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address;
}
