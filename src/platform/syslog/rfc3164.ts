/** A syslog message as old receivers know it (RFC 3164): at most 1,024 bytes, a date without year and zone, the most important fields in the text. It sends nothing. */
import { fitting, oneLine, token } from './one-line.ts';
import { priorityOf } from './priority.ts';
import { textOf } from './rfc5424.ts';
import type { SentEvent } from './sent-event.ts';

const MESSAGE_BYTES_MAX = 1_024;
const FIELDS_BYTES_MAX = 512;
const HOST_CHARACTERS = 64;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function rfc3164({ record }: SentEvent): string {
  const { row, severity, class: auditClass, entityAddress, id } = record;
  const head = `${oldHead(record)} openkma:`;
  const fields = fitting(
    oneLine(` [row=${row} severity=${severity} class="${auditClass}" address=${entityAddress} id=${id}]`),
    FIELDS_BYTES_MAX,
  );
  const rest = MESSAGE_BYTES_MAX - Buffer.byteLength(head) - Buffer.byteLength(fields) - 1;
  return `${head} ${fitting(textOf(record), rest)}${fields}`;
}

/** Priority, date and host; the date is of UTC, as all dates of a KMA. */
export function oldHead({ severity, createdAt, kmaName }: SentEvent['record']): string {
  const date = new Date(createdAt);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const time = date.toISOString().slice(11, 19);
  const host = token(kmaName, HOST_CHARACTERS);
  return `<${priorityOf(severity)}>${MONTHS[date.getUTCMonth()]} ${day} ${time} ${host}`;
}
