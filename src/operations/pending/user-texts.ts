/** What approvers read of operations on users: each value before and after, and those that stay. It changes nothing. */
import { byName } from '../../core/live.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { find } from '../entities.ts';
import { ROLES } from '../operation.ts';
import { createUser, modifyUser, setUserPassphrase } from '../users.ts';
import { quote } from './canonical-text.ts';
import { pendable } from './pendable.ts';

const yesOrNo = (flag: boolean) => (flag ? 'yes' : 'no');
const list = (roles: readonly string[]) => ROLES.filter((role) => roles.includes(role)).join(', ') || 'none';

/** "Enabled: yes -> no", or "Enabled: yes, stays". */
export function change(what: string, before: string, after: string | undefined): string {
  return after === undefined ? `${what}: ${before}, stays` : `${what}: ${before} -> ${after}`;
}

interface Changes {
  readonly description?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly enabled?: boolean | undefined;
}

function userLines(state: StateView, user: Row<'user'>, changes: Changes): string[] {
  const { description, roles, enabled } = changes;
  const present = ROLES.filter((role) => state.get('user_role', `${user.id}:${role}`)?.present === 1);
  return [
    change(
      'Description',
      quote(user.description),
      description === undefined ? undefined : quote(description),
    ),
    change('Roles', list(present), roles === undefined ? undefined : list(roles)),
    change('Enabled', yesOrNo(user.enabled === 1), enabled === undefined ? undefined : yesOrNo(enabled)),
  ];
}

export const pendableUserOperations = [
  pendable(createUser, (input, state) => {
    if (byName(state, 'user', input.user) !== undefined) return refuse('USER_EXISTS', input.user);
    return [
      `A user is created: ${quote(input.user)}`,
      `Description: ${quote(input.description)}`,
      `Roles: ${list(input.roles)}`,
    ];
  }),
  pendable(modifyUser, ({ user: name, ...changes }, state) => {
    const user = find(state, 'user', name, 'USER_DOES_NOT_EXIST');
    if (isRefusal(user)) return user;
    return [`A user is changed: ${quote(user.name)}, ${user.id}`, ...userLines(state, user, changes)];
  }),
  pendable(setUserPassphrase, ({ user: name }, state) => {
    const user = find(state, 'user', name, 'USER_DOES_NOT_EXIST');
    if (isRefusal(user)) return user;
    return [
      `A user gets another passphrase: ${quote(user.name)}, ${user.id}`,
      `Verifier of the passphrase until now: ${user.verifierSha256 || 'none'}`,
      ...userLines(state, user, {}),
    ];
  }),
];
