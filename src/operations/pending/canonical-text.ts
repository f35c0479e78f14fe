/** The text that approvers of a pending operation read, and its hash, which their approvals are bound to (D6, 5.10). It judges nothing. */
import { hash } from 'node:crypto';

export interface CanonicalText {
  /** Lines of plain sentences, each ended by a line feed. */
  readonly text: string;
  /** SHA-256 of the text's UTF-8, upper-case hex. */
  readonly sha256: string;
  /** To be compared aloud. */
  readonly code: string;
}

/** Crockford's base 32: no letter that is heard or read as another or as a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_BITS = 80;
const CODE_GROUPS = /.{4}/g;

export function canonicalText(lines: readonly string[]): CanonicalText {
  const text = lines.map((line) => `${line}\n`).join('');
  const sha256 = textSha256(text);
  return { text, sha256, code: shortCode(sha256) };
}

/** An approver's client computes it from what it shows, and not from what it was told. */
export function textSha256(text: string): string {
  return hash('sha256', text, 'hex').toUpperCase();
}

/** Four groups of four: as many bits as nobody can search through for a text that reads well. */
export function shortCode(sha256: string): string {
  const bits = [...sha256.slice(0, CODE_BITS / 4)]
    .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))
    .join('');
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join('');
  return (letters.match(CODE_GROUPS) ?? []).join('-');
}

/** Names and texts of others stand in quotes, so that none can be read as a sentence of ours. */
export function quote(text: string | null): string {
  return JSON.stringify(text ?? '');
}
