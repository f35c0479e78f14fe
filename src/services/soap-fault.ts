/** The fault an agent gets for a code of the register: number and text, never a detail (protocol 9). */
import { encodeFault } from '@openkma/protocol';
import { ERRORS, type ErrorCode } from '../errors.ts';

/** Numbers from here on are our own; agents know none of them, so they get `Server Error`, on which they fail over. */
const OWN_NUMBERS = 2000;

/** Codes of the managers' family that agents know under a number of their own. */
const FOR_AGENTS: Partial<Record<ErrorCode, ErrorCode>> = {
  INVALID_PARAMETERS: 'AGENT_INVALID_PARAMETERS',
  APPLIANCE_LOCKED: 'AGENT_APPLIANCE_LOCKED',
};

const bodies = new Map<ErrorCode, string>();

/** The body to send with HTTP status 500. */
export function faultBody(code: ErrorCode): string {
  const known = bodies.get(code);
  if (known !== undefined) return known;
  const { number, text } = ERRORS[FOR_AGENTS[code] ?? code];
  const body = encodeFault({ number, text, server: number >= OWN_NUMBERS });
  bodies.set(code, body);
  return body;
}
