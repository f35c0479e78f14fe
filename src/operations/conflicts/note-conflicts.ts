/** NoteConflicts: tells the cluster what was found to be changed on both sides of a partition; it goes by itself. It changes neither side. */
import { z } from 'zod';
import { created, removed } from '../../core/facts.ts';
import type { StateView } from '../../core/state.ts';
import { TABLE_NAMES } from '../../core/tables.ts';
import type { AuditNote } from '../audit-record.ts';
import { operation } from '../operation.ts';
import { OPEN_CONFLICTS_MAX, standingOf } from './standing.ts';

export const NOTED_AT_ONCE_MAX = 100;
/** The oldest are looked at where there is no room, since the core waits for it. */
const LOOKED_THROUGH_MAX = 1_000;

const found = z.strictObject({
  id: z.string().min(1).max(256),
  kind: z.enum(['field', 'removed', 'spent']),
  inTable: z.enum(TABLE_NAMES),
  rowId: z.string().max(128),
  inColumn: z.string().max(64),
  keptStamp: z.string().max(32),
  keptValueJson: z.string().max(1024),
  lostStamp: z.string().max(32),
  lostValueJson: z.string().max(1024),
  lostOperation: z.string().max(64),
  sure: z.union([z.literal(0), z.literal(1)]),
});
type Found = z.infer<typeof found>;

export const noteConflicts = operation({
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'System', retention: 'long' },
  name: 'NoteConflicts',
  summary: 'Tells the cluster what was changed on both sides of a partition.',
  input: z.strictObject({ found: z.array(found).min(1).max(NOTED_AT_ONCE_MAX) }),
  output: z.null(),
  decide(input, { state, self, nowMs }) {
    const unknown = input.found.filter(({ id }) => state.get('conflict', id)?.createdStamp == null);
    const room = OPEN_CONFLICTS_MAX - state.count('conflict', 'open', { equals: [] });
    const freed = takenOnes(state, unknown.length - Math.max(0, room));
    const kept = unknown.slice(0, Math.max(0, room + freed.length));
    return {
      facts: [
        ...freed.map((id) => removed('conflict', id)),
        ...kept.map(({ id, ...about }) =>
          created('conflict', id, { ...about, foundAt: nowMs, foundByKmaId: self.kmaId }),
        ),
      ],
      output: null,
      audit: noteOf(unknown, unknown.length - kept.length),
    };
  },
});

/** Nobody sees them any more, so nobody would settle them to make room. */
function takenOnes(state: StateView, wanted: number): readonly string[] {
  if (wanted <= 0) return [];
  return state
    .scan('conflict', 'open', { equals: [], limit: LOOKED_THROUGH_MAX })
    .filter((one) => standingOf(state, one) === 'taken')
    .slice(0, wanted)
    .map(({ id }) => id);
}

/** Of a one-time passphrase both certificates count, until a person revokes one: that is an alarm. */
function noteOf(found: readonly Found[], notKept: number): AuditNote {
  const what = found
    .map(({ inTable, rowId, inColumn }) => `${inTable}=${rowId} ${inColumn}`.trim())
    .join(', ');
  const more = notKept === 0 ? '' : `; ${notKept} of them are not listed, since too many are open`;
  const message = `${found.length}: ${what.slice(0, 768)}${more}`;
  return found.some(({ kind }) => kind === 'spent')
    ? { severity: 'error', condition: 'Passphrase spent twice', message }
    : { severity: 'warning', condition: 'Changed on both sides', message };
}
