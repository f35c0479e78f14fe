/** What reaches a host, and what of it passes its firewall, as the kernel counts it: who, which protocol, which port. It lets through and stops nothing. */
import { isIPv6 } from 'node:net';
import type { TestNetwork } from './network-namespaces.ts';
import { until } from './until.ts';

/** Before every filter, and after it. */
const RULES = `
table inet watch
delete table inet watch
table inet watch {
  set arrived { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 524288; }
  set arrived6 { type ipv6_addr . inet_proto . inet_service; flags dynamic; size 524288; }
  set passed { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 524288; }
  set passed6 { type ipv6_addr . inet_proto . inet_service; flags dynamic; size 524288; }
  set protocols { type ipv4_addr . inet_proto; flags dynamic; size 4096; }
  set left { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 524288; }
  set left6 { type ipv6_addr . inet_proto . inet_service; flags dynamic; size 65536; }
  chain before {
    type filter hook prerouting priority -310;
    iifname != "lo" meta l4proto { tcp, udp } add @arrived { ip saddr . meta l4proto . th dport }
    iifname != "lo" meta l4proto { tcp, udp } add @arrived6 { ip6 saddr . meta l4proto . th dport }
  }
  chain after {
    type filter hook input priority 100;
    iifname != "lo" ct direction original meta l4proto { tcp, udp } add @passed { ip saddr . meta l4proto . th dport }
    iifname != "lo" ct direction original meta l4proto { tcp, udp } add @passed6 { ip6 saddr . meta l4proto . th dport }
    iifname != "lo" ct direction original add @protocols { ip saddr . meta l4proto }
  }
  chain out {
    type filter hook output priority 100;
    oifname != "lo" ct direction original meta l4proto { tcp, udp } add @left { ip daddr . meta l4proto . th dport }
    oifname != "lo" ct direction original meta l4proto { tcp, udp } add @left6 { ip6 daddr . meta l4proto . th dport }
  }
}
`;

const ALL_PORTS = 65_535;
const SCANS = [
  ['-sS', 'tcp'],
  ['-sU', 'udp'],
] as const;
const LONG_MS = 240_000;
/** So many packets a second get lost seldom, and are sent again. */
const PACKETS_PER_SECOND = 15_000;

export class PassingWatch<Host extends string> {
  readonly #net: TestNetwork<Host, string>;
  readonly #host: Host;

  private constructor(net: TestNetwork<Host, string>, host: Host) {
    this.#net = net;
    this.#host = host;
  }

  /** From now on; what an earlier watch saw is forgotten. */
  static async at<H extends string>(net: TestNetwork<H, string>, host: H): Promise<PassingWatch<H>> {
    const { status, stderr } = await net.run(host, ['nft', '-f', '-'], RULES);
    if (status !== 0) throw new Error(stderr);
    return new PassingWatch(net, host);
  }

  /** "tcp 3334" of this source. */
  async passed(source: string): Promise<readonly string[]> {
    return this.#ports('passed', source);
  }
  async protocols(source: string): Promise<readonly string[]> {
    const found = await this.#elements('protocols');
    return found
      .filter(([from]) => from === source)
      .map(([, protocol]) => protocol ?? '')
      .sort();
  }
  /** "192.0.2.1 udp 53": what this host itself has sent, without answers. */
  async left(): Promise<readonly string[]> {
    const both = [...(await this.#elements('left')), ...(await this.#elements('left6'))];
    return both.map((parts) => parts.join(' ')).sort();
  }

  /** Sends something to every port of the address there is, past the firewall of the host that sends; what gets lost on the way is sent again. */
  async probePast(from: Host, address: string, source: string): Promise<void> {
    for (const [kind, protocol] of SCANS)
      await until(
        `every ${protocol} port of ${address} was tried from ${from}`,
        async () => {
          await this.#scan(from, [kind, '--send-eth', '-p', `1-${ALL_PORTS}`], address);
          const arrived = await this.#ports('arrived', source);
          return arrived.filter((port) => port.startsWith(protocol)).length === ALL_PORTS;
        },
        LONG_MS,
      );
  }
  /** The same through its own firewall, until these at least have come through. */
  async probeThrough(from: Host, address: string, source: string, atLeast: readonly string[]): Promise<void> {
    await until(
      `${atLeast.join(', ')} of ${address} were reached from ${from}`,
      async () => {
        for (const [kind] of SCANS)
          await this.#scan(from, [kind, '--send-ip', '-p', `1-${ALL_PORTS}`], address);
        const passed = await this.passed(source);
        return atLeast.every((port) => passed.includes(port));
      },
      LONG_MS,
    );
  }
  /** Packets of every protocol above IP. */
  async probeProtocols(from: Host, address: string): Promise<void> {
    await this.#scan(from, ['-sO', '--send-eth'], address);
  }

  async #scan(from: Host, how: readonly string[], address: string): Promise<void> {
    const rate = String(PACKETS_PER_SECOND);
    const pace = ['--max-retries', '0', '--min-rate', rate, '--max-rate', rate];
    const { status, stderr } = await this.#net.run(from, [
      ...['nmap', ...(isIPv6(address) ? ['-6'] : []), '-Pn', '-n'],
      ...[...pace, ...how, address],
    ]);
    if (status !== 0) throw new Error(stderr);
  }

  async #ports(set: string, source: string): Promise<readonly string[]> {
    const found = await this.#elements(isIPv6(source) ? `${set}6` : set);
    return found
      .filter(([from]) => from === source)
      .map(([, ...port]) => port.join(' '))
      .sort();
  }

  async #elements(set: string): Promise<readonly string[][]> {
    const { status, stdout, stderr } = await this.#net.run(this.#host, [
      'nft',
      '-j',
      'list',
      'set',
      'inet',
      'watch',
      set,
    ]);
    if (status !== 0) throw new Error(stderr);
    const { nftables } = JSON.parse(stdout) as {
      readonly nftables: readonly { readonly set?: { readonly elem?: readonly Element[] } }[];
    };
    const elements = nftables.flatMap(({ set: found }) => found?.elem ?? []);
    return elements.map((element) => concatenation(element).concat.map(String));
  }
}

interface Concatenation {
  readonly concat: readonly (string | number)[];
}
/** A dynamic set has more to say of an element. */
type Element = Concatenation | { readonly elem: { readonly val: Concatenation } };

function concatenation(element: Element): Concatenation {
  return 'elem' in element ? element.elem.val : element;
}
