/** Tries, under the options of each kind of child, what a child that was taken over would try. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  confinedCore,
  confinedFront,
  confinedPlatform,
  confinedReader,
  confinedReplicator,
} from './confinement.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-confined-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, 'data');
const runtime = join(folder, 'runtime');
for (const path of [
  data,
  join(data, 'local'),
  join(data, 'staging'),
  join(data, 'replication'),
  join(data, 'platform'),
  runtime,
  join(folder, 'home'),
])
  mkdirSync(path);
const FILES = {
  database: join(data, 'kma.db'),
  localKey: join(data, 'local', 'tls-key.pem'),
  unlockKey: `${data}.unlock-key`,
  staged: join(data, 'staging', 'snapshot'),
  cached: join(data, 'replication', 'CURRENT'),
  ofPlatform: join(data, 'platform', 'cursor'),
  foreign: join(folder, 'home', 'id_rsa'),
};
for (const path of Object.values(FILES)) writeFileSync(path, 'x');

/** Each attempt by name; the answer says which were not refused. */
const ATTEMPTS = `
  const fs = process.getBuiltinModule('fs');
  const files = ${JSON.stringify(FILES)};
  const attempts = {
    passwd: () => fs.readFileSync('/etc/passwd'),
    environment: () => fs.readFileSync('/proc/self/environ'),
    list: () => fs.readdirSync(${JSON.stringify(data)}),
    program: () => fs.readFileSync(${JSON.stringify(new URL(import.meta.url).pathname)}),
    spawn: () => { const ran = process.getBuiltinModule('child_process').spawnSync('/bin/true'); if (ran.error) throw ran.error; },
    worker: () => new (process.getBuiltinModule('worker_threads').Worker)('0', { eval: true }),
    writeProgram: () => fs.appendFileSync(${JSON.stringify(new URL(import.meta.url).pathname)}, ''),
    writeHome: () => fs.writeFileSync(files.foreign, 'y'),
  };
  for (const [name, path] of Object.entries(files)) {
    attempts['read ' + name] = () => fs.readFileSync(path);
    attempts['write ' + name] = () => fs.appendFileSync(path, '');
  }
  const done = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    try { attempt(); done.push(name); }
    catch (error) { if (error.code !== 'ERR_ACCESS_DENIED') done.push(name + ': ' + error.code); }
  }
  console.log(JSON.stringify(done));
  process.exit(0);
`;

function allowed(options: readonly string[]): string[] {
  const run = spawnSync(process.execPath, [...options, '--eval', ATTEMPTS], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return (JSON.parse(run.stdout) as string[]).sort();
}

test('without the options everything is allowed, so that the attempts are real ones', () => {
  assert.equal(allowed([]).length, 22);
});

test('the core: its data directory, the key beside it, the program; no foreign file, no process, no thread', () => {
  assert.deepEqual(allowed(confinedCore(data, runtime)), [
    'list',
    'program',
    'read cached',
    'read database',
    'read localKey',
    'read ofPlatform',
    'read staged',
    'read unlockKey',
    'write cached',
    'write database',
    'write localKey',
    'write ofPlatform',
    'write staged',
    'write unlockKey',
  ]);
});

test('the reader: the database and staged copies; no local key', () => {
  assert.deepEqual(allowed(confinedReader(data, runtime)), [
    'program',
    'read database',
    'read staged',
    'write staged',
  ]);
});

test('the replicator: its cache, staged copies and the program; neither the database nor a local key', () => {
  assert.deepEqual(allowed(confinedReplicator(data, runtime)), [
    'program',
    'read cached',
    'read staged',
    'write cached',
  ]);
});

test('the platform process: its directory, what the machine tells of itself, and daemons, which this does not bind; neither the database nor a local key', () => {
  assert.deepEqual(allowed(confinedPlatform(join(data, 'platform'), runtime)), [
    'environment',
    'passwd',
    'program',
    'read ofPlatform',
    'spawn',
    'write ofPlatform',
  ]);
});

test('a front: the program, and nothing else', () => {
  assert.deepEqual(allowed(confinedFront()), ['program']);
});
