/** ListConflicts: what was changed on both sides of a partition, which change counts and why, and how to take the other one. It changes neither. */
import { z } from 'zod';
import { columnStamp } from '../../core/column-stamps.ts';
import { kmaOfIncarnation } from '../../core/life.ts';
import { hlcMs, incarnationOf, type Stamp } from '../../core/stamp.ts';
import type { StateView } from '../../core/state.ts';
import type { AnyRow, TableName } from '../../core/tables.ts';
import { TABLES } from '../../core/tables.ts';
import { reading } from '../common-settings.ts';
import { nameOf } from '../entities.ts';
import { dateText } from '../fields.ts';
import { listOperation } from '../lists/list.ts';
import { enrolledTwice } from './enrolled-twice.ts';
import { type Namesakes, namesakes } from './namesakes.ts';
import { OPEN_CONFLICTS_MAX } from './note-conflicts.ts';
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
  /** Open: what counts is still what won. */
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
    'Lists what was changed on both sides while KMAs could not reach each other: what counts now, why, and how to take the other.',
  row,
  key: ['conflict'],
  order: 'keptAt',
  descending: true,
  command: { words: ['conflicts'], example: 'kma conflicts --user officer' },
  rows({ state }) {
    const found = state.scan('conflict', 'open', { equals: [], limit: 2 * OPEN_CONFLICTS_MAX });
    return [
      ...namesakes(state).map((pair) => namesakesShown(state, pair)),
      ...found.filter(({ createdStamp }) => createdStamp !== null).map((one) => conflictShown(state, one)),
    ];
  },
});

function conflictShown(state: StateView, conflict: Conflict): Shown {
  const { kind, keptStamp, lostStamp, keptValueJson, lostValueJson, sure } = conflict;
  const { name, kind: thing, field } = subjectOf(state, conflict);
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
    why: whyOf(conflict),
    sure: sure === 1,
    standing: isOpen(state, conflict) ? 'open' : 'changed since',
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

/** Nobody has written it since. */
function isOpen(state: StateView, { kind, inTable, rowId, inColumn, keptStamp }: Conflict): boolean {
  const table = inTable !== null && Object.hasOwn(TABLES, inTable) ? (inTable as TableName) : null;
  const found = table === null ? undefined : (state.get(table, rowId ?? '') as AnyRow | undefined);
  if (found === undefined) return false;
  if (kind === 'removed') return true;
  return found['removedStamp'] === null && columnStamp(found, inColumn ?? '') === keptStamp;
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
