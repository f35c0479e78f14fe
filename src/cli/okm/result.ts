/** Prints what a command of okm found: for people, as JSON or tab-separated, on standard output or into a file of its owner. It asks nothing. */
import { jsonText } from '../../operations/json-text.ts';
import { asPage } from '../../operations/pages.ts';
import { asTsv } from '../../operations/tsv.ts';
import { asText } from '../text-layout.ts';
import type { Globals } from './globals.ts';
import { writeText } from './result-file.ts';

const INDENT = 2;
type Fields = Readonly<Record<string, unknown>>;

export function printResult(
  output: unknown,
  { json, tsv, output: path }: Pick<Globals, 'json' | 'tsv' | 'output'>,
): void {
  const text =
    json === true ? `${jsonText(output, INDENT)}\n` : tsv === true ? asTsv(rowsOf(output)) : asText(output);
  if (path === undefined) process.stdout.write(text);
  else writeText(path, text);
}

/** A record is one row; a list of plain values is a column. */
function rowsOf(output: unknown): readonly Fields[] {
  if (output === null || output === undefined) return [];
  const rows = asPage(output)?.rows ?? output;
  return (Array.isArray(rows) ? rows : [rows]).map((row) =>
    typeof row === 'object' && row !== null ? (row as Fields) : { value: row },
  );
}
