/** Settings of firewalls for tests: written down shortly, or drawn. It asks no KMA. */
import fc from 'fast-check';
import { type Network, readNetwork } from './network.ts';
import { type End, type FirewallSetting, readPlace, SIDES, type Side } from './setting.ts';

const NOBODY: FirewallSetting['places'] = {
  KMAs: [],
  agents: [],
  managers: [],
  'support engineers': [],
  'monitoring stations': [],
  'DNS servers': [],
  'NTP servers': [],
  'DHCP servers': [],
  'SNMP managers': [],
  'syslog servers': [],
  'syslog servers with TLS': [],
  'service processors': [],
};
const PORTS_OF_THEIR_OWN: Readonly<Record<string, number>> = {
  'SNMP managers': 162,
  'syslog servers': 514,
  'syslog servers with TLS': 6514,
};
export const ENDS = Object.keys(NOBODY) as readonly End[];

export function settingOf(
  side: Side,
  places: Partial<Record<End, readonly string[]>>,
  own: { readonly management?: readonly string[]; readonly service?: readonly string[] } = {},
): FirewallSetting {
  const given = Object.entries(places).map(([end, texts]) => {
    const port = PORTS_OF_THEIR_OWN[end];
    const read = (text: string) =>
      port === undefined ? { network: readNetwork(text) } : readPlace(text, port);
    return [end, texts.map(read)];
  });
  return {
    side,
    places: { ...NOBODY, ...Object.fromEntries(given) },
    own: {
      management: (own.management ?? []).map(readNetwork),
      service: (own.service ?? []).map(readNetwork),
    },
    portOffset: 0,
  };
}

/** Few distinct ones, so that some lie within others. */
export const network: fc.Arbitrary<Network> = fc
  .oneof(
    fc.tuple(fc.constant(4 as const), fc.bigInt(0n, 0xdfn), fc.nat(32)),
    fc.tuple(fc.constant(6 as const), fc.bigInt(0x2000n, 0x20ffn), fc.nat(128)),
  )
  .chain(([family, head, prefix]) => {
    const bits = family === 4 ? 32 : 128;
    const top = head << BigInt(bits - (family === 4 ? 8 : 16));
    return fc.bigInt(0n, 7n).map((low) => {
      const host = BigInt(bits - prefix);
      return { family, prefix, address: ((top | low) >> host) << host };
    });
  })
  .filter(({ address, prefix }) => prefix === 0 || address !== 0n);

const placeWithPort = fc.record({ network, port: fc.integer({ min: 1, max: 65_535 }) });
const placeOf = (end: End) =>
  PORTS_OF_THEIR_OWN[end] === undefined
    ? fc.record({ network })
    : fc.oneof(fc.record({ network }), placeWithPort);

export const setting: fc.Arbitrary<FirewallSetting> = fc
  .record({
    side: fc.constantFrom(...SIDES),
    places: fc
      .tuple(...ENDS.map((end) => fc.array(placeOf(end), { maxLength: 4 })))
      .map((all): FirewallSetting['places'] => ({
        ...NOBODY,
        ...Object.fromEntries(ENDS.map((end, index) => [end, all[index] ?? []])),
      })),
    own: fc.record({
      management: fc.array(network, { maxLength: 2 }),
      service: fc.array(network, { maxLength: 2 }),
    }),
    portOffset: fc.constantFrom(0, 10_000),
  })
  .filter(({ places }) => [places.KMAs, places.managers, places.agents].every((some) => some.length > 0));
