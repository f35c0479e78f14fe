/** ListSessions and EndSessions: the log-ins at this KMA, for Security Officers. They change no user. */
import { z } from 'zod';
import { byName } from '../../core/live.ts';
import { refuse } from '../../core/refusal.ts';
import { dateText, name } from '../fields.ts';
import { listOfCore } from '../lists/list.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';

const officer = {
  callers: ['SECURITY_OFFICER'],
  quorum: false,
  needsUnlocked: false,
  changes: false,
} as const;

export const listSessions = listOfCore({
  ...officer,
  name: 'ListSessions',
  summary: 'Lists who is logged in at this KMA.',
  audit: { class: 'Management', retention: 'short' },
  row: z.strictObject({
    user: z.string(),
    key: z.string(),
    createdAt: z.string(),
    usedAt: z.string(),
    expiresAt: z.string(),
  }),
  key: ['key'],
  order: 'createdAt',
  descending: true,
  command: { words: ['session', 'list'], example: 'kma session list --user officer' },
  http: { method: 'GET', path: '/v1/sessions' },
  rows: ({ sessions }) =>
    (sessions?.() ?? []).map(({ user, fingerprint, createdAtMs, usedAtMs, expiresAtMs }) => ({
      user,
      key: fingerprint,
      createdAt: dateText(createdAtMs),
      usedAt: dateText(usedAtMs),
      expiresAt: dateText(expiresAtMs),
    })),
});

export const endSessions = operation({
  ...officer,
  name: 'EndSessions',
  summary: 'Ends all log-ins of a user at this KMA; he may log in again.',
  audit: { class: 'Security Officer', retention: 'long' },
  input: z.strictObject({ user: name('user ID') }),
  output: z.strictObject({ ended: z.int() }),
  command: {
    words: ['session', 'end'],
    arguments: ['user'],
    example: 'kma session end olga --user officer',
  },
  http: { method: 'DELETE', path: '/v1/users/{user}/sessions' },
  decide({ user: userName }, { state, sessions }) {
    const user = byName(state, 'user', userName);
    if (user === undefined) return refuse('USER_DOES_NOT_EXIST', userName);
    const ended = (sessions?.() ?? []).filter(({ userId }) => userId === user.id);
    return {
      facts: [],
      endSessions: ended.map(({ fingerprint }) => fingerprint),
      output: { ended: ended.length },
      audit: success(`user=${userName} ended=${ended.length}`),
    };
  },
});
