/** A syslog server as people see it: how it is set, and how it fares. Its key is never shown, only whose certificate was loaded. */
import { z } from 'zod';
import {
  EVENTS_SENT,
  SYSLOG_FORMATS,
  SYSLOG_FRAMINGS,
  SYSLOG_TRANSPORTS,
  type SyslogServer,
} from '../../platform-settings/syslog.ts';
import type { DecideContext } from '../contexts.ts';
import { dateText } from '../fields.ts';
import { statesOf } from './common.ts';

export const shownSyslogServer = z.strictObject({
  server: z.string(),
  address: z.string(),
  port: z.number(),
  transport: z.enum(SYSLOG_TRANSPORTS),
  format: z.enum(SYSLOG_FORMATS),
  framing: z.enum(SYSLOG_FRAMINGS),
  events: z.enum(EVENTS_SENT),
  mutualTls: z.boolean(),
  /** The first of its certificates that does; "" without any. */
  certificatesExpireAt: z.string(),
  state: z.enum(['connected', 'connecting', 'down', 'unknown']),
  /** "" while nothing is wrong. */
  trouble: z.string(),
  /** Audit records that it has not been sent. */
  waiting: z.number(),
  /** Messages, since the platform process started. */
  sent: z.number(),
  /** Audit records that were not to be had any more when it could be reached. */
  skipped: z.number(),
});

const syslogServerState = z.object({
  server: z.string(),
  state: z.enum(['connected', 'connecting', 'down']),
  trouble: z.string(),
  sent: z.number(),
  repeatedAtMost: z.number(),
  skipped: z.number(),
  waiting: z.number(),
});
export type SyslogServerState = z.infer<typeof syslogServerState>;
const details = z.object({ servers: z.array(syslogServerState) });

/** As the platform process said them last; none while it is not there. */
export function syslogStatesIn(given: unknown): readonly SyslogServerState[] {
  return details.safeParse(given).data?.servers ?? [];
}

const UNKNOWN = { state: 'unknown', trouble: '', sent: 0, skipped: 0, waiting: 0 } as const;

export function syslogServerShown(
  context: Pick<DecideContext, 'platformStates'>,
  { name, address, port, transport, format, framing, events, caAbout, clientAbout }: SyslogServer,
): z.infer<typeof shownSyslogServer> {
  const states = syslogStatesIn(statesOf(context).parts.get('syslog')?.details);
  const known = states.find(({ server }) => server === name) ?? UNKNOWN;
  const ends = [...caAbout, ...clientAbout].map(({ notAfterMs }) => notAfterMs);
  return {
    ...{ server: name, address, port, transport, format, framing, events },
    mutualTls: clientAbout.length > 0,
    certificatesExpireAt: dateText(ends.length === 0 ? null : Math.min(...ends)),
    state: known.state,
    trouble: known.trouble,
    waiting: known.waiting,
    sent: known.sent,
    skipped: known.skipped,
  };
}
