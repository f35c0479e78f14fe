/** Rows as tab-separated text: every column, one row a line whatever its cells hold. It shortens nothing and alters no formula: spreadsheets are told so in docs/okm.md. */

type Fields = Readonly<Record<string, unknown>>;

const NAMED: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };
/** What would end a cell or a row, or what a terminal would obey. */
const ESCAPED = /[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

export function asTsv(rows: readonly Fields[]): string {
  const columns = tsvColumns(rows);
  return columns.length === 0 ? '' : tsvHeading(columns) + tsvRows(columns, rows);
}

export function tsvColumns(rows: readonly Fields[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

export function tsvHeading(columns: readonly string[]): string {
  return tsvLines([columns.map(escaped)]);
}

function tsvLines(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `${cells.join('\t')}\n`).join('');
}

/** Without the heading. */
export function tsvRows(columns: readonly string[], rows: readonly Fields[]): string {
  return tsvLines(rows.map((row) => columns.map((name) => cellText(row[name]))));
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(cellText).join(',');
  return escaped(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function escaped(text: string): string {
  return text.replace(
    ESCAPED,
    (character) => NAMED[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
