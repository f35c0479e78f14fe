/** Rows as tab-separated text: every column, one row a line whatever its cells hold. It shortens nothing and alters no formula: spreadsheets are told so in docs/okm.md. */

type Fields = Readonly<Record<string, unknown>>;

const NAMED: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };
/** What would end a cell or a row, or what a terminal would obey. */
const ESCAPED = /[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

export function asTsv(rows: readonly Fields[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0) return '';
  const lines = [columns, ...rows.map((row) => columns.map((name) => cellText(row[name])))];
  return `${lines.map((cells) => cells.join('\t')).join('\n')}\n`;
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
