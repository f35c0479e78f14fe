/** SOAP faults: the number at the very start of the text, which is all that agents go by (protocol 9). */

import { cutUtf8 } from './cut-text.ts';
import { envelope } from './envelope.ts';
import { FAULT_TEXT_BYTES } from './limits.ts';
import type { XmlElement } from './xml.ts';
import { escapeText, replaceIllegal } from './xml-text.ts';

export interface Fault {
  readonly kind: 'fault';
  /** Null for an unnumbered fault, such as `Server Error`. */
  readonly number: number | null;
  /** The text after the number. */
  readonly text: string;
}

export interface FaultToSend {
  readonly number?: number | undefined;
  readonly text: string;
  /** An unexpected failure: agents get exactly `Server Error`, and fail over; number and text stay here. */
  readonly server?: boolean | undefined;
}

const SERVER_ERROR = 'Server Error';
/** Agents that find one of these take the fault for a failure of the server and turn to another KMA. */
const FORBIDDEN_WORDS = ['Timeout', 'Unknown error', 'Connection refused', SERVER_ERROR];

/** The first word in `text` that an ordinary fault must not contain, in any letter case; null when there is none. */
export function forbiddenWord(text: string): string | null {
  const lower = text.toLowerCase();
  return FORBIDDEN_WORDS.find((word) => lower.includes(word.toLowerCase())) ?? null;
}

/** The body to send with HTTP status 500. */
export function encodeFault(fault: FaultToSend): string {
  if (fault.server === true) return faultBody('SOAP-ENV:Server', SERVER_ERROR);
  const text = cutUtf8(replaceIllegal(harmless(fault.text)), FAULT_TEXT_BYTES);
  return faultBody('SOAP-ENV:Client', fault.number === undefined ? text : `${fault.number} ${text}`);
}

/** A fault must always reach the agent, so a forbidden text is exchanged, not thrown at; tests hold the texts clean. */
function harmless(text: string): string {
  return forbiddenWord(text) === null ? text : 'Refused';
}

function faultBody(code: string, text: string): string {
  return envelope(
    null,
    `<SOAP-ENV:Fault><faultcode>${code}</faultcode><faultstring>${escapeText(text)}</faultstring></SOAP-ENV:Fault>`,
  );
}

/** Reads the `Fault` element of a response. */
export function decodeFault(element: XmlElement): Fault {
  const whole = element.children.find((child) => child.name === 'faultstring')?.text ?? '';
  const parts = /^(\d{1,9})(?!\d)\s*(.*)$/s.exec(whole);
  return parts === null
    ? { kind: 'fault', number: null, text: whole }
    : { kind: 'fault', number: Number(parts[1]), text: parts[2] ?? '' };
}

/** Tells a fault from the fields of a response. */
export function isFault(response: object): response is Fault {
  return 'kind' in response && response.kind === 'fault';
}
