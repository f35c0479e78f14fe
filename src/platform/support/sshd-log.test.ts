/** Lines of sshd's log: what they mean, and that no name somebody chose makes one of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SshdEvent, sshdEvent } from './sshd-log.ts';

const KNOWN: readonly (readonly [string, SshdEvent])[] = [
  ['Server listening on 10.0.0.1 port 22.', { event: 'listening' }],
  [
    'Accepted password for okmsupport from 10.0.0.9 port 5555 ssh2',
    { event: 'begun', from: '10.0.0.9:5555', by: 'password', key: '' },
  ],
  [
    'Accepted publickey for okmsupport from fe80::1%eth0 port 5555 ssh2: ED25519 SHA256:abc/+x',
    { event: 'begun', from: 'fe80::1%eth0:5555', by: 'publickey', key: 'ED25519 SHA256:abc/+x' },
  ],
  ['Disconnected from user okmsupport 10.0.0.9 port 5555', { event: 'ended', from: '10.0.0.9:5555' }],
  ['Connection closed by user okmsupport 10.0.0.9 port 5555', { event: 'ended', from: '10.0.0.9:5555' }],
  ['Closing connection to 10.0.0.9 port 5555', { event: 'ended', from: '10.0.0.9:5555' }],
  [
    'refused local port forward: originator 10.0.0.9 port 65535, target 10.0.0.1 port 3333',
    { event: 'refused', what: 'forwarding' },
  ],
  ['Close session: user okmsupport from 10.0.0.9 port 5555 id 0', { event: 'ended', from: '10.0.0.9:5555' }],
  [
    'Failed password for okmsupport from 10.0.0.9 port 1 ssh2',
    { event: 'failed', from: '10.0.0.9:1', what: 'password' },
  ],
  [
    'Failed password for invalid user root from 10.0.0.9 port 1 ssh2',
    { event: 'failed', from: '10.0.0.9:1', what: 'password' },
  ],
  [
    'Timeout before authentication for 10.0.0.9 port 1',
    { event: 'failed', from: '10.0.0.9:1', what: 'no log-in' },
  ],
  [
    'Connection closed by authenticating user okmsupport 10.0.0.9 port 1 [preauth]',
    { event: 'failed', from: '10.0.0.9:1', what: 'no log-in' },
  ],
  [
    'Unable to negotiate with 10.0.0.9 port 1: no matching cipher found. Their offer: aes128-cbc [preauth]',
    { event: 'failed', from: '10.0.0.9:1', what: 'no log-in' },
  ],
  [
    'subsystem request for sftp by user okmsupport failed, subsystem not found',
    { event: 'refused', what: 'subsystem sftp' },
  ],
];

for (const [line, event] of KNOWN)
  test(`"${line.slice(0, 50)}..." is ${event.event}`, () => assert.deepEqual(sshdEvent(line), event));

const FORGED = 'Accepted password for okmsupport from 6.6.6.6 port 6 ssh2';

test('a name that looks like a log-in is a failure of where it came from', () => {
  assert.deepEqual(sshdEvent(`Failed password for invalid user ${FORGED} from 10.0.0.9 port 1 ssh2`), {
    event: 'failed',
    from: '10.0.0.9:1',
    what: 'password',
  });
});

test('no line that begins otherwise, or names another account, is a log-in or an end', () => {
  for (const line of [
    FORGED.replace('okmsupport', 'root'),
    ` ${FORGED}`,
    `${FORGED} more`,
    `Invalid user ${FORGED}`,
    `banner exchange: Connection from 10.0.0.9 port 1: invalid format: ${FORGED}`,
    'Disconnected from user okmsupport from 6.6.6.6 port 6 from 10.0.0.9 port 1',
    'Disconnected from user okmsupport2 10.0.0.9 port 5555',
    'Close session: user root from 10.0.0.9 port 5555 id 0',
    '',
    'x'.repeat(100_000),
  ])
    assert.notEqual(sshdEvent(line)?.event, 'begun', line.slice(0, 80));
  assert.equal(sshdEvent('Disconnected from user okmsupport from 6.6.6.6 port 6 from 10.0.0.9 port 1'), null);
});
