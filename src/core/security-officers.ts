/** Who counts as a Security Officer, with the deterministic survivor of concurrent changes (D2). It checks no passphrase. */
import { columnStamp } from './column-stamps.ts';
import type { UserId } from './ids.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

const ROLE = 'SECURITY_OFFICER';
/** Users who have or had the role; far more than a cluster has people. */
const OFFICERS_MAX = 10_000;

/**
 * Living, enabled users with the role. A single operation never leaves none, but two of them on two sides of a
 * partition may: then the one who lost the standing last keeps it.
 */
export function effectiveSecurityOfficers(state: StateView): readonly Row<'user'>[] {
  const known = state.scan('user_role', 'role', { equals: [ROLE], limit: OFFICERS_MAX }).flatMap((role) => {
    const user = role.userId === null ? undefined : state.get('user', role.userId);
    return user === undefined || user.createdStamp === null
      ? []
      : [{ user, lostStamp: lostStamp(user, role) }];
  });
  const effective = known.filter(({ lostStamp }) => lostStamp === null);
  return (effective.length > 0 ? effective : lastLost(known)).map(({ user }) => user);
}

/** Who once had the role can turn out to be the survivor of concurrent deletions. */
export function everWasSecurityOfficer(state: Pick<StateView, 'get'>, userId: string): boolean {
  return state.get('user_role', `${userId}:${ROLE}`)?.createdStamp != null;
}

/** True where disabling this user's passphrase proof would leave no officer who can log in (D15). */
export function isLastUsableSecurityOfficer(state: StateView, userId: UserId): boolean {
  const usable = effectiveSecurityOfficers(state).filter((user) => user.proofDisabled !== 1);
  return usable.length === 1 && usable[0]?.id === userId;
}

interface Known {
  readonly user: Row<'user'>;
  /** When the user stopped being an officer; null for one who is. */
  readonly lostStamp: string | null;
}

function lostStamp(user: Row<'user'>, role: Row<'user_role'>): string | null {
  const losses: string[] = [];
  if (user.removedStamp !== null) losses.push(user.removedStamp);
  if (user.enabled !== 1) losses.push(columnStamp(user, 'enabled') ?? '');
  if (role.present !== 1) losses.push(columnStamp(role, 'present') ?? '');
  return losses.sort()[0] ?? null;
}

function lastLost(known: readonly Known[]): readonly Known[] {
  const order = ({ user, lostStamp }: Known) => `${lostStamp} ${user.id}`;
  const last = [...known].sort((a, b) => (order(a) < order(b) ? 1 : -1))[0];
  return last === undefined ? [] : [last];
}
