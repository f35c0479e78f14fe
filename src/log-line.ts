/** Lines of the log, on standard error. One that cannot be written, since the disk is full or whoever read it is gone, is lost, and never ends the process. */
import { writeSync } from 'node:fs';

const STDERR = 2;

/** Straight to the file: a stream gives up for good at its first error, and the disk may have space again. */
export function logLine(line: string): void {
  try {
    writeSync(STDERR, `${line}\n`);
  } catch {
    // There is nowhere to say so.
  }
}

export function logEvent(process: string, text: string): void {
  logLine(`${new Date().toISOString()} ${process}: ${text}`);
}

/** First of all in a process that serves: what else is printed, such as warnings of the runtime, does not end it either. */
export function outliveOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
