/** A backup for scripts: what the KMA ended is made anew, what was only broken off is gone on with. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Manager } from '../../client/manager.ts';
import { OpenKmaError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import { persistentBackup } from './persistent-backup.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-persistent-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const JOB = { job: 'A'.repeat(32) };
const failed = (code: string) => ({
  ...JOB,
  operation: 'CreateDatabaseBackup',
  state: 'failed',
  startedAt: '',
  endedAt: '',
  doing: '',
  done: 0,
  total: 0,
  code,
  detail: '',
  result: null,
});

/** Which operations are asked of a KMA that answers `ShowJob` so, until the attempts are used up. */
async function asked(showJob: () => unknown): Promise<readonly string[]> {
  const names: string[] = [];
  const manager = {
    async call({ name }: { readonly name: string }) {
      names.push(name);
      return name === 'CreateDatabaseBackup'
        ? { became: 'job', output: JOB, version: null }
        : { became: 'done', output: showJob(), version: null };
    },
  } as unknown as Manager;
  const connection = {
    use: (_user: unknown, work: (given: Manager) => Promise<unknown>) => work(manager),
  } as unknown as Connection;
  const run = { directory: folder, showProgress: false, retries: 2, waitMs: 0 };
  await assert.rejects(persistentBackup(connection, null, run));
  return names;
}

test('a job that the KMA has ended is begun anew', async () => {
  const names = await asked(() => failed('SERVER_BUSY'));
  assert.equal(names.filter((name) => name === 'CreateDatabaseBackup').length, 3);
});

test('so is one whose log-in ended before it did', async () => {
  const names = await asked(() => failed('SESSION_UNKNOWN'));
  assert.equal(names.filter((name) => name === 'CreateDatabaseBackup').length, 3);
});

test('one that could only not be asked for is gone on with', async () => {
  const names = await asked(() => {
    throw new OpenKmaError('KMA_UNREACHABLE');
  });
  assert.deepEqual(names, ['CreateDatabaseBackup', 'ShowJob', 'ShowJob', 'ShowJob']);
});

test('what will not pass is not tried again', async () => {
  const names = await asked(() => failed('NEED_CORE_SECURITY_BACKUP'));
  assert.deepEqual(names, ['CreateDatabaseBackup', 'ShowJob']);
});
