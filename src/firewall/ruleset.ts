/** Makes the rules of one side's firewall from the flows that concern it. It writes them in no format. */
import { OpenKmaError } from '../errors.ts';
import { CONDITIONS, PORT_TABLE } from '../ports.ts';
import { type Flow, flowsOf, networksOf, staysClosed } from './flows.ts';
import { icmpRules } from './icmp-rules.ts';
import { apart, type Network } from './network.ts';
import type { Chain, PortMatch, Rule, Ruleset } from './rule.ts';
import type { End, FirewallSetting, Side } from './setting.ts';

/** Whose traffic it is; a machine of a manager may be one of support and of monitoring too, where these are named. */
const ENDS: Readonly<Record<Exclude<Side, 'edge'>, readonly [End, ...End[]]>> = {
  kma: ['KMAs'],
  agent: ['agents'],
  manager: ['managers', 'support engineers', 'monitoring stations'],
  'service-processor': ['service processors'],
};
const FAMILIES = [4, 6] as const;
const IPV6_IN_IPV4 = 41;
const TEREDO_PORT = 3544;

/** Where one of these is given the firewall has something to let through. */
const NEEDED: Readonly<Record<Side, readonly End[]>> = {
  kma: ['agents', 'managers', 'KMAs'],
  agent: ['KMAs'],
  manager: ['KMAs', 'service processors'],
  edge: ['KMAs'],
  'service-processor': ['managers', 'monitoring stations'],
};

export function rulesetOf(setting: FirewallSetting): Ruleset {
  const { side, places } = setting;
  if (NEEDED[side].every((end) => places[end].length === 0))
    throw new OpenKmaError('FIREWALL_PARTY_MISSING', `of ${NEEDED[side].join(' or ')}`);
  // No side but an edge passes anything on.
  const chains: readonly Chain[] = side === 'edge' ? ['forward'] : ['input', 'output', 'forward'];
  const rules = flowsOf(setting).flatMap((flow) => flowRules(flow, setting));
  return {
    side,
    chains,
    rules: [
      ...(side === 'edge' ? TUNNELS : []),
      ...chains.filter((chain) => side === 'edge' || chain !== 'forward').flatMap(icmpRules),
      ...merged(rules),
    ],
    closed: closedPorts(setting),
  };
}

/** IPv6 that hides in IPv4 would go around every rule for IPv6 (manual, IPv6 addresses with KMAs). */
const TUNNELS: readonly Rule[] = (
  [
    [{ kind: 'protocol', protocol: IPV6_IN_IPV4 }, 'IPv6 within IPv4'],
    [{ kind: 'ports', transport: 'udp', ports: [TEREDO_PORT] }, 'IPv6 within UDP, Teredo'],
  ] as const
).map(([match, comment]) => ({
  ...{ chain: 'forward', family: 4, sources: [], destinations: [], action: 'drop' },
  ...{ match, comment },
}));

function flowRules(flow: Flow, setting: FirewallSetting): readonly Rule[] {
  const callers = networksOf(setting.places[flow.from]);
  const { targets } = flow;
  if (setting.side === 'edge') return rulesBetween('forward', flow, callers, targets);
  const [own, ...also] = ENDS[setting.side];
  const isFrom = flow.from === own || (also.includes(flow.from) && callers.length > 0);
  const out = isFrom ? rulesBetween('output', flow, null, targets) : [];
  const into = flow.to === own ? rulesBetween('input', flow, callers, ownOf(flow, setting)) : [];
  return [...out, ...into, ...(isFrom ? answers(flow, setting) : [])];
}

/** Null is everywhere; a list that is empty is nowhere. */
function rulesBetween(
  chain: Chain,
  { from, to, transport, port, sourcePort, what }: Flow,
  sources: readonly Network[] | null,
  destinations: readonly Network[] | null,
): readonly Rule[] {
  const plain = { kind: 'ports', transport, ports: [port] } as const;
  const match: PortMatch = sourcePort === undefined ? plain : { ...plain, sourcePort };
  return FAMILIES.flatMap((family) => {
    const [near, far] = [ofFamily(sources, family), ofFamily(destinations, family)];
    if (near?.length === 0 || far?.length === 0) return [];
    const comment = `${from} to ${to}: ${what}`;
    const ends = { sources: near ?? [], destinations: far ?? [] };
    return [{ chain, family, ...ends, match, action: 'accept', comment }];
  });
}

/** A lease may be answered to an address that nobody has asked from. */
function answers({ sourcePort, port, ...flow }: Flow, setting: FirewallSetting): readonly Rule[] {
  if (sourcePort === undefined) return [];
  const back = { ...flow, from: flow.to, to: flow.from, port: sourcePort, sourcePort: port };
  return rulesBetween('input', back, networksOf(setting.places[flow.to]), null).filter(({ family }) =>
    flow.targets.some((target) => target.family === family),
  );
}

/** Of a KMA's networks those that the port is on, where they are known. */
function ownOf({ to, networks }: Flow, { own, side }: FirewallSetting): readonly Network[] | null {
  if (side !== 'kma' || to !== 'KMAs') return null;
  if (own.management.length === 0 && own.service.length === 0) return null;
  return (['management', 'service'] as const).flatMap((name) => (networks.includes(name) ? own[name] : []));
}

function ofFamily(networks: readonly Network[] | null, family: 4 | 6): readonly Network[] | null {
  return networks === null ? null : apart(networks.filter((network) => network.family === family));
}

/** One rule for ports between the same ends. */
function merged(rules: readonly Rule[]): readonly Rule[] {
  const groups = new Map<string, Rule>();
  for (const rule of rules) {
    const { match, comment, ...rest } = rule;
    if (match.kind !== 'ports') throw new Error(`${comment} is a rule without ports`);
    const { ports, ...transport } = match;
    const [ends = ''] = comment.split(':');
    const key = JSON.stringify([rest, transport, ends], (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const before = groups.get(key);
    if (before?.match.kind !== 'ports') groups.set(key, rule);
    else {
      const what = comment.slice(ends.length + 2);
      groups.set(key, {
        ...rest,
        match: { ...match, ports: [...before.match.ports, ...ports] },
        comment: before.comment.endsWith(what) ? before.comment : `${before.comment}, ${what}`,
      });
    }
  }
  return [...groups.values()];
}

/** What the given addresses leave closed at a KMA or a service processor. */
function closedPorts({ side, places }: FirewallSetting): readonly string[] {
  if (side !== 'kma' && side !== 'service-processor') return [];
  return PORT_TABLE.filter(({ owner }) => owner === side).flatMap((row) => {
    const { port, transport, what, parties, direction, condition, note } = row;
    const where = `${direction === 'listening' ? '' : 'to '}${port}/${transport} ${what}`;
    if (staysClosed(row)) return [`${where}: ${note ?? CONDITIONS[condition]}`];
    const isClosed = parties.every((party) => places[party].length === 0);
    return isClosed ? [`${where}: no ${parties.join(' or ')} are named`] : [];
  });
}
