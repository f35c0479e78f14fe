/** ShowSession and LogOut: what a caller may know and end of himself. They look at nobody else. */
import { z } from 'zod';
import { refuse } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { StateView } from '../../core/state.ts';
import type { OpenSession } from '../contexts.ts';
import { dateText } from '../fields.ts';
import { type Caller, type Origin, operation, ROLES } from '../operation.ts';
import { success } from '../success.ts';

const everybody = { callers: ROLES, quorum: false, needsUnlocked: false, changes: false } as const;

const ownOf = (sessions: readonly OpenSession[], origin: Origin) =>
  origin.service === 'management'
    ? sessions.find(({ fingerprint }) => fingerprint === origin.fingerprint)
    : undefined;

const certificateOf = (state: StateView, { service, fingerprint }: Origin) =>
  service === 'management' && fingerprint !== null ? state.get('user_certificate', fingerprint) : undefined;

const userOf = (caller: Caller) => {
  if (caller.kind !== 'user') throw new Error('only users have sessions');
  return caller;
};

export const showSession = operation({
  ...everybody,
  name: 'ShowSession',
  summary: 'Shows who is calling, with which roles, and until when the log-in or saved certificate counts.',
  audit: { class: 'Management', retention: 'short' },
  input: z.strictObject({}),
  output: z.strictObject({
    user: z.string(),
    roles: z.array(z.enum(ROLES)),
    /** SHA-256 of the key of the log-in or certificate; "" for who gave his passphrase with the command. */
    key: z.string(),
    createdAt: z.string(),
    expiresAt: z.string(),
    /** 0: none. */
    inactivityMinutes: z.int(),
    /** Credentials of a quorum that are sealed in this log-in can be opened (docs/proof.md, 11). */
    opensSealed: z.boolean(),
  }),
  command: { words: ['session', 'show'], example: 'kma session show --user olga' },
  http: { method: 'GET', path: '/v1/session' },
  decide(_input, { state, caller, origin, sessions, opensSealed }) {
    const { name, roles } = userOf(caller);
    const session = ownOf(sessions?.() ?? [], origin);
    const certificate = certificateOf(state, origin);
    return {
      facts: [],
      output: {
        user: name,
        roles: [...roles],
        key: session?.fingerprint ?? certificate?.id ?? '',
        createdAt: dateText(session?.createdAtMs ?? certificate?.createdAt ?? null),
        expiresAt: dateText(session?.expiresAtMs ?? certificate?.notAfter ?? null),
        inactivityMinutes: certificate === undefined ? readSetting(state, 'sessionInactivityMinutes') : 0,
        opensSealed: session !== undefined && opensSealed?.(session.fingerprint) === true,
      },
    };
  },
});

export const logOut = operation({
  ...everybody,
  whileGivingWay: true,
  name: 'LogOut',
  summary: "Ends the caller's log-in: its key counts no more.",
  audit: { class: 'Management', retention: 'medium' },
  input: z.strictObject({}),
  output: z.null(),
  command: { words: ['session', 'log-out'], example: 'kma session log-out --user olga' },
  http: { method: 'DELETE', path: '/v1/session' },
  decide(_input, { caller, origin, sessions }) {
    const session = ownOf(sessions?.() ?? [], origin);
    if (session === undefined) return refuse('SESSION_UNKNOWN', 'there is no log-in to end');
    return {
      facts: [],
      endSessions: [session.fingerprint],
      output: null,
      audit: success(`user=${userOf(caller).name} key=${session.fingerprint}`),
    };
  },
});
