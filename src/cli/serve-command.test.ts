/** The command that "kma serve" prints for agents: the service network, and the ports as they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PORTS } from '../ports.ts';
import { listensOf } from '../processes/listens.ts';
import { enrolCommand } from './serve-command.ts';

const shifted = (offset: number) =>
  Object.fromEntries(PORTS.map(({ service, port }) => [service, port + offset]));

test('it leads to the service network', () => {
  const listens = listensOf({ management: '192.0.2.10', service: '198.51.100.10' }, {});
  assert.match(enrolCommand(listens), /okm-agent enroll --kma 198\.51\.100\.10 --agent AGENT$/);
});

test('it has the offset of the ports, and an IPv6 address in brackets', () => {
  const listens = listensOf({ management: '::1', service: '::1' }, shifted(10_000));
  assert.match(enrolCommand(listens), / --kma '\[::1\]' --agent AGENT --port-offset 10000$/);
});

test('a wildcard address is none that can be called', () => {
  for (const wildcard of ['::', '0.0.0.0']) {
    const listens = listensOf({ management: wildcard, service: wildcard }, {});
    assert.match(enrolCommand(listens), / --kma ADDRESS --agent AGENT$/);
  }
});
