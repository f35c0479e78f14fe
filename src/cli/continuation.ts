/** How to go on where a list ended at its limit; lists name their own way in their input fields. */
import { asPage } from '../operations/pages.ts';
import { countText } from './cell-text.ts';

/** Of lists whose input has it. */
const LIMIT_DEFAULT = 100;

/** A line such as "100 rows; for more: --after ID", or null where the list is complete or cannot be continued. */
export function continuation(
  input: Readonly<Record<string, unknown>>,
  fieldNames: readonly string[],
  output: unknown,
): string | null {
  const page = asPage(output);
  if (page !== null)
    return page.next === null
      ? null
      : `${countText(page.rows.length, 'row')}; for more: --after ${page.next}`;
  if (!Array.isArray(output) || !fieldNames.includes('limit')) return null;
  if (output.length < Number(input['limit'] ?? LIMIT_DEFAULT)) return null;
  const last: unknown = output.at(-1);
  const values = typeof last === 'object' && last !== null ? Object.values(last) : [];
  const shown = countText(output.length, 'row');
  if (fieldNames.includes('after')) return `${shown}; for more: --after ${String(values[0])}`;
  return `${shown}; for more: a higher --limit`;
}
