/** Proves who calls, inside the transaction and at every operation (D7); it never takes a front's word beyond the certificate's fingerprint. */
import type { Fingerprint, UserId } from '../core/ids.ts';
import { live } from '../core/live.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { CertificatePurpose } from '../core/tables/user-certificates.ts';
import type { Row } from '../core/tables.ts';
import { workingUser } from '../core/user-session.ts';
import { type Caller, type Callers, type Operation, type Origin, ROLES, type Role } from './operation.ts';
import { rolesOf } from './roles-of.ts';

/** What came before the transaction: nothing, a TLS certificate, a user whose passphrase has just been verified, or the key of a log-in. */
export type Claim =
  | { readonly claim: 'network' }
  | { readonly claim: 'user'; readonly userId: UserId; readonly verifierObjectId: string }
  | { readonly claim: 'session'; readonly keySha256: Fingerprint | null }
  | { readonly claim: 'appliance' };

/** Who a key belongs to now. */
export interface KnownUser {
  readonly user: Row<'user'>;
  readonly roles: readonly Role[];
  readonly purpose: CertificatePurpose;
}
export interface KeyOwners {
  /** May be asked inside a transaction. */
  find(keySha256: Fingerprint, nowMs: number): KnownUser | null;
}

type Rights = Pick<Operation, 'callers' | 'forManagers' | 'forMonitoring'>;

/** The caller, or why not; the detail is for the audit record. */
export function identify(
  state: StateView,
  operation: Rights,
  origin: Origin,
  claim: Claim,
  keys: KeyOwners,
  nowMs: number,
): Caller | Refusal {
  const { callers } = operation;
  if (claim.claim === 'appliance') return { kind: 'local' };
  if (claim.claim === 'session') return identifySession(operation, claim.keySha256, keys, nowMs);
  if (callers === 'stranger') return { kind: 'stranger' };
  if (claim.claim === 'user')
    return callers === 'agent' || callers === 'local'
      ? deny('not for users')
      : identifyUser(state, callers, claim.userId, claim.verifierObjectId);
  return callers === 'agent' ? identifyAgent(state, origin) : deny('not for callers from the network');
}

/** The passphrase is not asked for again: guesses of strangers disable its proof, not what was proven before (D15). */
function identifySession(
  { callers, forManagers, forMonitoring }: Rights,
  keySha256: Fingerprint | null,
  keys: KeyOwners,
  nowMs: number,
): Caller | Refusal {
  const known = keySha256 === null ? null : keys.find(keySha256, nowMs);
  if (known === null) return refuse('SESSION_UNKNOWN');
  if (known.purpose === 'full')
    return withRole(forManagers === true ? ROLES : callers, known.user, known.roles);
  const { id, name } = known.user;
  return forMonitoring === true
    ? { kind: 'user', id: id as UserId, name: name ?? '', roles: [] }
    : deny(`a certificate of user ${name} for monitoring`);
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
export function holderOf(
  state: StateView,
  { service, fingerprint }: Pick<Origin, 'service' | 'fingerprint'>,
): string | null {
  if (service === 'management') return null;
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
  if (user === undefined) return deny('user deleted or disabled');
  if (user.verifierObjectId !== verifierObjectId || user.proofDisabled === 1)
    return deny('passphrase changed or disabled meanwhile');
  return withRole(callers, user, rolesOf(state, userId));
}

function withRole(callers: Callers, user: Row<'user'>, roles: readonly Role[]): Caller | Refusal {
  const name = user.name ?? '';
  const allowed = Array.isArray(callers) && callers.some((role) => roles.includes(role));
  return allowed
    ? { kind: 'user', id: user.id as UserId, name, roles }
    : deny(`user ${name} has no role for this`);
}

function deny(detail: string): Refusal {
  return refuse('ACCESS_DENIED', detail);
}
