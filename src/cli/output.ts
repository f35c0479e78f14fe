/** What the commands print: results on standard output, as text or JSON; talk and refusals on standard error. It never prints a secret type. */
import { CommanderError } from 'commander';
import { ERRORS, type ErrorCode, OpenKmaError } from '../errors.ts';
import { jsonText } from '../operations/json-text.ts';
import { printable, printableLines } from './cell-text.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { asText } from './text-layout.ts';
import { terminalColumns } from './width.ts';

/** Blanks of JSON; 0 makes one line of a record. */
const INDENT = 2;

/** `--json`: the output as it is, nothing shortened. */
export function printOutput(output: unknown, json: boolean, text?: string): void {
  if (json) printJson(output, INDENT);
  else process.stdout.write(text ?? asText(output, terminalColumns(process.stdout)));
}

/** A line or more for people beside the result; what others wrote into it steers no terminal. */
export function say(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`);
}

/** The advice of the register, as the command that prints it has to say it. */
export type Advise = (code: ErrorCode, advice: string) => string;

/** The refusal for programs. */
function refusalRecord(code: ErrorCode, detail: string | undefined): object {
  const { number, text, advice } = ERRORS[code];
  return { error: { code, number, text, detail: detail ?? null, advice } };
}

/** A refusal for people: text, detail, what to do, and the code to look up in docs/errors.md. */
export function refusalText(code: ErrorCode, detail: string | undefined, advise: Advise): string {
  const { number, text } = ERRORS[code];
  const what = detail === undefined || detail === '' ? text : `${text}: ${printable(detail)}`;
  return `error: ${what}\n  what to do: ${advise(code, ERRORS[code].advice)}\n  code: ${code} (${number})`;
}

/** Whoever read the output has had enough of it, as `head` does, or it has no space: nothing is left to do. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') say(`error: the output cannot be written: ${error.message}`);
  process.exit(EXIT.failure);
}

/** For commands that are over when they have printed. Talk that nobody hears ends none. */
export function endWithOutput(): void {
  process.stdout.on('error', endQuietly);
  process.stderr.on('error', () => undefined);
}

/** For what serves on. */
export function goOnWithoutOutput(): void {
  process.stdout.off('error', endQuietly);
}

/** Runs a command's work and turns every outcome into an exit code; nothing but the result goes to standard output. */
export async function runCommand(
  json: boolean,
  work: () => Promise<unknown>,
  advise: Advise,
  indent = INDENT,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = reportFailure(error, json, advise, indent);
  }
}

function reportFailure(error: unknown, json: boolean, advise: Advise, indent: number): number {
  const known = error instanceof CommanderError ? usageOf(error) : error;
  if (known === null) return EXIT.ok;
  if (known instanceof OpenKmaError) {
    if (json) printJson(refusalRecord(known.code, known.detail), indent);
    say(refusalText(known.code, known.detail, advise));
    return exitCodeOf(known.code);
  }
  const text = error instanceof Error ? error.message : String(error);
  if (json) printJson({ error: { code: null, number: null, text, detail: null, advice: null } }, indent);
  say(`error: ${printable(text)}`);
  return EXIT.failure;
}

function printJson(record: unknown, indent: number): void {
  process.stdout.write(`${jsonText(record, indent)}\n`);
}

/** Null for --help and --version, which are printed already. */
function usageOf(error: CommanderError): OpenKmaError | null {
  if (error.exitCode === 0) return null;
  if (error.code === 'commander.help') return new OpenKmaError('USAGE', 'a subcommand is missing');
  const detail = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new OpenKmaError('USAGE', detail);
}
