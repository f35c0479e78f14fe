/** Addresses and networks as firewall rules name them: IPv4 or IPv6, with a prefix. It looks no names up. */
import { isIP, SocketAddress } from 'node:net';
import { OpenKmaError } from '../errors.ts';

export interface Network {
  readonly family: 4 | 6;
  /** Without host bits. */
  readonly address: bigint;
  readonly prefix: number;
}

const BITS = { 4: 32, 6: 128 } as const;
const MAPPED = 0xffffn;

/** Refuses, with a code and the reason, what would open more or other than somebody meant. */
export function readNetwork(text: string): Network {
  const [, address = '', prefixText] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || address.includes('%'))
    throw refused(text, 'is neither an IPv4 nor an IPv6 address');
  const bits = BITS[family];
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) throw refused(text, `the prefix is at most ${bits}`);
  const value = numberOf(address, family);
  const network: Network = { family, address: masked(value, family, prefix), prefix };
  if (network.address !== value)
    throw refused(text, `did you mean the address ${address} or the network ${networkText(network)}?`);
  const reason = unusable(network);
  if (reason !== null) throw refused(text, reason);
  return network;
}

/** The shortest form, without the prefix of a single address. */
export function networkText({ family, address, prefix }: Network): string {
  const text = addressText(address, family);
  return prefix === BITS[family] ? text : `${text}/${prefix}`;
}

export function covers(wide: Network, narrow: Network): boolean {
  return (
    wide.family === narrow.family &&
    wide.prefix <= narrow.prefix &&
    masked(narrow.address, narrow.family, wide.prefix) === wide.address
  );
}

/** What a rule need not name: none at all is any, as every address is. */
export function isAny(networks: readonly Network[]): boolean {
  return networks.length === 0 || networks.some(({ prefix }) => prefix === 0);
}

/** In order, each once, and none inside another one: sets of a firewall take no overlaps. */
export function apart(networks: readonly Network[]): readonly Network[] {
  return networks
    .filter((network, index) =>
      networks.every(
        (other, place) =>
          place === index || !covers(other, network) || (covers(network, other) && index < place),
      ),
    )
    .sort((a, b) => a.family - b.family || (a.address < b.address ? -1 : 1));
}

/** Neither a party of a connection, nor what a rule of this family could match. */
function unusable({ family, address, prefix }: Network): string | null {
  if (prefix === 0) return null;
  const top = (bits: number) => address >> BigInt(BITS[family] - bits);
  if (address === 0n) return 'the unspecified address belongs to nobody; any address is /0';
  if (family === 4) return top(4) >= 0xen ? 'a multicast or reserved address calls nobody' : null;
  if (top(8) === 0xffn) return 'a multicast address calls nobody';
  return top(96) === MAPPED ? 'give the IPv4 address itself' : null;
}

function refused(text: string, reason: string): OpenKmaError {
  return new OpenKmaError('FIREWALL_ADDRESS_UNUSABLE', `${text.slice(0, 100)}: ${reason}`);
}

function masked(value: bigint, family: 4 | 6, prefix: number): bigint {
  const host = BigInt(BITS[family] - prefix);
  return (value >> host) << host;
}

function numberOf(address: string, family: 4 | 6): bigint {
  if (family === 4) return address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
  const [head = '', tail] = withoutDots(address).split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** The last 32 bits may be written as an IPv4 address. */
function withoutDots(address: string): string {
  return address.replace(/[^:]*\.[^:]*$/, (dotted) => {
    const value = numberOf(dotted, 4);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
}

function addressText(value: bigint, family: 4 | 6): string {
  const [parts, size, base] = family === 4 ? [4, 8n, 10] : [8, 16n, 16];
  const all = Array.from({ length: parts }, (_, index) =>
    ((value >> (BigInt(parts - 1 - index) * size)) & ((1n << size) - 1n)).toString(base),
  );
  if (family === 4) return all.join('.');
  return new SocketAddress({ address: all.join(':'), family: 'ipv6' }).address;
}
