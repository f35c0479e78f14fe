/** What is said of each port, by the settings and by what the kernel tells of sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PORT_TABLE, type PortSettings, portStates, type Socket } from '../ports.ts';

const front = { name: 'front 1', pid: 11, own: true };
const OWN = '192.0.2.10';
const stranger = { name: 'sshd', pid: 99, own: false };

function listening(localPort: number, ...holders: Socket['holders']): Socket {
  const local = { address: '0.0.0.0', port: localPort };
  return { transport: 'tcp', state: 'listening', local, remote: null, holders };
}
function connected(address: string, port: number, ...holders: Socket['holders']): Socket {
  const local = { address: OWN, port: 40_000 };
  return { transport: 'tcp', state: 'connected', local, remote: { address, port }, holders };
}
function settings(...holding: [Parameters<PortSettings['holding']['get']>[0], string[]][]): PortSettings {
  const targets = (texts: string[]) =>
    texts.map((text) => ({ address: text.split(' ')[0] ?? '', port: Number(text.split(' ')[1]) }));
  return {
    holding: new Map(holding.map(([name, texts]) => [name, targets(texts)])),
    ports: {},
    addresses: [OWN],
  };
}
const SERVICES = [3331, 3332, 3333, 3334, 3335].map((port) => listening(port, front));

function stateOf(name: string, given: PortSettings, sockets: readonly Socket[] | null) {
  const found = portStates(PORT_TABLE, given, sockets).find((row) => row.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

test('a service that listens is held by its process, and nothing is wrong', () => {
  const states = portStates(PORT_TABLE, settings(), SERVICES);
  assert.deepEqual(
    states.filter(({ state }) => state === 'listening').map(({ name }) => name),
    ['ca', 'certificate', 'management', 'agent', 'discovery'],
  );
  assert.deepEqual(
    states.filter(({ wrong }) => wrong !== ''),
    [],
  );
  assert.deepEqual(stateOf('agent', settings(), SERVICES).heldBy, ['front 1 (11)']);
});

test('a service that should listen and does not is wrong', () => {
  const { state, wrong } = stateOf('agent', settings(), []);
  assert.deepEqual([state, wrong], ['closed', 'should listen, and nothing does']);
});

test('a port of a condition that does not hold is closed, and wrong where this KMA listens all the same', () => {
  assert.equal(stateOf('ssh', settings(), SERVICES).state, 'closed');
  const open = stateOf('ssh', settings(), [...SERVICES, listening(22, { name: 'sshd', pid: 7, own: true })]);
  assert.equal(open.state, 'listening');
  assert.match(open.wrong, /should be closed: only while technical support/);
});

test('a port that another program holds is named with it, whether this KMA wants it or not', () => {
  const sockets = [...SERVICES, listening(22, stranger), listening(111)];
  assert.match(stateOf('ssh', settings(), sockets).wrong, /held by sshd \(99\), which is none of this KMA's/);
  assert.equal(stateOf('ssh', settings(), sockets).state, 'taken');
  assert.match(stateOf('rpc', settings(), sockets).wrong, /a program that cannot be seen/);
  const elsewhere = { ...listening(22, stranger), local: { address: '127.0.0.1', port: 22 } };
  assert.equal(stateOf('ssh', settings(), [...SERVICES, elsewhere]).state, 'closed');
});

test('whom a KMA connects to is told: connected, idle, or closed where nobody is defined', () => {
  const given = settings(['syslog TLS', ['192.0.2.5 7514']]);
  const platform = { name: 'platform', pid: 12, own: true };
  assert.equal(stateOf('syslog-tls', settings(), SERVICES).state, 'closed');
  const idle = stateOf('syslog-tls', given, SERVICES);
  assert.deepEqual([idle.state, idle.targets], ['idle', ['192.0.2.5:7514']]);
  const there = stateOf('syslog-tls', given, [...SERVICES, connected('192.0.2.5', 7514, platform)]);
  assert.deepEqual([there.state, there.heldBy, there.wrong], ['connected', ['platform (12)'], '']);
});

test('a connection that no setting asks for is wrong, and one that others have opened here is none', () => {
  const platform = { name: 'platform', pid: 12, own: true };
  assert.match(
    stateOf('syslog', settings(), [...SERVICES, connected('192.0.2.5', 514, platform)]).wrong,
    /connected: only where a remote syslog server is defined/,
  );
  const incoming = { ...connected('192.0.2.9', 514, front), local: { address: OWN, port: 3334 } };
  assert.equal(stateOf('syslog', settings(), [...SERVICES, incoming]).wrong, '');
});

test('what this KMA listens on beside the table has a row of its own; what it sends from has none', () => {
  const own = { name: 'platform', pid: 12, own: true };
  const sender: Socket = { ...listening(45_000, own), transport: 'udp' };
  const states = portStates(PORT_TABLE, settings(), [...SERVICES, listening(8080, own), sender]);
  assert.deepEqual(
    states.filter(({ name }) => name.startsWith('unnamed')).map(({ name, wrong }) => [name, wrong]),
    [['unnamed-tcp-8080', 'listens, and the table of ports does not have it']],
  );
});

test('a KMA with other ports than the table is looked at there', () => {
  const given = { ...settings(), ports: { agent: 13_334 } };
  const states = portStates(PORT_TABLE, given, [listening(13_334, front)]);
  const agent = states.find(({ name }) => name === 'agent');
  assert.deepEqual([agent?.port, agent?.state], [13_334, 'listening']);
});

test('where nobody could look every state is unknown, but DHCP is not managed in any case', () => {
  for (const { name, state, wrong } of portStates(PORT_TABLE, settings(), null)) {
    assert.equal(state, name.startsWith('dhcp') ? 'not managed' : 'unknown');
    assert.equal(wrong, '');
  }
});
