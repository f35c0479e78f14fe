/** What a text may hold of known bytes: as they are, in hexadecimal, or in base64 at whatever place it begins. It changes nothing. */
import { secretsInBytes } from './byte-runs.ts';

const HEX = /[0-9a-fA-F]{32,}/g;
const BASE64 = /[A-Za-z0-9+/_-]{22,}/g;

/** Pieces lie further apart than a run is long. */
const GAP = Buffer.alloc(32);

/** Which of the secrets have a run of 16 bytes in the text, in any of these forms. */
export function secretsInText(text: Buffer, secrets: readonly Uint8Array[]): Set<number> {
  const characters = text.toString('latin1');
  const pieces = [...decoded(characters, HEX, 'hex', 2), ...decoded(characters, BASE64, 'base64', 4)];
  return secretsInBytes(Buffer.concat([text, ...pieces.flatMap((piece) => [GAP, piece])]), secrets);
}

/** Other characters may stand glued before what means something: it is read from each place that may be its beginning. */
function decoded(text: string, form: RegExp, encoding: 'hex' | 'base64', group: number): Buffer[] {
  return [...text.matchAll(form)].flatMap(([characters]) =>
    Array.from({ length: group }, (_, place) => Buffer.from(characters.slice(place), encoding)),
  );
}
