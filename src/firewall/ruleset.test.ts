/** Which rules each side gets: what it needs for those who were named, in the direction of who connects, and no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OpenKmaError } from '../errors.ts';
import { PORT_TABLE } from '../ports.ts';
import { covers } from './network.ts';
import { ofRuleset } from './read-back.fixture.ts';
import { rulesetOf } from './ruleset.ts';
import { setting, settingOf } from './setting.fixture.ts';

/** Without ICMP. */
function portsOf(given: Parameters<typeof rulesetOf>[0]): readonly string[] {
  return [...ofRuleset(rulesetOf(given))].filter((statement) => !statement.includes(' icmp ')).sort();
}

const KMA = '192.0.2.10';
const AGENT = '198.51.100.7';

test('an agent connects to four ports of each KMA, and nobody connects to it', () => {
  assert.deepEqual(
    portsOf(settingOf('agent', { KMAs: [KMA] })),
    [3331, 3332, 3334, 3335].map((port) => `output 4 any > ${KMA} tcp ${port} accept`),
  );
});

test('a manager connects to 3331, 3332, 3333 and 3335, and with a browser to 443', () => {
  assert.deepEqual(
    portsOf(settingOf('manager', { KMAs: [KMA] })),
    [3331, 3332, 3333, 3335, 443].map((port) => `output 4 any > ${KMA} tcp ${port} accept`),
  );
});

test('the machine of a manager uses SSH where support is named, which has no port of its own there', () => {
  const found = portsOf(settingOf('manager', { KMAs: [KMA], 'support engineers': ['192.0.2.66'] }));
  assert.ok(found.includes(`output 4 any > ${KMA} tcp 22 accept`));
  assert.ok(found.every((statement) => statement.startsWith('output')));
});

test('KMAs replicate, join and peer their clocks with each other both ways', () => {
  const other = '192.0.2.11';
  const both = ['tcp 3331', 'tcp 3332', 'tcp 3336', 'udp 123'];
  assert.deepEqual(
    portsOf(settingOf('kma', { KMAs: [other] })),
    [
      ...both.map((port) => `input 4 ${other} > any ${port} accept`),
      ...both.map((port) => `output 4 any > ${other} ${port} accept`),
    ].sort(),
  );
});

test('each thing that a KMA connects to opens its port, at the port given', () => {
  const found = portsOf(
    settingOf('kma', {
      agents: [AGENT],
      'DNS servers': ['203.0.113.53'],
      'NTP servers': ['203.0.113.123'],
      'syslog servers': ['203.0.113.14'],
      'syslog servers with TLS': ['203.0.113.14', '203.0.113.15:7514'],
      'SNMP managers': ['203.0.113.16:1162', '[2001:db8::16]:162'],
    }),
  ).filter((statement) => statement.startsWith('output'));
  assert.deepEqual(found, [
    'output 4 any > 203.0.113.123 udp 123 accept',
    'output 4 any > 203.0.113.14 tcp 514 accept',
    'output 4 any > 203.0.113.14 tcp 6514 accept',
    'output 4 any > 203.0.113.15 tcp 7514 accept',
    'output 4 any > 203.0.113.16 udp 1162 accept',
    'output 4 any > 203.0.113.53 tcp 53 accept',
    'output 4 any > 203.0.113.53 udp 53 accept',
    'output 6 any > 2001:db8::16 udp 162 accept',
  ]);
});

test('SSH and the SNMP agent of a KMA are open to those named, and to nobody where none are', () => {
  const open = (more: object) =>
    portsOf(settingOf('kma', { agents: [AGENT], ...more })).filter((text) => !text.includes(AGENT));
  assert.deepEqual(open({}), []);
  assert.deepEqual(open({ 'support engineers': ['192.0.2.66'], 'monitoring stations': ['192.0.2.77'] }), [
    'input 4 192.0.2.66 > any tcp 22 accept',
    'input 4 192.0.2.77 > any udp 161 accept',
  ]);
});

test('a KMA that tells its two addresses serves managers on the management network alone', () => {
  const given = settingOf(
    'kma',
    { agents: [AGENT], managers: ['192.0.2.66'] },
    { management: [KMA], service: ['198.51.100.10'] },
  );
  const at = (port: number) =>
    portsOf(given)
      .filter((text) => text.includes(` tcp ${port} `))
      .map((text) => text.split(' > ')[1]?.split(' ')[0]);
  assert.deepEqual(at(3333), [KMA]);
  assert.deepEqual(at(3334), [KMA, '198.51.100.10']);
});

