/** The configuration of a KMA's chronyd, read by a real one: each directive is one that it knows, in both modes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ChronySettings, chronyConfig } from './chrony-config.ts';
import { PROGRAM_ENVIRONMENT } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const settings = (changes: Partial<ChronySettings> = {}): ChronySettings => ({
  address: '192.0.2.7',
  port: 123,
  servers: ['192.0.2.1'],
  serverPort: 123,
  peers: ['192.0.2.8', '2001:db8::8'],
  peerPort: 123,
  polls: { minimum: 4, maximum: 7 },
  setsClock: false,
  runDirectory: '/run/place',
  ...changes,
});

/** As chronyd prints what it has read; it ends with an error where it does not know something. */
function read(config: string): string[] {
  const path = join(folder, 'chrony.conf');
  writeFileSync(path, config);
  const printed = execFileSync('chronyd', ['-p', '-f', path], { env: PROGRAM_ENVIRONMENT, encoding: 'utf8' });
  return printed.trim().split('\n');
}

test('chronyd knows every directive', () => {
  for (const changes of [
    {},
    { setsClock: true },
    { address: '::' },
    { port: 0 },
    { servers: [], peers: [] },
  ]) {
    const config = chronyConfig(settings(changes));
    assert.deepEqual(read(config), config.trim().split('\n'));
  }
});

test('the server is preferred, nobody makes up a time, and no step is larger than clocks may be apart', () => {
  const config = chronyConfig(settings({ setsClock: true }));
  assert.match(config, /^server 192\.0\.2\.1 port 123 iburst .* prefer$/m);
  assert.match(config, /^peer 192\.0\.2\.8 port 123 minpoll 4 maxpoll 7$/m);
  assert.doesNotMatch(config, /^local/m);
  assert.match(config, /^makestep 1 1$/m);
  assert.match(config, /^maxchange 300 0 -1$/m);
  assert.match(config, /^rtcsync$/m);
});

test('it listens at its own address alone, takes commands over its socket alone, and touches no file of the system', () => {
  const lines = chronyConfig(settings()).split('\n');
  assert.ok(lines.includes('bindaddress 192.0.2.7') && lines.includes('bindacqaddress 192.0.2.7'));
  assert.ok(lines.includes('cmdport 0'));
  const paths = lines.flatMap((line) => line.split(' ').filter((word) => word.startsWith('/')));
  assert.equal(paths.length, 3);
  for (const path of paths) assert.ok(path.startsWith('/run/place/'), path);
  assert.doesNotMatch(chronyConfig(settings({ address: '0.0.0.0' })), /bind(acq)?address/);
  assert.doesNotMatch(chronyConfig(settings({ port: 0 })), /^allow/m);
});
