/** An event as the bytes that a server is sent: in its format, and in its framing (RFC 6587; TLS counts octets always, RFC 5425). It sends nothing. */
import type { SyslogServer } from '../../platform-settings/syslog.ts';
import { cef } from './cef.ts';
import { rfc3164 } from './rfc3164.ts';
import { rfc5424 } from './rfc5424.ts';
import type { SentEvent } from './sent-event.ts';

const FORMATS: Readonly<Record<SyslogServer['format'], (event: SentEvent) => string>> = {
  rfc5424,
  rfc3164,
  cef,
};

export function framedMessage(
  { format, framing }: Pick<SyslogServer, 'format' | 'framing'>,
  event: SentEvent,
): Buffer {
  const message = Buffer.from(FORMATS[format](event));
  return framing === 'newline'
    ? Buffer.concat([message, Buffer.from('\n')])
    : Buffer.concat([Buffer.from(`${message.length} `), message]);
}
