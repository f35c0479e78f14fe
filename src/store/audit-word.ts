/** Whose word a fact about an audit chain is: of where it was cut, of its signed head. Any member can write over it, so one in the name of nobody here says nothing. It checks no signature. */
import { readColumnStamps } from '../core/column-stamps.ts';
import { incarnationOf } from '../core/stamp.ts';
import type { Row } from '../core/tables.ts';
import type { Store } from './store.ts';

/** By the life whose chain it is, or the one that writes here now. */
export function isOwnWord(
  store: Store,
  incarnationId: string,
  { stamps }: Row<'audit_cut'> | Row<'audit_head'>,
): boolean {
  const lives: readonly (string | undefined)[] = [incarnationId, store.audit.newestWriter()];
  return [...readColumnStamps(stamps).values()].every((stamp) => lives.includes(incarnationOf(stamp)));
}
