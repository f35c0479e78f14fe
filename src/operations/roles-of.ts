/** Which roles a user has now. It looks at no session and no passphrase. */
import type { UserId } from '../core/ids.ts';
import { effectiveSecurityOfficers } from '../core/security-officers.ts';
import type { StateView } from '../core/state.ts';
import { ROLES, type Role } from './operation.ts';

/** Changes on two sides may leave no officer at all: then the one who lost the standing last still counts (D2). */
export function rolesOf(state: StateView, userId: UserId): Role[] {
  const officer = effectiveSecurityOfficers(state).some((row) => row.id === userId);
  return ROLES.filter(
    (role) =>
      state.get('user_role', `${userId}:${role}`)?.present === 1 || (officer && role === 'SECURITY_OFFICER'),
  );
}
