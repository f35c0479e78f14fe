/** Operations on users and their roles. The last effective Security Officer can neither be deleted, disabled nor lose the role. */
import { z } from 'zod';
import { created, type Fact, removed, set } from '../core/facts.ts';
import { INTERNAL_ID_BYTES, idFrom, type ObjectId, type UserId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import { effectiveSecurityOfficers, everWasSecurityOfficer } from '../core/security-officers.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { sha256Hex } from '../security/sealing.ts';
import { reading, securityOfficer } from './common-settings.ts';
import { find, livingRows } from './entities.ts';
import { description, flag, name, passphrase } from './fields.ts';
import { listOperation } from './lists/list.ts';
import { newName } from './new-name.ts';
import { newVerifier } from './new-verifier.ts';
import { type NewObject, operation, ROLES } from './operation.ts';
import { shownUser, showUser, userEntity, userShown } from './show-user.ts';
import { success } from './success.ts';

const officer = { ...securityOfficer, quorum: true } as const;
const roles = () => z.array(z.enum(ROLES)).min(1).max(ROLES.length).meta({ description: 'roles' });

function verifierFacts(userId: string, verifier: NewObject): Fact[] {
  return [
    set('user', userId, {
      verifierObjectId: verifier.id,
      verifierSha256: sha256Hex(verifier.bytes),
      proofDisabled: 0,
    }),
  ];
}

/** Only differences are written, so that two officers who change different roles do not undo each other. */
function roleFacts(state: StateView, userId: string, wanted: readonly string[]): Fact[] {
  return ROLES.flatMap((role) => {
    const id = `${userId}:${role}`;
    const known = state.get('user_role', id);
    const present = wanted.includes(role) ? 1 : 0;
    if ((known?.present ?? 0) === present) return [];
    const facts = [set('user_role', id, { present })];
    return known === undefined
      ? [created('user_role', id, { userId: userId as UserId, role }), ...facts]
      : facts;
  });
}

function isLastOfficer(state: StateView, user: Row<'user'>): boolean {
  const officers = effectiveSecurityOfficers(state);
  return officers.length <= 1 && officers[0]?.id === user.id;
}

export const createUser = operation({
  ...officer,
  name: 'CreateUser',
  http: { method: 'POST', path: '/v1/users' },
  summary: 'Creates a user with roles and a passphrase.',
  input: z.strictObject({
    user: newName('user ID'),
    roles: roles(),
    description: description().default(''),
    passphrase: passphrase('passphrase of the new user'),
  }),
  output: z.null(),
  command: {
    words: ['user', 'create'],
    arguments: ['user'],
    example:
      'kma user create olga --roles OPERATOR --passphrase-file olga.txt --user officer --quorum-file quorum.txt',
  },
  prepare: (input, context) => newVerifier(context, input.user, input.passphrase),
  decide(input, { state, nowMs, random }, verifier: NewObject) {
    if (byName(state, 'user', input.user) !== undefined) return refuse('USER_EXISTS', input.user);
    const id = idFrom<UserId>(random(INTERNAL_ID_BYTES));
    const facts = [
      created('user', id, { name: input.user, createdAt: nowMs }),
      set('user', id, { description: input.description, enabled: 1 }),
      ...verifierFacts(id, verifier),
      ...roleFacts(state, id, input.roles),
    ];
    return {
      facts,
      objects: [verifier],
      output: null,
      audit: success(`user=${input.user} roles=${input.roles.join(',')}`),
      effects: [{ effect: 'passphrase-set', entity: `user:${input.user}` }],
    };
  },
});

export const listUsers = listOperation({
  ...reading,
  callers: ['SECURITY_OFFICER'],
  name: 'ListUsers',
  http: { method: 'GET', path: '/v1/users' },
  summary: 'Lists the users with their roles.',
  row: shownUser,
  key: ['user'],
  order: 'user',
  command: { words: ['user', 'list'], example: 'kma user list --user officer' },
  rows({ state, proofFailures }) {
    const failures = proofFailures();
    return livingRows(state, 'user').map((row) => userShown(state, row, failures));
  },
});

export const modifyUser = operation({
  ...officer,
  name: 'ModifyUser',
  http: { method: 'PATCH', path: '/v1/users/{user}' },
  summary: "Changes a user's description, roles, or whether he is enabled.",
  input: z.strictObject({
    user: name('user ID'),
    description: description().optional(),
    roles: roles().optional(),
    enabled: flag('whether the user may work').optional(),
  }),
  output: z.null(),
  command: {
    words: ['user', 'modify'],
    arguments: ['user'],
    example: 'kma user modify olga --no-enabled --user officer --quorum-file quorum.txt',
  },
  entity: userEntity,
  decide(input, { state }) {
    const user = find(state, 'user', input.user, 'USER_DOES_NOT_EXIST');
    if (isRefusal(user)) return user;
    if (isLastOfficer(state, user)) {
      if (input.enabled === false) return refuse('ONLY_SECURITY_OFFICER_DELETE', input.user);
      if (input.roles !== undefined && !input.roles.includes('SECURITY_OFFICER'))
        return refuse('ONLY_SECURITY_OFFICER_ROLE', input.user);
    }
    const cells = {
      ...(input.description === undefined ? {} : { description: input.description }),
      ...(input.enabled === undefined ? {} : { enabled: input.enabled ? 1 : 0 }),
    };
    const facts = [
      ...(Object.keys(cells).length > 0 ? [set('user', user.id, cells)] : []),
      ...(input.roles === undefined ? [] : roleFacts(state, user.id, input.roles)),
    ];
    return {
      facts,
      output: null,
      audit: success(
        `user=${input.user} changed=${Object.keys(input)
          .filter((field) => field !== 'user')
          .join(',')}`,
      ),
    };
  },
});

export const setUserPassphrase = operation({
  ...officer,
  name: 'SetUserPassphrase',
  http: { method: 'PUT', path: '/v1/users/{user}/passphrase' },
  summary: "Sets another user's passphrase, also after too many failed attempts.",
  input: z.strictObject({ user: name('user ID'), passphrase: passphrase('new passphrase') }),
  output: z.null(),
  command: {
    words: ['user', 'set-passphrase'],
    arguments: ['user'],
    example:
      'kma user set-passphrase olga --passphrase-file olga.txt --user officer --quorum-file quorum.txt',
  },
  prepare: (input, context) => newVerifier(context, input.user, input.passphrase),
  decide(input, { state }, verifier: NewObject) {
    const user = find(state, 'user', input.user, 'USER_DOES_NOT_EXIST');
    if (isRefusal(user)) return user;
    return {
      facts: verifierFacts(user.id, verifier),
      objects: [verifier],
      erase: user.verifierObjectId === null ? [] : [user.verifierObjectId],
      output: null,
      audit: success(`user=${input.user}`),
      effects: [{ effect: 'passphrase-set', entity: `user:${input.user}` }],
    };
  },
});

export const changeOwnPassphrase = operation({
  callers: ROLES,
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Management', retention: 'long' },
  name: 'ChangeOwnPassphrase',
  http: { method: 'PUT', path: '/v1/session/passphrase' },
  summary: 'Changes the passphrase of the user who asks.',
  input: z.strictObject({ newPassphrase: passphrase('new passphrase') }),
  output: z.null(),
  command: {
    words: ['user', 'change-own-passphrase'],
    example: 'kma user change-own-passphrase --new-passphrase-file new.txt --user olga',
  },
  async prepare(input, context) {
    if (context.caller.kind !== 'user') return refuse('ACCESS_DENIED');
    return newVerifier(context, context.caller.name, input.newPassphrase);
  },
  decide(_input, { state, caller }, verifier: NewObject) {
    if (caller.kind !== 'user') return refuse('ACCESS_DENIED');
    const old = state.get('user', caller.id)?.verifierObjectId ?? null;
    return {
      facts: verifierFacts(caller.id, verifier),
      objects: [verifier],
      erase: old === null ? [] : [old],
      output: null,
      audit: success(`user=${caller.name}`),
    };
  },
});

/** A deleted Security Officer may yet turn out to be the survivor of concurrent deletions (D2) and has to log in then. */
function erasableVerifier(state: StateView, user: Row<'user'>): ObjectId[] {
  return everWasSecurityOfficer(state, user.id) || user.verifierObjectId === null
    ? []
    : [user.verifierObjectId];
}

export const deleteUser = operation({
  ...securityOfficer,
  name: 'DeleteUser',
  http: { method: 'DELETE', path: '/v1/users/{user}' },
  entity: userEntity,
  summary: 'Deletes a user.',
  input: z.strictObject({ user: name('user ID') }),
  output: z.null(),
  command: { words: ['user', 'delete'], arguments: ['user'], example: 'kma user delete olga --user officer' },
  decide(input, { state }) {
    const user = find(state, 'user', input.user, 'USER_DOES_NOT_EXIST');
    if (isRefusal(user)) return user;
    if (isLastOfficer(state, user)) return refuse('ONLY_SECURITY_OFFICER_DELETE', input.user);
    return {
      facts: [removed('user', user.id)],
      erase: erasableVerifier(state, user),
      output: null,
      audit: success(`user=${input.user}`),
      effects: [{ effect: 'passphrase-set', entity: `user:${user.name}` }],
    };
  },
});

export const listRoles = listOperation({
  ...reading,
  callers: ['SECURITY_OFFICER'],
  name: 'ListRoles',
  http: { method: 'GET', path: '/v1/roles' },
  summary: 'Lists the six roles with what they are for.',
  row: z.strictObject({ role: z.string(), description: z.string() }),
  key: ['role'],
  order: 'role',
  command: { words: ['role', 'list'], example: 'kma role list --user officer' },
  rows: () => Object.entries(ROLE_TEXTS).map(([role, text]) => ({ role, description: text })),
});

const ROLE_TEXTS: Readonly<Record<(typeof ROLES)[number], string>> = {
  SECURITY_OFFICER: 'security settings, KMAs, users, sites, core security',
  COMPLIANCE_OFFICER: 'key policies, key groups, which agent may use which group',
  OPERATOR: 'agents, data units and keys day by day',
  BACKUP_OPERATOR: 'backups and the key pool',
  AUDITOR: 'reads the audit log and the settings',
  QUORUM_MEMBER: 'sees and approves pending quorum operations',
};

export const userOperations = [
  createUser,
  showUser,
  listUsers,
  modifyUser,
  setUserPassphrase,
  changeOwnPassphrase,
  deleteUser,
  listRoles,
];
