/** ListConflicts: what was changed on both sides of a partition, which change counts and why, and how to take the other one. It changes neither. */
import { z } from 'zod';
import { kmaOfIncarnation } from '../../core/life.ts';
import { hlcMs, incarnationOf, type Stamp } from '../../core/stamp.ts';
import type { StateView } from '../../core/state.ts';
import { reading } from '../common-settings.ts';
import { nameOf } from '../entities.ts';
import { dateText } from '../fields.ts';
import { listOperation } from '../lists/list.ts';
import { enrolledTwice } from './enrolled-twice.ts';
import { type Namesakes, namesakes } from './namesakes.ts';
import { listedConflicts, standingOf, subjectRow } from './standing.ts';
import { type Conflict, NAMED_WORDS, subjectOf, valueText } from './subject.ts';
import { commandText, deleteKeeper, type Taking, takeOther } from './take-other.ts';

const row = z.strictObject({
  conflict: z.string(),
  what: z.string(),
  field: z.string(),
  kind: z.enum(['changed twice', 'changed and deleted', 'passphrase spent twice', 'two of one name']),
  kept: z.string(),
  keptBy: z.string(),
  keptAt: z.string(),
  other: z.string(),
  otherBy: z.string(),
  otherAt: z.string(),
  why: z.string(),
  /** Not where who wrote what counts is gone, and may have known of the other. */
  sure: z.boolean(),
  /** Open: what counts is still what won. One whose other value counts is listed no more. */
  standing: z.enum(['open', 'changed since']),
  /** The command for it; "" where there is none. */
  takeOther: z.string(),
  /** The operation behind that command, and as JSON what is known of its input. */
  takeOperation: z.string(),
  takeInput: z.string(),
});
type Shown = z.infer<typeof row>;

const KINDS = {
  field: 'changed twice',
  removed: 'changed and deleted',
  spent: 'passphrase spent twice',
} as const;
const STAMP = /^[0-9A-F]{32}$/;

export const listConflicts = listOperation({
  ...reading,
  callers: ['SECURITY_OFFICER', 'COMPLIANCE_OFFICER', 'OPERATOR', 'AUDITOR'],
  name: 'ListConflicts',
  http: { method: 'GET', path: '/v1/conflicts' },
  summary:
    'Lists what was changed on both sides while KMAs could not reach each other: what counts now, why, and how to take the other. "kma conflict settle CONFLICT" leaves one as it is.',
  row,
  key: ['conflict'],
  order: 'keptAt',
  descending: true,
  command: { words: ['conflicts'], example: 'kma conflicts --user officer' },
  rows: ({ state }) => [
    ...namesakes(state).map((pair) => namesakesShown(state, pair)),
    ...listedConflicts(state).map((one) => conflictShown(state, one)),
  ],
});

function conflictShown(state: StateView, conflict: Conflict): Shown {
  const { kind, keptStamp, lostStamp, keptValueJson, lostValueJson, sure } = conflict;
  const { name, kind: thing, field } = subjectOf(state, conflict);
  const standing = standingOf(state, conflict) === 'open' ? 'open' : 'changed since';
  const twice = kind === 'spent' && conflict.inTable === 'agent' ? enrolledTwice(state, conflict) : null;
  return {
    conflict: conflict.id,
    what: `${thing} ${name}`,
    field,
    kind: KINDS[kind ?? 'field'] ?? KINDS.field,
    kept: kind === 'removed' ? 'deleted' : (twice?.kept ?? valueText(state, conflict, keptValueJson)),
    ...writerOf(state, keptStamp, 'kept'),
    other: twice?.other ?? valueText(state, conflict, lostValueJson),
    ...writerOf(state, lostStamp, 'other'),
    why: standing === 'open' ? whyOf(conflict) : sinceText(state, conflict),
    sure: sure === 1,
    standing,
    ...takingShown(takeOther(state, conflict)),
  };
}

function takingShown(taking: Taking | null) {
  return {
    takeOther: commandText(taking),
    takeOperation: taking?.operation ?? '',
    takeInput: taking === null ? '' : JSON.stringify(taking.input),
  };
}

function whyOf({ kind, inTable, keptStamp, lostStamp }: Conflict): string {
  if (kind === 'removed') return 'what is deleted stays deleted';
  if (kind === 'spent')
    return inTable === 'kma'
      ? 'the certificate of the later one alone counts'
      : 'both certificates count until one is revoked';
  return msOf(keptStamp) === msOf(lostStamp)
    ? 'at the same moment: the order of the KMAs decides'
    : 'the later one counts';
}

/** What counts is neither of the two any more. */
function sinceText(state: StateView, conflict: Conflict): string {
  const row = subjectRow(state, conflict);
  if (row === undefined || row['removedStamp'] !== null) return 'deleted since: settle it';
  const now = valueText(state, conflict, JSON.stringify(row[conflict.inColumn ?? ''] ?? null));
  return `changed since${now === '' ? '' : `, to ${now}`}: settle it where that is meant`;
}

/** The KMA whose log has it; who asked for it stands in the audit there. */
function writerOf<Side extends 'kept' | 'other'>(state: StateView, stamp: string | null, side: Side) {
  const isStamp = stamp !== null && STAMP.test(stamp);
  const by = isStamp ? nameOf(state, 'kma', kmaOfIncarnation(state, incarnationOf(stamp as Stamp))) : '';
  return { [`${side}By`]: by, [`${side}At`]: dateText(msOf(stamp)) } as Record<
    `${Side}By` | `${Side}At`,
    string
  >;
}

/** Another member may have written anything in its place. */
function msOf(stamp: string | null): number | null {
  return stamp !== null && STAMP.test(stamp) ? hlcMs(stamp as Stamp) : null;
}

function namesakesShown(state: StateView, { table, name, keeper, other, shown }: Namesakes): Shown {
  const word = NAMED_WORDS[table];
  return {
    conflict: `name:${table}:${other.id}`,
    what: `${word} ${name}`,
    field: 'name',
    kind: 'two of one name',
    kept: name,
    ...writerOf(state, keeper.createdStamp, 'kept'),
    other: shown,
    ...writerOf(state, other.createdStamp, 'other'),
    why: 'the earlier one keeps the name; the other one proves no passphrase, and its certificates count',
    sure: true,
    standing: 'open',
    ...takingShown(deleteKeeper(table, name)),
  };
}
