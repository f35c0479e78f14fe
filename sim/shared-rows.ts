/** One row in memory for all machines that have the same: a fact is folded once onto a row that several share, and rows that come out equal are one again. Rows are replaced and never changed, so it decides nothing and no machine sees another's. */
import type { LogEntry } from '../src/core/facts.ts';
import type { FoldTarget } from '../src/core/state.ts';
import type { AnyRow } from '../src/core/tables.ts';
import type { Fold } from './store.ts';

/** Onto which row a fact was folded, and what came of it. */
interface Step {
  /** Null at whoever wrote it: what was written is folded once more as it is read. */
  readonly before: AnyRow | undefined | null;
  readonly after: AnyRow | undefined;
}

/** By block, and by the place of the fact in it. */
const known = new WeakMap<Uint8Array, Step[][]>();

/** At whoever wrote it, before it is a block that others read. */
export function foldWritten(fold: Fold, target: FoldTarget, entry: LogEntry, block: Uint8Array): void {
  for (const fact of entry.facts) fold(target, fact, entry.stamp);
  known.set(
    block,
    entry.facts.map(({ table, id }) => [{ before: null, after: target.getRow(table, id) }]),
  );
}

/** `entry` is what the block says. */
export function foldRead(fold: Fold, target: FoldTarget, entry: LogEntry, block: Uint8Array): void {
  const ofBlock = known.get(block) ?? entry.facts.map(() => []);
  known.set(block, ofBlock);
  entry.facts.forEach((fact, place) => {
    const { table, id } = fact;
    const steps = ofBlock[place] ?? [];
    const before = target.getRow(table, id);
    const step = steps.find((one) => one.before === before);
    if (step === undefined) {
      fold(sharing(target, steps), fact, entry.stamp);
      steps.push({ before, after: target.getRow(table, id) });
    } else if (step.after !== undefined && step.after !== before) target.putRow(table, step.after);
  });
}

function sharing(target: FoldTarget, steps: readonly Step[]): FoldTarget {
  return {
    getRow: (table, id) => target.getRow(table, id),
    putRow: (table, row) => {
      const same = steps.find(({ after }) => after !== undefined && isSame(after, row));
      target.putRow(table, same?.after ?? row);
    },
  };
}

/** In every cell; rows of one table have the same columns. */
function isSame(one: AnyRow, other: AnyRow): boolean {
  for (const column in one) if (one[column] !== other[column]) return false;
  for (const column in other) if (!(column in one)) return false;
  return true;
}
