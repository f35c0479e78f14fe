/** Who asks in a simulated world, and how they prove it: users with right passphrases, agents with certificates, the appliance. */
import type { Fingerprint, UserId } from '../../src/core/ids.ts';
import { currentKeySplit } from '../../src/core/key-split-standing.ts';
import { effectiveSecurityOfficers } from '../../src/core/security-officers.ts';
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
  const user = [...store.state.page('user', '', 1000)].find((row) => row.name === name);
  const claim = {
    claim: 'user',
    userId: (user?.id ?? '') as UserId,
    verifierObjectId: user?.verifierObjectId ?? '',
  } as const;
  return { operation, input, claim };
}

/** As one of those who are Security Officers there now. */
export function asOfficer(machine: Machine, random: Random, operation: string, input: object): Call {
  const officer = random.pickAny(effectiveSecurityOfficers(machine.store.state));
  return asUser(machine, officer?.name ?? '', operation, input);
}

/** Names in the key split that counts there now. */
export function credentialsOf({ store }: Machine): readonly string[] {
  return JSON.parse(currentKeySplit(store.state)?.namesJson ?? '[]') as string[];
}

export function asAgent(fingerprint: Fingerprint, operation: string, input: object): Call {
  return { operation, input, claim: { claim: 'network' }, fingerprint };
}
