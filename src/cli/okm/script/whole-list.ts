/** A list that is read page by page, up to a number of rows. It keeps no order of its own: a page begins where the one before ended. */
import { z } from 'zod';
import type { Manager } from '../../../client/manager.ts';
import { operationNamed } from '../operation-named.ts';

const PAGE_ROWS = 1000;
const page = z.array(z.looseObject({}));

/** `from` is the field of the request that continues the list, `last` the column it continues from. */
export async function wholeList(
  manager: Manager,
  { name, from, last }: { readonly name: string; readonly from: string; readonly last: string },
  rowsMax: number,
  pageRows = PAGE_ROWS,
): Promise<readonly object[]> {
  const rows: Record<string, unknown>[] = [];
  for (;;) {
    const limit = Math.min(pageRows, rowsMax - rows.length);
    const end = rows.at(-1)?.[last];
    const input = { limit, ...(end === undefined ? {} : { [from]: end }) };
    const found = page.parse((await manager.call(operationNamed(name), input)).output);
    rows.push(...found);
    if (found.length < limit || rows.length >= rowsMax) return rows;
  }
}
