/** Checks of what a caller passes in, so that a mistake is named here and not by a distant KMA; it changes only letter case. */
import { DATA_UNIT_ID_HEX, DESCRIPTION_BYTES, EXTERNAL_UNIQUE_ID_HEX, KEY_ID_HEX } from '@openkma/protocol';
import { AgentError } from './errors.ts';

export function requireDataUnitId(text: string): string {
  return requireHex(text, 'a data unit ID', DATA_UNIT_ID_HEX, DATA_UNIT_ID_HEX);
}

export function requireKeyId(text: string): string {
  return requireHex(text, 'a key ID', KEY_ID_HEX, KEY_ID_HEX);
}

/** May be empty. */
export function requireExternalUniqueId(text: string): string {
  return requireHex(text, 'an external unique ID', 0, EXTERNAL_UNIQUE_ID_HEX);
}

/** Tags, descriptions and group IDs share one limit (protocol 12). */
export function requireShortText(text: string, what: string): string {
  if (Buffer.byteLength(text, 'utf8') <= DESCRIPTION_BYTES) return text;
  throw new AgentError('usage', `${what} has at most ${DESCRIPTION_BYTES} bytes of UTF-8`);
}

function requireHex(text: string, what: string, min: number, max: number): string {
  if (/^(?:[0-9A-Fa-f]{2})*$/.test(text) && text.length >= min && text.length <= max)
    return text.toUpperCase();
  throw new AgentError('usage', `${what} has ${min === max ? max : `up to ${max}`} hex digits`);
}
