/** The socket of the core for the platform process: the longest config that people can make arrives. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import type { PlatformConfig } from '../../platform/config.ts';
import { readPlatformSettings } from '../../platform-settings/index.ts';
import { SYSLOG_SERVERS_MAX } from '../../platform-settings/syslog.ts';
import { FrameSocket } from '../frame.ts';
import { expectMessage } from '../messages.ts';
import { coreToPlatform } from '../platform/messages.ts';
import { PlatformLink } from './platform-link.ts';
import { PlatformNotes } from './platform-notes.ts';
import { listenForPlatform } from './platform-socket.ts';

/** As long as the fields of operations take them, in lines as PEM has them. */
const PEM = `${'A'.repeat(64)}\n`.repeat(1_008);

function longest(): PlatformConfig {
  const server = (at: number) => ({
    ...{ id: at.toString(16).toUpperCase().padStart(32, '0'), name: 'n'.repeat(64), address: '192.0.2.7' },
    ...{ port: 6514, transport: 'tls', format: 'rfc5424', framing: 'octet-counting', events: 'all' },
    ...{ serverName: '', caPem: PEM, clientCertificatePem: PEM, clientKeyPem: PEM },
    ...{ caAbout: [], clientAbout: [] },
  });
  const servers = Array.from({ length: SYSLOG_SERVERS_MAX }, (_, at) => server(at));
  return {
    kma: { id: 'A', name: 'kma-1', version: '1', addresses: [] },
    ...{ members: [], clustered: false, clockOffsetMs: 0, snmpManagers: [] },
    ...readPlatformSettings((name) => (name === 'platform.syslog' ? JSON.stringify({ servers }) : undefined)),
  };
}

test('the longest config arrives whole', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-socket-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = longest();
  assert.equal(config.syslog.servers.length, SYSLOG_SERVERS_MAX);
  const failures: unknown[] = [];
  const link = new PlatformLink({
    ...{ config: () => config, newestAuditRow: () => 7, wanted: () => true, begin: () => undefined },
    standing: () => ({ locked: false, errorState: '', poolReadyPercent: 0, poolSize: 0, members: [] }),
    failed: (error) => failures.push(error),
  });
  t.after(() => link.stop());
  const notes = new PlatformNotes({ elapsedMs: () => 0, record: () => undefined });
  const path = join(folder, 'platform.sock');
  const server = await listenForPlatform({ link, notes, lookUp: async () => [] }, path);
  t.after(() => server.close());
  const socket = connect(path);
  t.after(() => socket.destroy());
  const received: unknown[] = [];
  new FrameSocket(socket, { onMessage: (raw) => received.push(raw), onClose: () => undefined });
  await until('it is told, or cannot be', () => received.length + failures.length > 0);
  assert.deepEqual(failures, []);
  const message = expectMessage(coreToPlatform, received[0]);
  assert.deepEqual(message.t === 'config' && message.config, config);
});
