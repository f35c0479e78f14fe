/** What the fuzzer and the process that runs one target say to each other. */
import { z } from 'zod';

export const order = z.strictObject({
  target: z.string(),
  seed: z.int().min(0),
  /** The first of the two that is reached ends the run. */
  inputs: z.int().min(1).nullable(),
  milliseconds: z.number().min(1).nullable(),
  keep: z.boolean(),
  /** One input from a file instead of a run. */
  replay: z.string().nullable(),
  /** The input under way is written here, so that it is known when the process hangs or dies. */
  currentPath: z.string(),
});
export type Order = z.infer<typeof order>;

export const crash = z.strictObject({ what: z.string(), file: z.string(), input: z.int() });
export type Crash = z.infer<typeof crash>;

export const report = z.strictObject({
  inputs: z.int().min(0),
  outcomes: z.array(z.tuple([z.string(), z.int()])),
  crashes: z.array(crash),
  milliseconds: z.number(),
  done: z.boolean(),
});
export type Report = z.infer<typeof report>;
