/** Changes to inputs that know nothing of their meaning, and changes to JSON that keep it JSON. It makes no input from nothing. */
import type { Random } from './random.ts';

const INPUT_BYTES_MAX = 300_000;
/** Numbers at which programs err. */
const NUMBERS = [
  0,
  1,
  -1,
  0.5,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
];
const TEXTS = [
  '',
  ' ',
  '\0',
  '__proto__',
  'constructor',
  'toString',
  '../..',
  '%00',
  '\ud800',
  'Ä🔑',
  'a'.repeat(300),
];

/** One to eight changes; `other` is another input, to be mixed in. */
export function mutateBytes(
  random: Random,
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
): Buffer {
  let bytes = Buffer.from(input);
  for (let changes = 1 + random.small(8); changes > 0; changes--) bytes = change(random, bytes, other, words);
  return bytes.subarray(0, INPUT_BYTES_MAX);
}

function change(
  random: Random,
  bytes: Buffer,
  other: Uint8Array,
  words: readonly string[],
): Buffer<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const length = random.small(Math.max(1, bytes.length - at));
  const before = bytes.subarray(0, at);
  const piece = bytes.subarray(at, at + length);
  const behind = bytes.subarray(at + length);
  switch (random.below(9)) {
    case 0:
      return Buffer.concat([
        before,
        Buffer.of(((bytes[at] ?? 0) ^ (1 << random.below(8))) & 0xff),
        bytes.subarray(at + 1),
      ]);
    case 1:
      return Buffer.concat([before, random.bytes(random.small(16)), behind]);
    case 2:
      return Buffer.concat([before, behind]);
    case 3:
      return Buffer.concat([before, piece, piece, behind]);
    case 4:
      return Buffer.concat([
        before,
        ...Array<Buffer>(1 + random.small(200)).fill(piece.subarray(0, 64)),
        behind,
      ]);
    case 5:
      return Buffer.concat([
        before,
        Buffer.from(words.length === 0 ? '' : random.pick(words)),
        bytes.subarray(at),
      ]);
    case 6:
      return Buffer.concat([before, Buffer.from(words.length === 0 ? '' : random.pick(words)), behind]);
    case 7:
      return Buffer.concat([before, other.subarray(random.below(other.length + 1))]);
    default:
      return Buffer.concat([behind, before]);
  }
}

/** Changes one or more places anywhere in a JSON value; what comes back is plain data again. */
export function mutateJson(random: Random, value: unknown): unknown {
  if (random.onceIn(12)) return anyJson(random, 2);
  if (Array.isArray(value)) return mutateArray(random, value);
  if (typeof value === 'object' && value !== null)
    return mutateObject(random, value as Record<string, unknown>);
  return mutateScalar(random, value);
}

function mutateArray(random: Random, items: readonly unknown[]): unknown[] {
  if (items.length === 0) return [anyJson(random, 1)];
  const at = random.below(items.length);
  switch (random.below(5)) {
    case 0:
      return items.filter((_, i) => i !== at);
    case 1:
      return [...items, items[at]];
    case 2:
      return random.shuffled(items.map((item) => item ?? null));
    default:
      return items.map((item, i) => (i === at ? mutateJson(random, item) : item));
  }
}

function mutateObject(random: Random, object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(object);
  const name = names.length === 0 ? 'a' : random.pick(names);
  const { [name]: inner, ...rest } = object;
  switch (random.below(8)) {
    case 0:
      return rest;
    case 1:
      return withProperty(rest, random.pick(TEXTS), inner);
    case 2:
      return withProperty(object, random.pick([...TEXTS, ...names]), anyJson(random, 1));
    default:
      return withProperty(object, name, mutateJson(random, inner));
  }
}

/** Also for `__proto__`, which an assignment would take for something else. */
function withProperty(object: object, name: string, value: unknown): Record<string, unknown> {
  const copy = { ...object };
  Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
  return copy as Record<string, unknown>;
}

function mutateScalar(random: Random, value: unknown): unknown {
  if (random.onceIn(3)) return anyJson(random, 0);
  if (typeof value === 'number') return random.pick([value + 1, value - 1, -value, value * 2, String(value)]);
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return random.pick(TEXTS);
  const at = random.below(value.length + 1);
  return random.pick([
    value.slice(0, at),
    value.slice(0, at) + random.pick(TEXTS) + value.slice(at),
    value.toLowerCase(),
    value + value,
    value.slice(0, at) + String.fromCharCode(random.below(0x10000)) + value.slice(at + 1),
  ]);
}

function anyJson(random: Random, depth: number): unknown {
  switch (random.below(depth > 0 ? 7 : 5)) {
    case 0:
      return null;
    case 1:
      return random.onceIn(2);
    case 2:
      return random.pick(NUMBERS);
    case 3:
    case 4:
      return random.pick(TEXTS);
    case 5:
      return Array.from({ length: random.below(4) }, () => anyJson(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, () => [random.pick(TEXTS), anyJson(random, depth - 1)]),
      );
  }
}
