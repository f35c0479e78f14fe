/** Proves who calls, inside the transaction and at every operation (D7); it never takes a front's word beyond the certificate's fingerprint. */

import type { UserId } from '../../core/ids.ts';
import { live } from '../../core/live.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { workingUser } from '../../core/user-session.ts';
import type { Caller, Callers, Origin } from '../../operations/operation.ts';
import { rolesOf } from '../../operations/roles-of.ts';

/** What came before the transaction: nothing, a TLS certificate, or a user whose passphrase has just been verified. */
export type Claim =
  | { readonly claim: 'network' }
  | { readonly claim: 'user'; readonly userId: UserId; readonly verifierObjectId: string }
  | { readonly claim: 'appliance' };

/** The caller, or why not; the detail is for the audit record. */
export function identify(state: StateView, callers: Callers, origin: Origin, claim: Claim): Caller | Refusal {
  if (claim.claim === 'appliance') return { kind: 'local' };
  if (callers === 'stranger') return { kind: 'stranger' };
  if (claim.claim === 'user')
    return callers === 'agent' || callers === 'local'
      ? deny('not for users')
      : identifyUser(state, callers, claim.userId, claim.verifierObjectId);
  return callers === 'agent' ? identifyAgent(state, origin) : deny('not for callers from the network');
}

function identifyAgent(state: StateView, origin: Origin): Caller | Refusal {
  if (origin.fingerprint === null) return deny('no certificate');
  const certificate = state.get('agent_certificate', origin.fingerprint);
  if (certificate === undefined || certificate.createdStamp === null) return deny('certificate unknown');
  const agent: Row<'agent'> | undefined = live(state, 'agent', certificate.agentId);
  if (certificate.revokedStamp !== null) return deny('certificate revoked');
  if (agent === undefined) return deny('agent deleted');
  if (agent.enabled !== 1) return deny('agent disabled');
  return { kind: 'agent', agent };
}

/** The name of the agent a certificate was issued to, whatever became of either; null where it is not ours. */
export function holderOf(state: StateView, { fingerprint }: Origin): string | null {
  const certificate = fingerprint === null ? undefined : state.get('agent_certificate', fingerprint);
  if (certificate === undefined || certificate.agentId === null) return null;
  return state.get('agent', certificate.agentId)?.name ?? '';
}

function identifyUser(
  state: StateView,
  callers: Callers,
  userId: UserId,
  verifierObjectId: string,
): Caller | Refusal {
  const user = workingUser(state, userId);
  if (user === undefined || user.name === null) return deny('user deleted or disabled');
  if (user.verifierObjectId !== verifierObjectId || user.proofDisabled === 1)
    return deny('passphrase changed or disabled meanwhile');
  const roles = rolesOf(state, userId);
  const allowed = Array.isArray(callers) && callers.some((role) => roles.includes(role));
  if (!allowed) return deny(`user ${user.name} has no role for this`);
  return { kind: 'user', id: userId, name: user.name, roles };
}

function deny(detail: string): Refusal {
  return refuse('ACCESS_DENIED', detail);
}
