/** What a firewall is written for: whose it is, and the addresses of everybody that machine has to do with. It holds no rule. */
import { OpenKmaError } from '../errors.ts';
import type { Party } from '../ports.ts';
import { type Network, readNetwork } from './network.ts';

export const SIDES = ['kma', 'agent', 'manager', 'edge', 'service-processor'] as const;
export type Side = (typeof SIDES)[number];

/** Everybody that traffic of the table of ports goes between. */
export type End = Party | 'service processors';

export interface Place {
  readonly network: Network;
  /** Where it has one of its own; that of the table otherwise. */
  readonly port?: number;
}

export interface FirewallSetting {
  readonly side: Side;
  readonly places: Readonly<Record<End, readonly Place[]>>;
  /** Of the KMA whose firewall it is; any of its addresses where none are given. */
  readonly own: Readonly<Record<'management' | 'service', readonly Network[]>>;
  /** What the KMAs add to every port that they listen on. */
  readonly portOffset: number;
}

const PORT_MAX = 65_535;

/** "192.0.2.1", "192.0.2.0/24:1162", "2001:db8::1" or "[2001:db8::/64]:162". */
export function readPlace(text: string, usualPort: number): Place {
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text);
  const [, address = text, portText] = bracketed ?? /^([^:]*):(\d{1,5})$/.exec(text) ?? [];
  const port = portText === undefined ? usualPort : Number(portText);
  if (port < 1 || port > PORT_MAX)
    throw new OpenKmaError('FIREWALL_ADDRESS_UNUSABLE', `${text.slice(0, 100)}: a port is 1 to ${PORT_MAX}`);
  return { network: readNetwork(address), port };
}
