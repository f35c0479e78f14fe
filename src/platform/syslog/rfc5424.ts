/** A syslog message as RFC 5424 has it, with the fields of the audit record as structured data. It sends nothing. */
import { fitting, oneLine, token } from './one-line.ts';
import { priorityOf } from './priority.ts';
import type { SentEvent } from './sent-event.ts';

/** Receivers take 8 KB where nobody has set them to take more or less. */
export const MESSAGE_BYTES_MAX = 8_000;
const PARAMETER_BYTES_MAX = 1_000;
/** Numbers are given to enterprises by IANA, and this project has none; this one is set aside for examples (RFC 5612), so that it is nobody else's. */
export const AUDIT_ELEMENT = 'audit@32473';
const HOST_CHARACTERS = 255;
const MSGID_CHARACTERS = 32;
/** Where the text is not plain ASCII, it says that it is UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';
const BEYOND_ASCII = /\P{ASCII}/u;

export function rfc5424({ record, version }: SentEvent): string {
  const head = [
    `<${priorityOf(record.severity)}>1`,
    new Date(record.createdAt).toISOString(),
    token(record.kmaName, HOST_CHARACTERS),
    'openkma',
    '-',
    token(record.operation, MSGID_CHARACTERS),
    `${element('origin', { software: 'OpenKMA', swVersion: version })}${element(AUDIT_ELEMENT, parametersOf(record))}`,
  ].join(' ');
  const text = textOf(record);
  const marked = BEYOND_ASCII.test(text) ? `${BYTE_ORDER_MARK}${text}` : text;
  return `${head} ${fitting(marked, MESSAGE_BYTES_MAX - Buffer.byteLength(head) - 1)}`;
}

/** For people: who did what, and how it went. */
export function textOf({ operation, entityId, condition, message }: SentEvent['record']): string {
  const who = entityId === '' ? '' : ` by ${entityId}`;
  const details = message === '' ? '' : `: ${message}`;
  return oneLine(`${operation}${who}: ${condition}${details}`);
}

/** All but the message, which is the text. */
function parametersOf({ message: _, createdAt: __, ...fields }: SentEvent['record']) {
  return fields;
}

function element(id: string, parameters: Readonly<Record<string, string | number>>): string {
  const given = Object.entries(parameters).map(
    ([name, value]) => ` ${name}="${escaped(fitting(oneLine(String(value)), PARAMETER_BYTES_MAX))}"`,
  );
  return `[${id}${given.join('')}]`;
}

/** The three characters that would end a value. */
function escaped(value: string): string {
  return value.replace(/["\\\]]/g, '\\$&');
}
