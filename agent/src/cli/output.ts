/** What okm-agent prints: data on standard output, talk and errors on standard error; never the bytes of a key. */
import { inspect } from 'node:util';
import { SoapFault } from '@openkma/protocol';
import { answerText, type KmaAnswer, KmsUnavailableError } from '../errors.ts';
import { kindOf } from '../faults.ts';
import { adviceFor } from './advice.ts';
import { EXIT_CODES } from './exit-codes.ts';

export type Printable = Readonly<Record<string, string | number | boolean>>;

export interface Output {
  /** One thing: an object, or a line for each of its values. */
  record(record: Printable): void;
  /** Several things: an array, or a table. */
  list(records: readonly Printable[], columns: readonly string[]): void;
  /** For people only. */
  say(text: string): void;
  /** The outcome of a command whose data may already be on standard output. */
  outcome(record: Printable, text: string, dataOnStdout: boolean): void;
  /** Returns the exit code that fits. */
  failed(error: unknown): number;
}

export function outputFor(json: boolean): Output {
  return json ? jsonOutput : textOutput;
}

const out = (text: string) => process.stdout.write(`${text}\n`);
const err = (text: string) => process.stderr.write(`${text}\n`);

const jsonOutput: Output = {
  record: (record) => out(JSON.stringify(record)),
  list: (records) => out(JSON.stringify(records)),
  say: () => {},
  outcome: (record, _, dataOnStdout) => (dataOnStdout ? err : out)(JSON.stringify(record)),
  failed(error) {
    const kind = kindOf(error);
    const about = { kind, ...faultOf(error), message: messageOf(error), exitCode: EXIT_CODES[kind] };
    const answers = error instanceof KmsUnavailableError ? { answers: error.answers.map(shownAnswer) } : {};
    err(JSON.stringify({ error: { ...about, ...answers } }));
    return EXIT_CODES[kind];
  },
};

const textOutput: Output = {
  record(record) {
    const width = Math.max(...Object.keys(record).map((name) => name.length));
    for (const [name, value] of Object.entries(record))
      out(`${name.padEnd(width)}  ${harmless(value)}`.trimEnd());
  },
  list(records, columns) {
    const rows = [
      columns,
      ...records.map((record) => columns.map((column) => harmless(record[column] ?? ''))),
    ];
    const widths = columns.map((_, place) => Math.max(...rows.map((row) => row[place]?.length ?? 0)));
    for (const row of rows)
      out(
        row
          .map((cell, place) => cell.padEnd(widths[place] ?? 0))
          .join('  ')
          .trimEnd(),
      );
  },
  say: err,
  outcome: (_, text) => err(text),
  failed(error) {
    if (error instanceof KmsUnavailableError && error.answers.length > 0) {
      err(`okm-agent: ${error.summary}`);
      for (const answer of error.answers) err(`  ${harmless(answerText(answer))}`);
    } else err(`okm-agent: ${harmless(messageOf(error))}`);
    for (const advice of adviceFor(error)) err(`  what to do: ${advice}`);
    return EXIT_CODES[kindOf(error)];
  },
};

function faultOf(error: unknown): { readonly fault?: number } {
  return error instanceof SoapFault && error.number !== null ? { fault: error.number } : {};
}

function shownAnswer({ address, error }: KmaAnswer) {
  return { address, ...faultOf(error), message: messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : inspect(error);
}

/** Texts from a KMA must not steer the terminal. */
function harmless(value: string | number | boolean): string {
  return String(value).replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}

/** `KEY-STATE-PROCESS-ONLY` for people: `process only`. */
export function humanState(text: string): string {
  return text
    .replace(/^(KEY|DATA-UNIT)-STATE-/, '')
    .replaceAll('-', ' ')
    .toLowerCase();
}
