/** A path or an address as it is written in a shell command that a person copies. */
import { isIP } from 'node:net';

export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** An address of a KMA, an IPv6 address in brackets, which are nothing to be expanded by the shell. */
export function addressWord(address: string): string {
  return isIP(address) === 6 ? shellWord(`[${address}]`) : address;
}
