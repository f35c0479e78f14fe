/** The passphrases of a quorum, and of a key split that is to be made, are gone from the core's memory whatever becomes of the operation. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { withCore } from '../../../test/support/core-alone.ts';
import { type Person, QUORUM, TestKma } from '../../../test/support/kma.ts';
import { isRefusal } from '../../core/refusal.ts';
import { findOperation } from '../../operations/catalogue.ts';
import type { Credential } from '../../operations/operation.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { Core } from './core.ts';
import { APPLIANCE, type CoreCall } from './core-call.ts';
import { quorumStep } from './quorum-step.ts';

const NEW_HOLDERS = ['dora', 'emil'].map((name) => ({ name, passphrase: 'Split-once-more-8' }));

const kma = await TestKma.start({ bare: true });
await kma.stop();
after(() => kma[Symbol.asyncDispose]());

const secretOf = ({ name, passphrase }: Person) => ({ name, passphrase: SecretBytes.fromText(passphrase) });

/** A call with credentials, and what is left of their passphrases. */
function callWith(operation: string, input: object, quorum: readonly Person[]) {
  const given: Credential[] = quorum.map(secretOf);
  const fresh: Credential[] = NEW_HOLDERS.map((person) => ({ ...secretOf(person), new: true }));
  const call: CoreCall = {
    operation,
    input,
    origin: APPLIANCE,
    claim: { claim: 'appliance' },
    quorum: [...given, ...fresh],
  };
  return { call, left: () => ({ given: anyLeft(given), fresh: anyLeft(fresh) }) };
}

const anyLeft = (credentials: readonly Credential[]) =>
  credentials.some(({ passphrase }) => passphrase.reveal().some((byte) => byte !== 0));

const GONE = { given: false, fresh: false };
const WRONG: readonly Person[] = [{ name: QUORUM[0]?.name ?? '', passphrase: 'Not-the-right-one-1' }];

const stepOf = (core: Core, call: CoreCall) => {
  const operation = findOperation(call.operation) ?? assert.fail();
  return quorumStep(operation, call, { kind: 'local' }, core.parts);
};

test('new credentials outlive the step only where it takes them, and the quorum never does', () =>
  withCore(kma.data, async ({ core }) => {
    const { call, left } = callWith('ModifyKeySplit', { threshold: 2 }, QUORUM);
    const step = await stepOf(core, call);
    assert.ok(!isRefusal(step));
    assert.deepEqual(
      step.newCredentials.map(({ passphrase }) => passphrase.reveal().toString()),
      NEW_HOLDERS.map(({ passphrase }) => passphrase),
    );
    step.quorum?.rootKeyMaterial?.wipe();
    assert.deepEqual(left(), { given: false, fresh: true });
  }));

test('a step that refuses leaves none of them', () =>
  withCore(kma.data, async ({ core }) => {
    const refusals = [
      ['QUORUM_NOT_MET', callWith('ModifyKeySplit', { threshold: 2 }, WRONG)],
      ['QUORUM_NOT_MET', callWith('ModifyKeySplit', { threshold: 2 }, [])],
      ['INVALID_PARAMETERS', callWith('SetAutonomousUnlock', { enabled: true }, QUORUM)],
    ] as const;
    for (const [code, { call, left }] of refusals) {
      const step = await stepOf(core, call);
      assert.ok(isRefusal(step) && step.refused === code, JSON.stringify(step));
      assert.deepEqual(left(), GONE, code);
    }
  }));

test('after the operation all are gone, whether it was carried out or refused', () =>
  withCore(kma.data, async ({ core }) => {
    const refused = callWith('ModifyKeySplit', { threshold: 3 }, QUORUM);
    const answer = await core.call(refused.call);
    assert.ok(isRefusal(answer) && answer.refused === 'INVALID_PARAMETERS');
    assert.deepEqual(refused.left(), GONE);
    const done = callWith('ModifyKeySplit', { threshold: 2 }, QUORUM);
    assert.deepEqual(await core.call(done.call), { output: null });
    assert.deepEqual(done.left(), GONE);
  }));
