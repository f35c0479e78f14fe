/** A long list as lines that are written page by page, for programs: JSON lines, or tab-separated with one heading. It holds no page longer than it takes to write it. */
import { jsonText } from './json-text.ts';
import { tsvColumns, tsvHeading, tsvRows } from './tsv.ts';

export type ReportFormat = 'json-lines' | 'tsv';
type Rows = readonly Readonly<Record<string, unknown>>[];

/** The columns are those of the first page that has rows. */
export async function* reportText(format: ReportFormat, pages: AsyncIterable<Rows>): AsyncGenerator<string> {
  let columns: readonly string[] = [];
  for await (const rows of pages) {
    if (format === 'json-lines') yield rows.map((row) => `${jsonText(row)}\n`).join('');
    else {
      const heading = columns.length === 0;
      if (heading) columns = tsvColumns(rows);
      yield (heading && rows.length > 0 ? tsvHeading(columns) : '') + tsvRows(columns, rows);
    }
  }
}
