/** What the commands print: results on standard output, as text or JSON; talk and refusals on standard error. It never prints a secret type. */
import { CommanderError } from 'commander';
import { ERRORS, type ErrorCode, OpenKmaError } from '../errors.ts';
import { printable } from './cell-text.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { asText } from './text-layout.ts';

/** `--json`: the output as it is, nothing shortened. */
export function printOutput(output: unknown, json: boolean, text: string = asText(output)): void {
  process.stdout.write(json ? `${JSON.stringify(output, null, 2)}\n` : text);
}

/** A line for people beside the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The refusal for programs. */
export function refusalRecord(code: ErrorCode, detail: string | undefined): object {
  const { number, text, advice } = ERRORS[code];
  return { error: { code, number, text, detail: detail ?? null, advice } };
}

/** A refusal for people: text, detail, what to do, and the code to look up in docs/errors.md. */
export function refusalText(code: ErrorCode, detail: string | undefined): string {
  const { number, text, advice } = ERRORS[code];
  const what = detail === undefined || detail === '' ? text : `${text}: ${printable(detail)}`;
  return `error: ${what}\n  what to do: ${advice}\n  code: ${code} (${number})`;
}

/** Runs a command's work and turns every outcome into an exit code; nothing but the result goes to standard output. */
export async function runCommand(json: () => boolean, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = reportFailure(error, json());
  }
}

export function reportFailure(error: unknown, json: boolean): number {
  const known = error instanceof CommanderError ? usageOf(error) : error;
  if (known === null) return EXIT.ok;
  if (known instanceof OpenKmaError) {
    if (json) process.stdout.write(`${JSON.stringify(refusalRecord(known.code, known.detail), null, 2)}\n`);
    say(refusalText(known.code, known.detail));
    return exitCodeOf(known.code);
  }
  say(`error: ${printable(error instanceof Error ? error.message : String(error))}`);
  return EXIT.failure;
}

/** Null for --help and --version, which are printed already. */
function usageOf(error: CommanderError): OpenKmaError | null {
  if (error.exitCode === 0) return null;
  if (error.code === 'commander.help') return new OpenKmaError('USAGE', 'a subcommand is missing');
  const detail = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new OpenKmaError('USAGE', detail);
}
