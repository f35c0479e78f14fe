/** Writes rules as policies of firewalld, in a script that puts their files in place; they come before every zone. firewalld lets existing connections and loopback through by itself, and counts nothing. */
import { isAny, type Network, networkText } from './network.ts';
import { preamble } from './preamble.ts';
import type { Chain, Match, Rule, Ruleset } from './rule.ts';

/** Where traffic comes from and goes to, in firewalld's words. */
const ZONES: Readonly<Record<Chain, readonly [string, string]>> = {
  input: ['ANY', 'HOST'],
  output: ['HOST', 'ANY'],
  forward: ['ANY', 'ANY'],
};
/** Before the zones, which have 0. */
const PRIORITY = -100;

export function firewalldText(ruleset: Ruleset): string {
  const lines = [
    '#!/bin/sh',
    ...preamble(ruleset).map((line) => `# ${line}`),
    '# Then: firewall-cmd --check-config && firewall-cmd --reload',
    'set -eu',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: for the shell
    'directory="${FIREWALLD_CONFIGURATION:-/etc/firewalld}/policies"',
    'mkdir -p "$directory"',
    ...ruleset.chains.flatMap((chain) => [
      `cat > "$directory/openkma-${chain}.xml" <<'POLICY'`,
      ...policyLines(chain, ruleset.rules),
      'POLICY',
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function policyLines(chain: Chain, all: readonly Rule[]): readonly string[] {
  const [ingress, egress] = ZONES[chain];
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<policy target="DROP" priority="${PRIORITY}">`,
    `  <short>OpenKMA ${chain}</short>`,
    `  <ingress-zone name="${ingress}"/>`,
    `  <egress-zone name="${egress}"/>`,
    ...all.filter((rule) => rule.chain === chain).flatMap(ruleLines),
    '</policy>',
  ];
}

/** A rule here names one address and one port. */
function ruleLines({ family, sources, destinations, match, action, comment }: Rule): readonly string[] {
  const rules = either('source', sources).flatMap((source) =>
    either('destination', destinations).flatMap((destination) =>
      elementsOf(match).map(
        (element) => `  <rule family="ipv${family}">${source}${destination}${element}<${action}/></rule>`,
      ),
    ),
  );
  return [`  <!-- ${comment} -->`, ...rules];
}

function either(element: 'source' | 'destination', networks: readonly Network[]): readonly string[] {
  if (isAny(networks)) return [''];
  return networks.map((network) => `<${element} address="${networkText(network)}"/>`);
}

/** A rule cannot name the source port as well. */
function elementsOf(match: Match): readonly string[] {
  if (match.kind === 'protocol') return [`<protocol value="${match.protocol}"/>`];
  if (match.kind === 'icmp') return match.types.map((type) => `<icmp-type name="${type}"/>`);
  return match.ports.map((port) => `<port port="${port}" protocol="${match.transport}"/>`);
}
