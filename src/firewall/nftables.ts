/** Writes rules for "nft -f": one table of its own, which loading it again replaces and which leaves other tables alone. */
import { isAny, type Network, networkText } from './network.ts';
import { preamble } from './preamble.ts';
import type { Chain, Match, Rule, Ruleset } from './rule.ts';

const TABLE = 'inet openkma';

/** As nft has them where its name is not that of iptables. */
const ICMP: Readonly<Record<string, string>> = {
  'neighbour-solicitation': 'nd-neighbor-solicit',
  'neighbour-advertisement': 'nd-neighbor-advert',
  'router-solicitation': 'nd-router-solicit',
  'router-advertisement': 'nd-router-advert',
};

export function nftablesText(ruleset: Ruleset): string {
  const lines = [
    '#!/usr/sbin/nft -f',
    ...preamble(ruleset).map((line) => `# ${line}`),
    '# Counters: nft list table inet openkma',
    '',
    `table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    ...ruleset.chains.flatMap((chain) => chainLines(chain, ruleset.rules)),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function chainLines(chain: Chain, all: readonly Rule[]): readonly string[] {
  const rules = all.filter((rule) => rule.chain === chain);
  const texts = (action: Rule['action']) => rules.filter((rule) => rule.action === action).map(ruleText);
  return [
    `  chain ${chain} {`,
    `    type filter hook ${chain} priority filter; policy drop;`,
    ...[...texts('drop'), ...frame(chain), ...texts('accept'), 'counter drop comment "all else"'].map(
      (line) => `    ${line}`,
    ),
    '  }',
  ];
}

function frame(chain: Chain): readonly string[] {
  const loopback = { input: ['iifname "lo"'], output: ['oifname "lo"'], forward: [] }[chain];
  return [
    ...loopback.map((match) => `${match} counter accept comment "this machine itself"`),
    'ct state established,related counter accept comment "connections that exist"',
    'ct state invalid counter drop comment "of no connection"',
  ];
}

function ruleText({ family, sources, destinations, match, action, comment }: Rule): string {
  const addresses = [
    ...addressMatch('saddr', family, sources),
    ...addressMatch('daddr', family, destinations),
  ];
  const state = action === 'accept' && match.kind === 'ports' ? ['ct state new'] : [];
  return [
    ...(addresses.length > 0 ? addresses : [`meta nfproto ipv${family}`]),
    matchText(match, family),
    ...state,
    `counter ${action} comment "${comment}"`,
  ].join(' ');
}

function addressMatch(side: 'saddr' | 'daddr', family: 4 | 6, networks: readonly Network[]): string[] {
  if (isAny(networks)) return [];
  return [`${family === 4 ? 'ip' : 'ip6'} ${side} ${set(networks.map(networkText))}`];
}

function matchText(match: Match, family: 4 | 6): string {
  if (match.kind === 'protocol') return `meta l4proto ${match.protocol}`;
  if (match.kind === 'icmp')
    return `${family === 4 ? 'icmp' : 'icmpv6'} type ${set(match.types.map((type) => ICMP[type] ?? type))}`;
  const { transport, ports, sourcePort } = match;
  const source = sourcePort === undefined ? '' : `${transport} sport ${sourcePort} `;
  return `${source}${transport} dport ${set(ports.map(String))}`;
}

function set(items: readonly string[]): string {
  return items.length === 1 ? (items[0] ?? '') : `{ ${items.join(', ')} }`;
}
