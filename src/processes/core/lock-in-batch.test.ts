/** A lock, and what needs an unlocked KMA, in one commit: what comes behind the lock finds the KMA locked and changes nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withCore } from '../../../test/support/core-alone.ts';
import { QUORUM, TestKma } from '../../../test/support/kma.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { autonomousUnlockEnabled } from '../../setup/autonomous-unlock-files.ts';
import type { CommitTask } from './committer.ts';
import { APPLIANCE, type CoreAnswer, type CoreCall } from './core-call.ts';
import type { RunningCore } from './open-core.ts';

const callOf = (operation: string, input: object = {}): CoreCall => ({
  operation,
  input,
  origin: APPLIANCE,
  claim: { claim: 'appliance' },
  quorum: QUORUM.map(({ name, passphrase }) => ({ name, passphrase: SecretBytes.fromText(passphrase) })),
});

/** The answers to the call and to a lock that are committed together: whichever is ready first waits for the other. */
async function withLock(
  { core }: RunningCore,
  call: CoreCall,
  order: 'lock first' | 'lock last',
): Promise<{ readonly answer: CoreAnswer; readonly lock: CoreAnswer }> {
  const { committer } = core;
  const submit = committer.submit.bind(committer);
  const lock = Promise.withResolvers<CoreAnswer>();
  const lockWaits = Promise.withResolvers<void>();
  committer.submit = <D, R>(task: CommitTask<D, R>): Promise<R> => {
    committer.submit = <E, S>(ofLock: CommitTask<E, S>): Promise<S> => {
      committer.submit = submit;
      lockWaits.resolve();
      return submit(ofLock);
    };
    const answered = order === 'lock last' ? submit(task) : lockWaits.promise.then(() => submit(task));
    lock.resolve(core.call(callOf('LockKma')));
    return answered;
  };
  const before = committer.statistics().commits;
  const answers = { answer: await core.call(call), lock: await lock.promise };
  assert.equal(committer.statistics().commits, before + 1, 'one commit');
  return answers;
}

async function unlockedKma(work: (running: RunningCore) => Promise<void>): Promise<void> {
  await using kma = await TestKma.start({ bare: true, answers: { autonomousUnlock: false } });
  await kma.stop();
  await withCore(kma.data, async (running) => {
    running.pool.stop();
    assert.deepEqual(await running.core.call(callOf('UnlockKma')), { output: null });
    await work(running);
  });
}

const choice = () => callOf('SetAutonomousUnlock', { enabled: true });

test('autonomous unlocking that is chosen behind a lock is refused, and nothing of it is left', () =>
  unlockedKma(async (running) => {
    const { store } = running.core.parts;
    const before = store.getLocal('autonomousUnlock');
    const { answer, lock } = await withLock(running, choice(), 'lock first');
    assert.deepEqual([answer, lock], [{ refused: 'APPLIANCE_LOCKED' }, { output: null }]);
    assert.equal(store.getLocal('autonomousUnlock'), before);
    assert.ok(!autonomousUnlockEnabled(running.directory));
  }));

test('chosen before the lock it holds, and the KMA is locked all the same', () =>
  unlockedKma(async (running) => {
    const { store, memory } = running.core.parts;
    const { answer, lock } = await withLock(running, choice(), 'lock last');
    assert.deepEqual([answer, lock], [{ output: null }, { output: null }]);
    assert.ok(autonomousUnlockEnabled(running.directory));
    assert.deepEqual([store.getLocal('locked'), memory.unlocked], ['1', false]);
  }));

test('new root key material that comes when the KMA was locked meanwhile does not unlock it, and is wiped', () =>
  unlockedKma(async ({ core }) => {
    const { memory, effect } = core.parts;
    const root = () => ({ rootEpochId: 'NEXT', rootKeyMaterial: new SecretBytes(Buffer.alloc(32, 7)) });
    effect({ effect: 'root-replaced', ...root() });
    assert.ok(memory.root('NEXT'));
    effect({ effect: 'lock' });
    const late = root();
    effect({ effect: 'root-replaced', ...late });
    assert.equal(memory.unlocked, false);
    assert.deepEqual(late.rootKeyMaterial.reveal(), Buffer.alloc(32));
  }));
