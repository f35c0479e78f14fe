/** What the demonstration and the process of one of its KMAs say to each other. It sends nothing. */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../errors.ts';
import { PORTS, type ServiceName } from '../../ports.ts';

export const toKma = z.strictObject({
  data: z.string().min(1),
  managementAddress: z.string().min(1),
  serviceAddress: z.string().min(1),
  portOffset: z.int().min(0),
  fronts: z.int().min(1),
});
export type ToKma = z.infer<typeof toKma>;

export const fromKma = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('ready'),
    locked: z.boolean(),
    listens: z.array(
      z.strictObject({
        service: z.enum(PORTS.map(({ service }) => service) as [ServiceName, ...ServiceName[]]),
        host: z.string(),
        port: z.int(),
      }),
    ),
  }),
  /** Worth knowing. */
  z.strictObject({ t: z.literal('line'), line: z.string() }),
  /** It cannot start, or cannot go on. */
  z.strictObject({
    t: z.literal('failed'),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]).nullable(),
    detail: z.string(),
  }),
]);
export type FromKma = z.infer<typeof fromKma>;