test('an edge drops IPv6 within IPv4 before all else, and passes on what the parties need', () => {
  const ruleset = rulesetOf(settingOf('edge', { KMAs: [KMA], agents: [AGENT], managers: ['192.0.2.66'] }));
  assert.deepEqual(ruleset.chains, ['forward']);
  const found = [...ofRuleset(ruleset)].filter((statement) => !statement.includes(' icmp '));
  assert.deepEqual(found.slice(0, 2), [
    'forward 4 any > any protocol 41 drop',
    'forward 4 any > any udp 3544 drop',
  ]);
  assert.ok(found.includes(`forward 4 ${AGENT} > ${KMA} tcp 3334 accept`));
  assert.ok(found.includes(`forward 4 192.0.2.66 > ${KMA} tcp 3333 accept`));
  assert.ok(!found.includes(`forward 4 ${AGENT} > ${KMA} tcp 3333 accept`));
});

test('a service processor is open to managers and to nobody else', () => {
  assert.deepEqual(portsOf(settingOf('service-processor', { managers: ['192.0.2.66'] })), [
    'input 4 192.0.2.66 > any tcp 22 accept',
    'input 4 192.0.2.66 > any tcp 443 accept',
    'input 4 192.0.2.66 > any tcp 80 accept',
    'input 4 192.0.2.66 > any udp 623 accept',
  ]);
});

test('with DHCP a machine asks for its address and hears the answer, in each family at its own ports', () => {
  const given = settingOf('kma', { agents: [AGENT], 'DHCP servers': ['0.0.0.0/0', '::/0'] });
  const dhcp = rulesetOf(given).rules.flatMap(({ chain, family, match }) =>
    match.kind === 'ports' && match.sourcePort !== undefined
      ? [`${chain} ${family} ${match.sourcePort} to ${match.ports.join()}`]
      : [],
  );
  assert.deepEqual(dhcp.sort(), [
    'input 4 67 to 68',
    'input 6 547 to 546',
    'output 4 68 to 67',
    'output 6 546 to 547',
  ]);
});

test('with a port offset the ports that KMAs listen on move, and no others', () => {
  const given = settingOf('kma', { managers: ['192.0.2.66'], 'support engineers': ['192.0.2.66'] });
  const ports = portsOf({ ...given, portOffset: 10_000 }).map((text) => text.split(' ').at(-2));
  assert.deepEqual(ports, ['10022', '10443', '13331', '13332', '13333', '13335']);
});

test('whose other side nobody named is refused', () => {
  for (const side of ['kma', 'agent', 'manager', 'edge', 'service-processor'] as const)
    assert.throws(
      () => rulesetOf(settingOf(side, { 'DNS servers': ['203.0.113.53'] })),
      (error) => error instanceof OpenKmaError && error.code === 'FIREWALL_PARTY_MISSING',
    );
});

test('what is closed is told with what would open it', () => {
  const { closed } = rulesetOf(settingOf('kma', { agents: [AGENT] }));
  assert.ok(closed.includes('22/tcp SSH: no support engineers are named'));
  assert.ok(closed.includes('111/tcp RPC: open in KMS 2.1 and earlier'));
  assert.ok(closed.includes('to 53/udp DNS: no DNS servers are named'));
  assert.ok(!closed.some((line) => line.startsWith('3334/tcp')));
});

test('no rule opens a port that the table does not have, or to somebody who was not named', () => {
  fc.assert(
    fc.property(setting, (given) => {
      const named = Object.values(given.places).flat();
      const known = new Set([
        ...PORT_TABLE.flatMap(({ port }) => [port, port + given.portOffset]),
        ...named.flatMap(({ port }) => port ?? []),
        ...[67, 547, 3544],
      ]);
      for (const { chain, action, match, sources, destinations } of rulesetOf(given).rules) {
        if (match.kind !== 'ports') continue;
        for (const port of match.ports) assert.ok(known.has(port), String(port));
        if (action === 'drop') continue;
        const ends = chain === 'output' ? destinations : sources;
        assert.ok(ends.length > 0, 'somebody');
        for (const end of ends) assert.ok(named.some(({ network }) => covers(network, end)));
      }
    }),
  );
});

test('nobody else can be reached or let in when a further party is named', () => {
  fc.assert(
    fc.property(setting, (given) => {
      const all = ofRuleset(rulesetOf(given));
      const without = { ...given, places: { ...given.places, 'SNMP managers': [] } };
      const fewer = ofRuleset(rulesetOf(without));
      for (const statement of fewer) assert.ok(all.has(statement));
    }),
  );
});
