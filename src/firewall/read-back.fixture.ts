/** Reads what the formats write back into single statements "chain, family, from, to, what, action", for tests that compare them. It knows the three texts and no others. */
import { networkText } from './network.ts';
import type { Match, Ruleset } from './rule.ts';

/** What firewalld cannot say is left out of all: the source port. */
function statements(
  chain: string,
  family: string,
  [from, to]: readonly [readonly string[], readonly string[]],
  what: readonly string[],
  action: string,
): readonly string[] {
  const all = (ends: readonly string[]) => (ends.length === 0 ? ['any'] : ends);
  return all(from).flatMap((source) =>
    all(to).flatMap((target) =>
      what.map((one) => `${chain} ${family} ${source} > ${target} ${one} ${action}`),
    ),
  );
}

export function ofRuleset({ rules }: Ruleset): ReadonlySet<string> {
  return new Set(
    rules.flatMap(({ chain, family, sources, destinations, match, action }) => {
      const named = (networks: typeof sources) =>
        networks.some(({ prefix }) => prefix === 0) ? [] : networks.map(networkText);
      return statements(chain, String(family), [named(sources), named(destinations)], whatOf(match), action);
    }),
  );
}

function whatOf(match: Match): readonly string[] {
  if (match.kind === 'protocol') return [`protocol ${match.protocol}`];
  if (match.kind === 'icmp') return match.types.map((type) => `icmp ${type}`);
  return match.ports.map((port) => `${match.transport} ${port}`);
}

const itemsOf = (set: string | undefined) => set?.replace(/[{} ]/g, '').split(',') ?? [];

const NFT_ICMP: Readonly<Record<string, string>> = {
  'nd-neighbor-solicit': 'neighbour-solicitation',
  'nd-neighbor-advert': 'neighbour-advertisement',
  'nd-router-solicit': 'router-solicitation',
  'nd-router-advert': 'router-advertisement',
};

export function ofNftables(text: string): ReadonlySet<string> {
  const found: string[] = [];
  let chain = '';
  const set = '(\\{[^}]*\\}|\\S+)';
  for (const line of text.split('\n').map((one) => one.trim())) {
    chain = /^chain (\w+) \{$/.exec(line)?.[1] ?? chain;
    const action = / counter (accept|drop) comment "[^"]+"$/.exec(line)?.[1];
    const match = new RegExp(`(icmp|icmpv6|tcp|udp) (?:type|dport) ${set}|meta l4proto (\\d+)`).exec(line);
    if (action === undefined || match === null) continue;
    const family = /\bip6 |ipv6|icmpv6/.test(line) ? '6' : '4';
    const from = new RegExp(`saddr ${set}`).exec(line)?.[1];
    const to = new RegExp(`daddr ${set}`).exec(line)?.[1];
    const [, kind = '', items, protocol] = match;
    const name = kind.startsWith('icmp') ? 'icmp' : kind;
    const what =
      protocol === undefined
        ? itemsOf(items).map((item) => `${name} ${NFT_ICMP[item] ?? item}`)
        : [`protocol ${protocol}`];
    found.push(...statements(chain, family, [itemsOf(from), itemsOf(to)], what, action));
  }
  return new Set(found);
}

export function ofIptables(text: string): ReadonlySet<string> {
  const found: string[] = [];
  let family = '4';
  for (const line of text.split('\n')) {
    if (line.startsWith('ip6tables-restore')) family = '6';
    const [, chain = '', rest = '', action = ''] = /^-A (\w+) (.*) -j (\w+)$/.exec(line) ?? [];
    const option = (name: string) => new RegExp(`(?:^| )${name} (\\S+)`).exec(rest)?.[1];
    const protocol = option('-p');
    if (protocol === undefined) continue;
    const icmp = option('--icmp-type') ?? option('--icmpv6-type');
    const ports = option('--dports') ?? option('--dport');
    const what =
      icmp !== undefined
        ? [`icmp ${icmp}`]
        : ports === undefined
          ? [`protocol ${protocol}`]
          : itemsOf(ports).map((port) => `${protocol} ${port}`);
    const ends = [itemsOf(option('-s')), itemsOf(option('-d'))] as const;
    found.push(...statements(chain.toLowerCase(), family, ends, what, action.toLowerCase()));
  }
  return new Set(found);
}

export function ofFirewalld(text: string): ReadonlySet<string> {
  const found: string[] = [];
  let chain = '';
  for (const line of text.split('\n')) {
    chain = /openkma-(\w+)\.xml/.exec(line)?.[1] ?? chain;
    const rule = /^ {2}<rule family="ipv([46])">(.*)<(accept|drop)\/><\/rule>$/.exec(line);
    if (rule === null) continue;
    const [, family = '', inner = '', action = ''] = rule;
    const value = (pattern: string) => new RegExp(pattern).exec(inner)?.slice(1) ?? null;
    const [port, transport] = value('<port port="(\\d+)" protocol="(\\w+)"/>') ?? [];
    const what =
      port === undefined
        ? (value('<icmp-type name="([^"]+)"/>')?.map((type) => `icmp ${type}`) ??
          value('<protocol value="(\\d+)"/>')?.map((number) => `protocol ${number}`) ??
          [])
        : [`${transport} ${port}`];
    const ends = [
      value('<source address="([^"]+)"/>') ?? [],
      value('<destination address="([^"]+)"/>') ?? [],
    ] as const;
    found.push(...statements(chain, family, ends, what, action));
  }
  return new Set(found);
}
