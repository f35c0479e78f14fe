/** What the operations on saved certificates ask about who calls. It decides nothing. */
import { hash } from 'node:crypto';
import type { Caller } from '../operation.ts';

export type CallingUser = Extract<Caller, { readonly kind: 'user' }>;

/** They are for users only; the core lets nobody else in. */
export function callingUser(caller: Caller): CallingUser {
  if (caller.kind !== 'user') throw new Error('only users have certificates');
  return caller;
}

/** All certificates, where others see their own. */
export function seesAll({ roles }: CallingUser): boolean {
  return roles.includes('SECURITY_OFFICER');
}

export const sha256Of = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');
