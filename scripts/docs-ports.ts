/** The page of ports: the whole table, who needs what, and how firewalls get it. It is written from the table and knows no port. */
import { CONDITIONS, PORT_TABLE, type PortRow } from '../src/ports.ts';
import { page, table } from './page.ts';

type Callers = 'managers' | 'agents' | 'KMAs';

export function portsPage(): string {
  return page(
    'Ports',
    [
      'Every port of a KMA and of its service processor. A port that is not in these lists is closed, and nothing leaves for it.',
      '`kma ports` prints the list with the state of each row now: what listens, which process that is, and where what the',
      'kernel says differs from the settings.',
    ].join('\n'),
    '## A KMA listens on',
    rows('kma', 'listening', 'Who calls'),
    '## A KMA connects to',
    rows('kma', 'connecting', 'Whom it calls'),
    '## A service processor',
    'A computer of its own beside the KMA, with an address of its own. The KMA opens none of its ports.',
    rows('service-processor', 'listening', 'Who calls'),
    rows('service-processor', 'connecting', 'Whom it calls'),
    '## Who needs what',
    table(
      ['From', 'To', 'TCP ports of services'],
      (['managers', 'agents', 'KMAs'] as const).map((who) => [who, 'KMAs', portsOf(who).join(', ')]),
    ),
    [
      'KMAs peer their clocks at 123/udp too. `kma firewall` writes rules for all of this, for given addresses, as nftables,',
      'firewalld or iptables understand them. IPv4 firewalls at an edge should drop outbound IPv4 protocol 41 and UDP port 3544,',
      'which carry IPv6 past every rule for IPv6: the rules of `kma firewall --for edge` do.',
    ].join('\n'),
    [
      '`kma firewall --for kma --from-here` opens 3336 for the members of now. A KMA that was removed gets nothing: it has no',
      'business there any more. One that was away when it was removed asks at 3336 whether it is a member still; behind such a',
      'firewall it only finds that nobody answers, until somebody lets it ask by naming it with `--kma`.',
    ].join('\n'),
    [
      'Where one of the ports of services is taken, or for a second KMA on one machine, `kma serve --port-offset 10000` adds a',
      "number to all of them, and `okm-agent enroll --port-offset 10000` does the same at the agent. Oracle's agents know the",
      'ports above only.',
    ].join('\n'),
  );
}

function rows(owner: PortRow['owner'], direction: PortRow['direction'], who: string): string {
  return table(
    ['Port', 'What', 'When', 'Network', who],
    PORT_TABLE.filter((row) => row.owner === owner && row.direction === direction).map(
      ({ port, transport, what, condition, networks, parties, note }) => [
        `${port}/${transport}`,
        note === undefined ? what : `${what} (${note})`,
        CONDITIONS[condition],
        networks.join(', ') || '-',
        parties.join(', ') || '-',
      ],
    ),
  );
}

function portsOf(who: Callers): readonly number[] {
  return PORT_TABLE.filter(
    ({ owner, direction, transport, parties }) =>
      owner === 'kma' && direction === 'listening' && transport === 'tcp' && parties.includes(who),
  ).map(({ port }) => port);
}
