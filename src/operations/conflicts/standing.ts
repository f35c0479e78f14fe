/** How a conflict stands by what counts now: open, changed since to something else, or taken, which makes it none any more. It looks at the state alone, and settles nothing. */
import { columnStamp } from '../../core/column-stamps.ts';
import { byName, isLive } from '../../core/live.ts';
import type { StateView } from '../../core/state.ts';
import { type AnyRow, TABLES, type TableName } from '../../core/tables.ts';
import { certificatesOf } from '../agent-certificates.ts';
import { type Conflict, isNamed, readValue, valueText } from './subject.ts';

/** Open: what counts is still what won. Taken: what lost counts, or what its command makes is there. */
export type Standing = 'open' | 'changed since' | 'taken';

/** More than anybody looks through; with so many recorded ones the rest is only counted, in the audit. */
export const OPEN_CONFLICTS_MAX = 5_000;

/** A passphrase, a certificate and a key split are made anew: nobody can type the ones that lost. */
const MADE_ANEW: ReadonlySet<string> = new Set([
  'verifierObjectId',
  'secretObjectId',
  'certificatePem',
  'currentKeySplitId',
]);

/** Those that nobody has settled, and that nobody has answered by taking the other. */
export function listedConflicts(state: StateView): readonly Conflict[] {
  return state
    .scan('conflict', 'open', { equals: [], limit: 2 * OPEN_CONFLICTS_MAX })
    .filter((one) => isLive(one) && standingOf(state, one) !== 'taken');
}

export function standingOf(state: StateView, conflict: Conflict): Standing {
  const row = subjectRow(state, conflict);
  switch (conflict.kind) {
    case 'removed':
      return row === undefined ? 'changed since' : livesAgain(state, conflict, row) ? 'taken' : 'open';
    case 'spent':
      return spentAnew(state, conflict, row) ? 'taken' : writtenSince(conflict, row);
    default:
      return acceptsBoth(conflict, row) || isOtherOne(state, conflict, row)
        ? 'taken'
        : writtenSince(conflict, row);
  }
}

/** Also of what is deleted. */
export function subjectRow(state: StateView, { inTable, rowId }: Conflict): AnyRow | undefined {
  // Another member may have written any name of a table.
  const table = inTable !== null && Object.hasOwn(TABLES, inTable) ? (inTable as TableName) : null;
  return table === null ? undefined : (state.get(table, rowId ?? '') as AnyRow | undefined);
}

function writtenSince(conflict: Conflict, row: AnyRow | undefined): 'open' | 'changed since' {
  return isAsItWon(conflict, row) ? 'open' : 'changed since';
}

/** A later stamp alone takes the place of the one that won. */
function isAsItWon({ inColumn, keptStamp }: Conflict, row: AnyRow | undefined): boolean {
  if (row === undefined || row['removedStamp'] !== null) return false;
  return (columnStamp(row, inColumn ?? '') ?? '') <= (keptStamp ?? '');
}

/** One of that name was made by somebody who could know of the conflict: one that was there before it answers nothing. */
function livesAgain(state: StateView, { inTable, createdStamp }: Conflict, row: AnyRow): boolean {
  const name = row['name'];
  if (!isNamed(inTable) || typeof name !== 'string') return false;
  return (byName(state, inTable, name)?.createdStamp ?? '') > (createdStamp ?? '');
}

/** One of the two certificates is revoked; or, where they are not both here, a new passphrase was set. */
function spentAnew(state: StateView, conflict: Conflict, row: AnyRow | undefined): boolean {
  const { inTable, rowId, keptStamp, lostStamp } = conflict;
  const both =
    inTable === 'agent'
      ? certificatesOf(state, rowId ?? '').filter(
          ({ createdStamp }) => createdStamp === keptStamp || createdStamp === lostStamp,
        )
      : [];
  if (both.length === 2) return both.some(({ revokedStamp }) => revokedStamp !== null);
  return row !== undefined && (columnStamp(row, 'verifierObjectId') ?? '') > (keptStamp ?? '');
}

function isOtherOne(state: StateView, conflict: Conflict, row: AnyRow | undefined): boolean {
  if (row === undefined || row['removedStamp'] !== null || isAsItWon(conflict, row)) return false;
  const { inTable, rowId, inColumn, lostValueJson } = conflict;
  const column = inColumn ?? '';
  if (MADE_ANEW.has(inTable === 'setting' ? (rowId ?? '') : column)) return true;
  const cell = row[column] ?? null;
  if (inTable === 'setting') return cell === readValue(lostValueJson);
  // As people read them: a site of that name, nothing and the empty text are what the command sets.
  return valueText(state, conflict, JSON.stringify(cell)) === valueText(state, conflict, lostValueJson);
}

/** What is accepted up to a later time is so up to the earlier one: its command would change nothing. */
function acceptsBoth({ inTable, rowId, lostValueJson }: Conflict, row: AnyRow | undefined): boolean {
  if (inTable !== 'setting' || rowId !== 'acceptedLogClockMs') return false;
  const lost = readValue(lostValueJson);
  return typeof lost === 'string' && Number(row?.['valueJson']) >= Number(lost);
}
