/** A list that is read page by page, up to a number of rows. It keeps no order of its own: a page begins where the one before ended. */
import type { Manager } from '../../../client/manager.ts';
import { asPage } from '../../../operations/pages.ts';
import { operationNamed } from '../operation-named.ts';

const PAGE_ROWS = 1000;
type Fields = Readonly<Record<string, unknown>>;

export async function wholeList(
  manager: Manager,
  name: string,
  rowsMax: number,
  { pageRows = PAGE_ROWS, scope = {} }: { readonly pageRows?: number; readonly scope?: Fields } = {},
): Promise<readonly object[]> {
  const rows: Fields[] = [];
  let after: string | undefined;
  for (;;) {
    const limit = Math.min(pageRows, rowsMax - rows.length);
    const input = { ...scope, limit, ...(after === undefined ? {} : { after }) };
    const { output } = await manager.call(operationNamed(name), input);
    const page = asPage(output);
    if (page === null) throw new TypeError(`${name} does not come in pages`);
    rows.push(...page.rows);
    if (page.next === null || rows.length >= rowsMax) return rows;
    after = page.next;
  }
}
