/** The process of the SNMP agent where it cannot be started. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../../../test/support/free-port.ts';
import { until } from '../../../test/support/until.ts';
import { AgentProcess } from './agent-process.ts';
import type { Serve } from './messages.ts';

const key = Buffer.alloc(32, 7).toString('base64');

test('one that could not be started at all is begun again, and ends when it is told to', async () => {
  const serve: Serve = {
    ...{ t: 'serve', address: '127.0.0.1', port: await freePort(), becomes: null },
    ...{ engineId: '8000000000', boots: 1, name: 'kma-1', version: '1', user: 'okm' },
    ...{ authentication: 'SHA-256', privacy: 'AES-128', authenticationKey: key, privacyKey: key },
  };
  const program = process.execPath;
  process.execPath = '/nonexistent/node';
  const agent = new AgentProcess({
    after: Promise.resolve(),
    serve: () => serve,
    changed: () => undefined,
    log: () => undefined,
    counted: () => undefined,
  });
  try {
    await until('its trouble', () => /ENOENT/.test(agent.trouble));
  } finally {
    process.execPath = program;
  }
  await until('it listens', () => agent.listening);
  assert.equal(agent.trouble, '');
  await agent.stop();
});
