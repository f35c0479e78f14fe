/** Who asks in a simulated world, and how they prove it: users with right passphrases, agents with certificates, the appliance. */
import type { Fingerprint, UserId } from '../../src/core/ids.ts';
import type { SplitSearch } from '../../src/core/missing-split.ts';
import { effectiveSecurityOfficers } from '../../src/core/security-officers.ts';
import type { Row } from '../../src/core/tables.ts';
import { keySplitFor, type SplitsHere, splitSearch } from '../../src/operations/pending/quorum-outcome.ts';
import type { Call } from '../core.ts';
import type { Machine } from '../machine.ts';
import type { Random } from '../random.ts';

/** Key split credentials of the beginning; two are a quorum. */
export const CREDENTIALS = ['cred-a', 'cred-b', 'cred-c'];
export const PASSPHRASE = 'Right-one-1';

export function appliance(operation: string, input: object): Call {
  return { operation, input, claim: { claim: 'appliance' } };
}

/** As somebody who logs in at this machine with the right passphrase. */
export function asUser({ store }: Machine, name: string, operation: string, input: object): Call {
  return asThis(
    [...store.state.page('user', '', 1000)].find((row) => row.name === name),
    operation,
    input,
  );
}

function asThis(user: Row<'user'> | undefined, operation: string, input: object): Call {
  const claim = {
    claim: 'user',
    userId: (user?.id ?? '') as UserId,
    verifierObjectId: user?.verifierObjectId ?? '',
  } as const;
  return { operation, input, claim };
}

/** As one of those who are Security Officers there now. */
export function asOfficer(machine: Machine, random: Random, operation: string, input: object): Call {
  return asThis(random.pickAny(effectiveSecurityOfficers(machine.store.state)), operation, input);
}

export function splitSearchOf(machine: Machine): SplitSearch {
  return splitSearch(splitsAt(machine));
}

function splitsAt(machine: Machine): SplitsHere {
  const { store, self } = machine;
  return { store, self, lacking: (kmaId, objectId) => machine.lacking(kmaId, objectId) };
}

/** Names in the key split that counts there now, for this operation. */
export function credentialsOf(machine: Machine, operation: string): readonly string[] {
  return JSON.parse(
    keySplitFor(splitsAt(machine), machine.findOperation(operation) ?? {})?.namesJson ?? '[]',
  ) as string[];
}

export function asAgent(fingerprint: Fingerprint, operation: string, input: object): Call {
  return { operation, input, claim: { claim: 'network' }, fingerprint };
}
