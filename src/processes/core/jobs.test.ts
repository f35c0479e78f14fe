/** Which work becomes a job, and who is given one that there is already. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../core/refusal.ts';
import type { CoreAnswer } from './core-call.ts';
import { type JobRequest, Jobs } from './jobs.ts';

const READS: JobRequest = {
  ...{ userId: 'U', operation: 'VerifyAudit', requestSha256: 'A', key: undefined },
  ...{ changes: false, onlyWhenLong: true },
};
const CHANGES: JobRequest = {
  ...{ userId: 'U', operation: 'CreateDatabaseBackup', requestSha256: 'B', key: undefined },
  ...{ changes: true, onlyWhenLong: false },
};
const DONE: CoreAnswer = { output: 'done' };
const idOf = (answer: CoreAnswer) => ('job' in answer ? answer.job : undefined);

/** Work that ends when it is told to. */
function work() {
  const { promise, resolve } = Promise.withResolvers<CoreAnswer>();
  const seen = { runs: 0 };
  const run = () => {
    seen.runs += 1;
    return promise;
  };
  return { run, end: resolve, seen };
}

test('what ends soon is answered as it is, and there was no job', async () => {
  const jobs = new Jobs(() => 0, 600_000);
  assert.deepEqual(await jobs.start(READS, async () => DONE), DONE);
  const refused = refuse('ACCESS_DENIED');
  assert.deepEqual(await jobs.start(READS, async () => refused), refused);
  assert.deepEqual(jobs.reports(), []);
});

test('what takes long is answered with a job, which has the answer in the end', async () => {
  const jobs = new Jobs(() => 7, 0);
  const { run, end } = work();
  const job = idOf(await jobs.start(READS, run));
  assert.deepEqual(
    jobs.reports().map((report) => [report.job, report.state, report.output]),
    [[job, 'running', null]],
  );
  end(DONE);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    jobs.reports().map((report) => [report.job, report.state, report.output, report.endedAtMs]),
    [[job, 'done', 'done', 7]],
  );
});

test('who asks again for what only reads, while it is under way, is given the same job; others their own', async () => {
  const jobs = new Jobs(() => 0, 0);
  const { run, end, seen } = work();
  const [first, again] = await Promise.all([jobs.start(READS, run), jobs.start(READS, run)]);
  assert.equal(idOf(first), idOf(again));
  assert.equal(idOf(await jobs.start(READS, run)), idOf(first));
  assert.equal(seen.runs, 1);
  assert.notEqual(idOf(await jobs.start({ ...READS, userId: 'V' }, run)), idOf(first));
  assert.notEqual(idOf(await jobs.start({ ...READS, requestSha256: 'C' }, run)), idOf(first));
  end(DONE);
  await new Promise((resolve) => setImmediate(resolve));
  assert.notEqual(idOf(await jobs.start(READS, () => work().run())), idOf(first));
});

test('what changes something is a job as soon as it tells how far it is, and a second one another', async () => {
  const jobs = new Jobs(() => 0, 600_000);
  const begun = () =>
    jobs.start(CHANGES, (progress) => {
      progress(1, 2, 'copying');
      return work().run();
    });
  const [first, second] = [idOf(await begun()), idOf(await begun())];
  assert.ok(first !== undefined && second !== undefined && first !== second);
  assert.deepEqual(
    jobs.reports().map(({ done, total, doing }) => [done, total, doing]),
    [
      [1, 2, 'copying'],
      [1, 2, 'copying'],
    ],
  );
});
