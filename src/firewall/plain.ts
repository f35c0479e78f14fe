/** Writes rules for programs and for people who type them into a firewall of another make. It is no file that a firewall reads. */
import { networkText } from './network.ts';
import type { Match, Rule, Ruleset } from './rule.ts';

/** A row of a rule, everything as text or numbers. */
export function plainRules({ rules }: Ruleset) {
  return rules.map((rule) => ({
    chain: rule.chain,
    family: `IPv${rule.family}`,
    from: ends(rule.sources),
    to: ends(rule.destinations),
    ...plainMatch(rule.match),
    action: rule.action,
    comment: rule.comment,
  }));
}

function ends(networks: Rule['sources']): readonly string[] {
  return networks.length === 0 ? ['any'] : networks.map(networkText);
}

function plainMatch(match: Match) {
  if (match.kind === 'protocol') return { protocol: String(match.protocol), ports: [], sourcePort: null };
  if (match.kind === 'icmp') return { protocol: 'icmp', ports: [...match.types], sourcePort: null };
  const { transport, ports, sourcePort = null } = match;
  return { protocol: transport, ports: ports.map(String), sourcePort };
}
