/** ListUserCertificates and RevokeUserCertificate: users have their own, Security Officers all. Nothing brings a revoked one back. */
import { z } from 'zod';
import { event } from '../../core/facts.ts';
import { live } from '../../core/live.ts';
import { refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { certificateUser, isOpenCertificate } from '../../core/user-certificate.ts';
import { dateText, flag, sha256 } from '../fields.ts';
import { listOfCore } from '../lists/list.ts';
import { operation, ROLES } from '../operation.ts';
import { success } from '../success.ts';
import { callingUser, seesAll } from './of-caller.ts';

const everybody = { callers: ROLES, quorum: false, needsUnlocked: false } as const;
const PAGE = 1000;

const shown = z.strictObject({
  key: z.string(),
  user: z.string(),
  purpose: z.enum(['full', 'monitoring']),
  /** `stopped`: its user is disabled or deleted. */
  state: z.enum(['good', 'stopped', 'expired', 'revoked']),
  description: z.string(),
  serial: z.string(),
  createdAt: z.string(),
  notAfter: z.string(),
  revokedAt: z.string(),
});

export const listUserCertificates = listOfCore({
  ...everybody,
  changes: false,
  name: 'ListUserCertificates',
  summary:
    "Lists the caller's saved certificates, to a Security Officer those of all users, the newest first.",
  audit: { class: 'Management', retention: 'short' },
  scope: { ended: flag('also what counts no more').default(false) },
  row: shown,
  key: ['key'],
  order: 'createdAt',
  descending: true,
  command: { words: ['certificate', 'list'], example: 'kma certificate list --ended --user olga' },
  http: { method: 'GET', path: '/v1/certificates' },
  rows({ state, caller, nowMs }, { ended }) {
    const user = callingUser(caller);
    return everyCertificate(state)
      .filter((row) => seesAll(user) || row.userId === user.id)
      .map((row) => shownRow(state, row, nowMs))
      .filter((row) => ended || row.state === 'good');
  },
});

export const revokeUserCertificate = operation({
  ...everybody,
  changes: true,
  name: 'RevokeUserCertificate',
  summary:
    'Revokes a saved certificate at once and for good: one of the caller, or of anybody for a Security Officer.',
  audit: { class: 'Management', retention: 'long' },
  input: z.strictObject({ key: sha256('SHA-256 of its key, as the list shows it') }),
  output: z.null(),
  command: {
    words: ['certificate', 'revoke'],
    arguments: ['key'],
    example: 'kma certificate revoke KEY --user olga',
  },
  http: { method: 'DELETE', path: '/v1/certificates/{key}' },
  decide({ key }, { state, caller, nowMs }) {
    const user = callingUser(caller);
    const row = live(state, 'user_certificate', key);
    // Of another's nobody learns that it is there.
    if (row === undefined || (row.userId !== user.id && !seesAll(user)))
      return refuse('CERTIFICATE_DOES_NOT_EXIST', key);
    return {
      facts:
        row.revokedStamp === null
          ? [event('user_certificate', key, 'revoked', { revokedAt: nowMs, revokedBy: user.id })]
          : [],
      output: null,
      audit: success(`user=${nameOf(state, row)} key=${key} serial=${row.serial}`),
    };
  },
});

function everyCertificate(state: StateView): Row<'user_certificate'>[] {
  const rows: Row<'user_certificate'>[] = [];
  for (let page = state.page('user_certificate', '', PAGE); page.length > 0; ) {
    rows.push(...page);
    page = state.page('user_certificate', page.at(-1)?.id ?? '', PAGE);
  }
  return rows;
}

function shownRow(state: StateView, row: Row<'user_certificate'>, nowMs: number): z.infer<typeof shown> {
  const { id, purpose, description, serial, createdAt, notAfter, revokedAt } = row;
  return {
    key: id,
    user: nameOf(state, row),
    purpose: purpose === 'full' ? 'full' : 'monitoring',
    state: stateOf(state, row, nowMs),
    description: description ?? '',
    serial: serial ?? '',
    createdAt: dateText(createdAt),
    notAfter: dateText(notAfter),
    revokedAt: dateText(revokedAt),
  };
}

function stateOf(state: StateView, row: Row<'user_certificate'>, nowMs: number) {
  if (row.revokedStamp !== null) return 'revoked';
  if (!isOpenCertificate(row, nowMs)) return 'expired';
  return certificateUser(state, row, nowMs) === undefined ? 'stopped' : 'good';
}

const nameOf = (state: StateView, { userId }: Row<'user_certificate'>): string =>
  (userId === null ? undefined : state.get('user', userId)?.name) ?? '';
