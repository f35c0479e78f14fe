/** The control messages without which IPv4 and IPv6 do not work: errors, path MTU, neighbours, routers, group reports. Redirects and whatever else there is are dropped. */
import type { Chain, Rule } from './rule.ts';

const ERRORS_4 = ['destination-unreachable', 'time-exceeded', 'parameter-problem'];
const ERRORS_6 = ['destination-unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem'];
const NEIGHBOURS = ['neighbour-solicitation', 'neighbour-advertisement'];

/** Routers pass none of those about neighbours on. */
const TYPES_6: Readonly<Record<Chain, readonly string[]>> = {
  input: [...ERRORS_6, 'echo-request', ...NEIGHBOURS, 'router-advertisement'],
  output: [...ERRORS_6, 'echo-request', ...NEIGHBOURS, 'router-solicitation'],
  forward: [...ERRORS_6, 'echo-request'],
};

export function icmpRules(chain: Chain): readonly Rule[] {
  const common = { chain, sources: [], destinations: [], action: 'accept' } as const;
  return [
    {
      ...common,
      family: 4,
      match: { kind: 'icmp', types: [...ERRORS_4, 'echo-request'] },
      comment: 'errors, path MTU, ping',
    },
    {
      ...common,
      family: 6,
      match: { kind: 'icmp', types: TYPES_6[chain] },
      comment: chain === 'forward' ? 'errors, path MTU, ping' : 'errors, path MTU, ping, neighbours, routers',
    },
  ];
}
