/** Identifiers as agents send them, each kind refused with its own fault number (protocol 9, 12). It looks nothing up. */
import { DATA_UNIT_ID_HEX, EXTERNAL_UNIQUE_ID_HEX, KEY_ID_HEX } from '@openkma/protocol';
import type { DataUnitId, KeyId } from '../../core/ids.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';

const isHex = (text: string): boolean => /^[0-9A-Fa-f]+$/.test(text);

export function readKeyId(text: string): KeyId | Refusal {
  if (text.length !== KEY_ID_HEX || !isHex(text)) return refuse('INVALID_KEY_ID');
  return text.toUpperCase() as KeyId;
}

export function readDataUnitId(text: string): DataUnitId | Refusal {
  if (text.length !== DATA_UNIT_ID_HEX || !isHex(text)) return refuse('INVALID_DATA_UNIT_ID');
  return text.toUpperCase() as DataUnitId;
}

/** "" means that none was given. */
export function readExternalUniqueId(text: string): { readonly externalUniqueId: string } | Refusal {
  if (text === '') return { externalUniqueId: '' };
  if (text.length > EXTERNAL_UNIQUE_ID_HEX || text.length % 2 !== 0 || !isHex(text))
    return refuse('AGENT_INVALID_EXTERNAL_ID');
  return { externalUniqueId: text.toUpperCase() };
}
