/** The rules of a firewall as data, which every format writes in its own words; all other traffic is dropped. It writes none. */
import type { Network } from './network.ts';
import type { Side } from './setting.ts';

export type Chain = 'input' | 'output' | 'forward';

export interface PortMatch {
  readonly kind: 'ports';
  readonly transport: 'tcp' | 'udp';
  readonly ports: readonly number[];
  readonly sourcePort?: number;
}
export type Match =
  | PortMatch
  /** Of messages of the Internet Control Message Protocol, as iptables names them. */
  | { readonly kind: 'icmp'; readonly types: readonly string[] }
  | { readonly kind: 'protocol'; readonly protocol: number };

export interface Rule {
  readonly chain: Chain;
  readonly family: 4 | 6;
  /** Any where none are named. */
  readonly sources: readonly Network[];
  readonly destinations: readonly Network[];
  readonly match: Match;
  readonly action: 'accept' | 'drop';
  readonly comment: string;
}

export interface Ruleset {
  readonly side: Side;
  /** Each drops what no rule accepts. */
  readonly chains: readonly Chain[];
  /** Drops come first, and hold before connections that exist. */
  readonly rules: readonly Rule[];
  /** Ports of the table that stay closed, and what would open them. */
  readonly closed: readonly string[];
}
