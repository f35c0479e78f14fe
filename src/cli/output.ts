/** What the commands print: tables or JSON on standard output, talk on standard error. It never prints a secret type. */
import { ERRORS, type ErrorCode, OpenKmaError } from '../errors.ts';
import { exitCodeOf } from './exit-codes.ts';

type Scalar = string | number | boolean | null | undefined;

/** Prints an operation's output: `--json` as it is; a list of records as a table; a record as name and value lines. */
export function printOutput(output: unknown, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(output, null, 2)}\n` : asText(output));
}

export function asText(output: unknown): string {
  if (output === null || output === undefined) return 'done\n';
  if (typeof output !== 'object') return `${String(output)}\n`;
  const list = Array.isArray(output) ? output : listInside(output);
  if (list !== undefined) return list.length === 0 ? '(none)\n' : table(list);
  const lines = Object.entries(output).map(([name, value]) => [label(name), cellText(value)] as const);
  if (lines.length === 0) return 'done\n';
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

/** A page of a list: a record whose one array holds records. */
function listInside(output: object): readonly unknown[] | undefined {
  const arrays = Object.values(output).filter((value) => Array.isArray(value));
  const only = arrays.length === 1 ? arrays[0] : undefined;
  const scalars = Object.values(output).filter((value) => !Array.isArray(value) && value !== null);
  return only !== undefined && scalars.length <= 1 ? (only as unknown[]) : undefined;
}

function table(rows: readonly unknown[]): string {
  const records = rows.map(
    (row) => (typeof row === 'object' && row !== null ? row : { value: row }) as Record<string, unknown>,
  );
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const cells = records.map((record) => columns.map((column) => cellText(record[column])));
  const widths = columns.map((column, i) =>
    Math.max(label(column).length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `${row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()}\n`;
  return line(columns.map(label)) + cells.map(line).join('');
}

/** "createdAt" -> "CREATED AT". */
function label(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toUpperCase();
}

function cellText(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => cellText(item)).join(',');
  if (value !== null && typeof value === 'object') return JSON.stringify(value);
  const scalar = value as Scalar;
  if (scalar === null || scalar === undefined) return '-';
  return typeof scalar === 'boolean' ? (scalar ? 'yes' : 'no') : String(scalar);
}

/** A refusal for people: text, detail, what to do, and the code to look up in docs/errors.md. */
export function printRefusal(code: ErrorCode, detail: string | undefined, json: boolean): number {
  const { number, text, advice } = ERRORS[code];
  if (json)
    process.stdout.write(
      `${JSON.stringify({ error: { code, number, text, detail: detail ?? null, advice } }, null, 2)}\n`,
    );
  process.stderr.write(
    `error: ${text}${detail === undefined ? '' : `: ${detail}`}\n  what to do: ${advice}\n  code: ${code} (${number})\n`,
  );
  return exitCodeOf(code);
}

/** Runs a command's work and turns every outcome into an exit code. */
export async function runCommand(
  json: () => boolean,
  work: () => Promise<number | undefined>,
): Promise<void> {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    process.exitCode =
      error instanceof OpenKmaError ? printRefusal(error.code, error.detail, json()) : unexpected(error);
  }
}

function unexpected(error: unknown): number {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
}
