/** The syslog servers of this KMA: where each is, how it is spoken to, what it gets, and whom it has to be. It sends nothing. */
import { z } from 'zod';

export const SYSLOG_SERVERS_MAX = 16;
export const SYSLOG_TRANSPORTS = ['tcp', 'tls'] as const;
export const SYSLOG_FORMATS = ['rfc5424', 'rfc3164', 'cef'] as const;
export const SYSLOG_FRAMINGS = ['octet-counting', 'newline'] as const;
export const EVENTS_SENT = ['all', 'alarms'] as const;
export type EventsSent = (typeof EVENTS_SENT)[number];

/** The ports of RFC 6587 and RFC 5425. */
export const SYSLOG_PORTS: Readonly<Record<(typeof SYSLOG_TRANSPORTS)[number], number>> = {
  tcp: 514,
  tls: 6514,
};

const certificate = z.strictObject({
  subject: z.string(),
  /** Of the whole certificate, upper-case hex. */
  sha256: z.string(),
  notAfterMs: z.number(),
});

const syslogServer = z.strictObject({
  /** Random: a server of the same name that is made later is another one. */
  id: z.string().regex(/^[0-9A-F]{32}$/),
  name: z.string().min(1).max(256),
  address: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
  transport: z.enum(SYSLOG_TRANSPORTS),
  format: z.enum(SYSLOG_FORMATS),
  framing: z.enum(SYSLOG_FRAMINGS),
  events: z.enum(EVENTS_SENT),
  /** Of TLS: the name in the server's certificate; "" where it is the address. */
  serverName: z.string().max(253),
  caPem: z.string(),
  caAbout: z.array(certificate).readonly(),
  /** "" and none without mutual TLS. */
  clientCertificatePem: z.string(),
  clientKeyPem: z.string(),
  clientAbout: z.array(certificate).readonly(),
});
export type SyslogServer = z.infer<typeof syslogServer>;

export const syslogSetting = z.strictObject({
  servers: z.array(syslogServer).max(SYSLOG_SERVERS_MAX).default([]),
});
export type SyslogSetting = z.infer<typeof syslogSetting>;
