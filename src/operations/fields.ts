/** The fields operations' inputs are made of, as schemas with their limits; nothing unchecked comes past them. */
import { z } from 'zod';
import { SecretBytes } from '../security/secret-bytes.ts';

/** Control characters, line ends, what has no look of its own, and what cannot be seen or turns the direction of text; but for what chooses between two looks of a sign. */
const UNPRINTABLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}[\p{Default_Ignorable_Code_Point}--[\ufe0e\ufe0f]]\u2800]/v;

/** Text of so many characters, normalised, without control characters or blanks at the ends. */
export function text(minimum: number, maximum: number, what: string) {
  return z
    .string()
    .max(maximum * 4, `at most ${maximum} characters`)
    .transform((value) => value.normalize('NFC'))
    .refine((value) => !UNPRINTABLE.test(value), 'no control or invisible characters')
    .refine((value) => value === value.trim(), 'no blanks at the ends')
    .refine(
      (value) => [...value].length >= minimum && [...value].length <= maximum,
      `${minimum} to ${maximum} characters`,
    )
    .meta({ description: what });
}

/** A user-chosen ID: 1 to 64 characters (product reference 1.3). */
export const name = (what: string) => text(1, 64, what);
export const description = () => text(0, 64, 'free text, at most 64 characters');
export const comment = () => text(1, 8192, 'why, at most 8192 characters');
export const flag = (what: string) => z.boolean().meta({ description: what });

/** Becomes a secret at the edge; the rules of passphrases are checked where a new one is set. */
export const passphrase = (what: string) =>
  z
    .string()
    .min(1)
    .max(256)
    .meta({ description: what, format: 'password' })
    .transform((value) => SecretBytes.fromText(value));

export const PEM_MEDIA_TYPE = 'application/x-pem-file';
const PEM_CHARACTERS_MAX = 65_536;

/** One or several certificates; whether they can be used is checked where they are loaded. */
export const certificates = (what: string) =>
  z
    .string()
    .max(PEM_CHARACTERS_MAX)
    .regex(/^-----BEGIN CERTIFICATE-----/m, 'certificates in PEM')
    .meta({ description: what, contentMediaType: PEM_MEDIA_TYPE });

/** Becomes a secret at the edge. */
export const privateKey = (what: string) =>
  z
    .string()
    .max(PEM_CHARACTERS_MAX)
    .regex(/^-----BEGIN [A-Z ]*PRIVATE KEY-----/m, 'a private key in PEM')
    .meta({ description: what, format: 'password', contentMediaType: PEM_MEDIA_TYPE })
    .transform((value) => SecretBytes.fromText(value));

const hex = (digits: number, what: string) =>
  z
    .string()
    .regex(new RegExp(`^[0-9A-Fa-f]{${digits}}$`), `${digits} hex digits`)
    .transform((value) => value.toUpperCase())
    .meta({ description: what });
export const keyId = () => hex(60, 'key ID, 60 hex digits');
export const dataUnitId = () => hex(32, 'data unit ID, 32 hex digits');
export const internalId = (what: string) => hex(32, what);
export const sha256 = (what: string) => hex(64, what);

/** Page size of lists: at most 1000 rows (product reference 1.3). */
export const limit = () => z.int().min(1).max(1000).default(100).meta({ description: 'rows at most' });

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  m: 2_592_000,
  y: 31_536_000,
};

const DURATION = /^([1-9]\d{0,6})(s|min|h|d|w|m|y)$/;

/** A length of time such as 90d, 6m, 2y (30-day months, 365-day years); becomes seconds. */
export const duration = (what: string) =>
  z
    .string()
    .regex(DURATION, 'a number with s, min, h, d, w, m or y, such as 90d')
    .transform((value) => durationSeconds(value) ?? 0)
    .meta({ description: what });

/** Of a text in the form above; null for any other. */
export function durationSeconds(text: string): number | null {
  const [, count, unit] = DURATION.exec(text) ?? [];
  return count === undefined ? null : Number(count) * (UNIT_SECONDS[unit ?? 's'] ?? 1);
}

/** Seconds as the shortest exact text of the form above. */
export function durationText(seconds: number | null): string {
  if (seconds === null) return '';
  const units = Object.entries(UNIT_SECONDS).sort(([, a], [, b]) => b - a);
  const [unit, size] = units.find(([, size]) => seconds % size === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}

/** A date and time with its zone; becomes milliseconds since 1970. */
export const date = (what: string) =>
  z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    .meta({ description: what });

/** Milliseconds since 1970 as text, null as the empty text. */
export function dateText(ms: number | null): string {
  return ms === null ? '' : new Date(ms).toISOString();
}
