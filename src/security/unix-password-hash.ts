/** The hash of a password as Unix keeps it in shadow files: scrypt, method "$7$" of crypt(5), which the system's own login programs check. It checks nothing itself. */
import { scrypt } from 'node:crypto';
import type { SecretBytes } from './secret-bytes.ts';

/** 16 MB and some 50 ms for each guess; sshd checks few at a time. */
const COST_LOG2 = 14;
const BLOCK_SIZE = 8;
const PARALLEL = 1;
const HASH_BYTES = 32;
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;
export const UNIX_SALT_BYTES = 16;

const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function unixPasswordHash(password: SecretBytes, saltBytes: Uint8Array): Promise<string> {
  return hashed(password, encoded(saltBytes));
}

/** `salt` is the text in the hash, which is what scrypt takes. */
export async function hashed(password: SecretBytes, salt: string): Promise<string> {
  const setting = `$7$${DIGITS[COST_LOG2]}${number30(BLOCK_SIZE)}${number30(PARALLEL)}${salt}`;
  const hash = await new Promise<Buffer>((resolve, reject) =>
    scrypt(
      password.reveal(),
      salt,
      HASH_BYTES,
      { N: 2 ** COST_LOG2, r: BLOCK_SIZE, p: PARALLEL, maxmem: MEMORY_BYTES_MAX },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    ),
  );
  return `${setting}$${encoded(hash)}`;
}

/** Lowest bits first, three bytes to four digits. */
function encoded(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 3) {
    const group = bytes.subarray(start, start + 3);
    const value = group.reduce((sum, byte, place) => sum + byte * 256 ** place, 0);
    text += digits(value, Math.ceil((group.length * 8) / 6));
  }
  return text;
}

const number30 = (value: number) => digits(value, 5);

function digits(value: number, count: number): string {
  return Array.from({ length: count }, (_, place) => DIGITS[Math.floor(value / 64 ** place) % 64]).join('');
}
