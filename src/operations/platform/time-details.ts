/** What the part "time" of the platform process tells of itself, for ShowTime and the metrics. It measures nothing. */
import { z } from 'zod';
import { TIME_STANDINGS } from '../../core/time-following.ts';

const seconds = z.number().nullable();

export const timeDetails = z.strictObject({
  /** As it was set; "" without one, and then nothing runs. */
  server: z.string(),
  /** Of the server, as they are asked. */
  addresses: z.array(z.string()),
  serverReachable: z.boolean(),
  standing: z.enum(TIME_STANDINGS),
  /** Whether the clock of the machine is set by it, or only watched. */
  clock: z.enum(['set', 'watched']),
  /** By how much the clock of the machine is ahead; null where nobody tells. */
  aheadSeconds: seconds,
  /** Of what this KMA serves, or would serve. */
  stratum: z.int().nullable(),
  rootDelaySeconds: seconds,
  rootDispersionSeconds: seconds,
  leap: z.string(),
  serving: z.boolean(),
  /** Why it does not; "" where it does. */
  notServing: z.string(),
  /** Requests of others that were received, and not answered since they were too many. */
  requests: z.int(),
  requestsDropped: z.int(),
  peers: z.array(
    z.strictObject({
      kma: z.string(),
      address: z.string(),
      responding: z.boolean(),
      followed: z.boolean(),
      aheadSeconds: seconds,
      stratum: z.int(),
    }),
  ),
  /** Of chronyd; null while it does not run. */
  pid: z.int().nullable(),
});
export type TimeDetails = z.infer<typeof timeDetails>;
