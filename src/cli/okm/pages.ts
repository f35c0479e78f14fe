/** A list of a KMA as the pages it comes in, each asked for when the one before was taken. It keeps no order of its own, and no row. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manager } from '../../client/manager.ts';
import { OpenKmaError } from '../../errors.ts';
import type { Operation } from '../../operations/operation.ts';
import { asPage } from '../../operations/pages.ts';

export type Rows = readonly Readonly<Record<string, unknown>>[];
export interface PagesOptions {
  /** Where it ends, if not with the list. */
  readonly rowsMax?: number;
  readonly pageRows?: number;
  /** Between two pages, for the KMA's sake. */
  readonly pauseMs?: number;
}

/** The longest that a KMA gives. */
const PAGE_ROWS = 1000;

export async function* pagesOf(
  manager: Pick<Manager, 'call'>,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  { rowsMax = Number.POSITIVE_INFINITY, pageRows = PAGE_ROWS, pauseMs = 0 }: PagesOptions = {},
): AsyncGenerator<Rows> {
  let after = input['after'];
  for (let left = rowsMax; ; await sleep(pauseMs)) {
    const from = after === undefined ? {} : { after };
    const asked = { limit: Math.min(pageRows, left), ...input, ...from };
    const page = asPage((await manager.call(operation, asked)).output);
    if (page === null) throw new OpenKmaError('SERVER_ERROR', 'the answer is no page of a list');
    yield page.rows.slice(0, left);
    left -= page.rows.length;
    if (page.next === null || left <= 0) return;
    after = page.next;
  }
}
