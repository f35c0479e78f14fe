/** How to go on where a page of a list ended. It asks nothing. */
import { asPage } from '../operations/pages.ts';
import { countText } from './cell-text.ts';

/** A line such as "100 rows; for more: --after CURSOR", or null where the list is complete. */
export function continuation(output: unknown): string | null {
  const page = asPage(output);
  if (page === null || page.next === null) return null;
  return `${countText(page.rows.length, 'row')}; for more: --after ${page.next}`;
}
