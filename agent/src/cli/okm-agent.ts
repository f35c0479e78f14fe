#!/usr/bin/env node
/** The okm-agent command: runs one of its commands and turns every outcome into an exit code. */
import { CommanderError } from 'commander';
import type { GlobalOptions } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { outputFor } from './output.ts';
import { buildProgram } from './program.ts';

async function main(): Promise<number> {
  const program = buildProgram();
  try {
    await program.parseAsync();
    // A doctor is done, and has more to say than that.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.usage;
    return outputFor(program.opts<GlobalOptions>().json).failed(error);
  }
}

// Whoever read our output has had enough of it, as `head` does: nothing is left to say.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_CODES.failure);
});
// Talk that nobody hears ends no work.
process.stderr.on('error', () => undefined);

process.exitCode = await main();
