/** Writes rules for iptables-restore and ip6tables-restore, as one script that gives each its own; it replaces the built-in chains it names and no other. */
import { isAny, type Network, networkText } from './network.ts';
import { preamble } from './preamble.ts';
import type { Chain, Rule, Ruleset } from './rule.ts';

/** Ports that one rule can name. */
const MULTIPORT_MAX = 15;

export function iptablesText(ruleset: Ruleset): string {
  const lines = [
    '#!/bin/sh',
    ...preamble(ruleset).map((line) => `# ${line}`),
    '# Counters: iptables -L -v -n; ip6tables -L -v -n. Options go to both: --test loads nothing.',
    'set -eu',
    ...restored('iptables-restore', 4, ruleset),
    ...restored('ip6tables-restore', 6, ruleset),
  ];
  return `${lines.join('\n')}\n`;
}

function restored(program: string, family: 4 | 6, { chains, rules }: Ruleset): readonly string[] {
  const own = rules.filter((rule) => rule.family === family);
  return [
    `${program} --noflush "$@" <<'RULES'`,
    '*filter',
    ...chains.map((chain) => `:${name(chain)} DROP [0:0]`),
    ...chains.map((chain) => `-F ${name(chain)}`),
    ...chains.flatMap((chain) => chainLines(chain, own)),
    'COMMIT',
    'RULES',
  ];
}

function chainLines(chain: Chain, all: readonly Rule[]): readonly string[] {
  const rules = all.filter((rule) => rule.chain === chain);
  const texts = (action: Rule['action']) => rules.filter((rule) => rule.action === action).flatMap(ruleTexts);
  return [...texts('drop'), ...frame(chain), ...texts('accept')].map((line) => `-A ${name(chain)} ${line}`);
}

function frame(chain: Chain): readonly string[] {
  const loopback = { input: ['-i lo'], output: ['-o lo'], forward: [] }[chain];
  return [
    ...loopback.map((match) => `${match} ${ending('this machine itself', 'accept')}`),
    `-m conntrack --ctstate ESTABLISHED,RELATED ${ending('connections that exist', 'accept')}`,
    `-m conntrack --ctstate INVALID ${ending('of no connection', 'drop')}`,
  ];
}

function ruleTexts({ family, sources, destinations, match, action, comment }: Rule): readonly string[] {
  const ends = [addressMatch('-s', sources), addressMatch('-d', destinations)];
  const texts = (...parts: readonly string[]) =>
    [...ends, ...parts, ending(comment, action)].filter((part) => part !== '').join(' ');
  if (match.kind === 'protocol') return [texts(`-p ${match.protocol}`)];
  if (match.kind === 'icmp')
    return match.types.map((type) =>
      texts(family === 4 ? `-p icmp --icmp-type ${type}` : `-p ipv6-icmp --icmpv6-type ${type}`),
    );
  const { transport, ports, sourcePort } = match;
  const source = sourcePort === undefined ? '' : `--sport ${sourcePort}`;
  const state = action === 'accept' ? '-m conntrack --ctstate NEW' : '';
  return portsTexts(ports).map((target) => texts(`-p ${transport}`, source, target, state));
}

function portsTexts(ports: readonly number[]): readonly string[] {
  if (ports.length === 1) return [`--dport ${ports[0]}`];
  const rules = Array.from({ length: Math.ceil(ports.length / MULTIPORT_MAX) }, (_, index) =>
    ports.slice(index * MULTIPORT_MAX, (index + 1) * MULTIPORT_MAX),
  );
  return rules.map((some) => `-m multiport --dports ${some.join(',')}`);
}

/** Of one option, an own rule for each address is made as it is loaded. */
function addressMatch(option: '-s' | '-d', networks: readonly Network[]): string {
  if (isAny(networks)) return '';
  return `${option} ${networks.map(networkText).join(',')}`;
}

function ending(comment: string, action: Rule['action']): string {
  return `-m comment --comment "${comment}" -j ${action.toUpperCase()}`;
}

function name(chain: Chain): string {
  return chain.toUpperCase();
}
