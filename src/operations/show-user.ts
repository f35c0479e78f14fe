/** ShowUser: one user as people see him, and the version of what they see. It changes nothing. */
import { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { reading } from './common-settings.ts';
import { find, named, shownName } from './entities.ts';
import { dateText, name } from './fields.ts';
import { operation, ROLES } from './operation.ts';
import { type Entity, rowVersion } from './row-version.ts';

export const userEntity: Entity<{ readonly user: string }> = {
  version(state, input) {
    const user = named(state, 'user', input.user);
    if (user === undefined) return null;
    return rowVersion(user, ...ROLES.map((role) => state.get('user_role', `${user.id}:${role}`)));
  },
};

export const shownUser = z.strictObject({
  user: z.string(),
  description: z.string(),
  roles: z.array(z.string()),
  enabled: z.boolean(),
  passphraseUsable: z.boolean(),
  failedLogins: z.number(),
  createdAt: z.string(),
});

export function userShown(
  state: StateView,
  row: Row<'user'>,
  failures: ReadonlyMap<string, number>,
): z.infer<typeof shownUser> {
  return {
    user: shownName(state, 'user', row),
    description: row.description ?? '',
    roles: ROLES.filter((role) => state.get('user_role', `${row.id}:${role}`)?.present === 1),
    enabled: row.enabled === 1,
    passphraseUsable: row.proofDisabled !== 1,
    failedLogins: failures.get(`user:${row.name}`) ?? 0,
    createdAt: dateText(row.createdAt),
  };
}

export const showUser = operation({
  name: 'ShowUser',
  summary: 'Shows a user with his roles.',
  ...reading,
  callers: ['SECURITY_OFFICER'],
  input: z.strictObject({ user: name('user ID') }),
  output: shownUser,
  command: { words: ['user', 'show'], arguments: ['user'], example: 'kma user show olga --user officer' },
  http: { method: 'GET', path: '/v1/users/{user}' },
  entity: userEntity,
  view(input, { state, proofFailures }) {
    const user = find(state, 'user', input.user, 'USER_DOES_NOT_EXIST');
    return isRefusal(user) ? user : userShown(state, user, proofFailures());
  },
});
