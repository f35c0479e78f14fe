/** The part of BER that SNMP is written in (RFC 3417, 8): a reader for bytes of strangers, which takes nothing that does not fit, and a writer. It knows no message. */

/** What a value is; the first of its bytes. */
export const TYPE = {
  integer: 0x02,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  noSuchObject: 0x80,
  endOfMibView: 0x82,
} as const;

/** An object identifier, number by number. */
export type Oid = readonly number[];

const SUB_IDENTIFIERS_MAX = 128;
const SUB_IDENTIFIER_MAX = 0xff_ff_ff_ff;
const LENGTH_BYTES_MAX = 4;

/** Thrown by the reader alone, for its caller to turn into "no message". */
export class MalformedBer extends Error {}

/** Reads one value after the other within a part of the bytes. */
export class BerReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get atEnd(): boolean {
    return this.#at === this.#end;
  }
  /** Of the next value. */
  get type(): number {
    return this.#byte(this.#at);
  }

  /** What is within the next value, which has to be of this type. */
  within(type: number): BerReader {
    const { from, to } = this.#next(type);
    return new BerReader(this.#bytes, from, to);
  }
  octets(maximum: number, type: number = TYPE.octets): Buffer {
    const { from, to } = this.#next(type);
    if (to - from > maximum) throw new MalformedBer('too long');
    return this.#bytes.subarray(from, to);
  }
  /** Of 32 bits, with a sign. */
  integer(): number {
    const { from, to } = this.#next(TYPE.integer);
    if (to === from || to - from > 4) throw new MalformedBer('no integer of 32 bits');
    return this.#bytes.readIntBE(from, to - from);
  }
  oid(): Oid {
    const { from, to } = this.#next(TYPE.oid);
    return readOid(this.#bytes.subarray(from, to));
  }
  /** Any value as it is, with its type. */
  value(): { readonly type: number; readonly content: Buffer } {
    const type = this.type;
    const { from, to } = this.#next(type);
    return { type, content: this.#bytes.subarray(from, to) };
  }

  #next(type: number): { readonly from: number; readonly to: number } {
    if (this.#byte(this.#at) !== type) throw new MalformedBer('another type');
    const first = this.#byte(this.#at + 1);
    let from = this.#at + 2;
    let length = first;
    if (first >= 0x80) {
      const count = first - 0x80;
      if (count === 0 || count > LENGTH_BYTES_MAX || from + count > this.#end)
        throw new MalformedBer('no length');
      length = this.#bytes.readUIntBE(from, count);
      from += count;
    }
    if (from + length > this.#end) throw new MalformedBer('longer than there is');
    this.#at = from + length;
    return { from, to: this.#at };
  }

  #byte(at: number): number {
    const byte = at < this.#end ? this.#bytes[at] : undefined;
    if (byte === undefined) throw new MalformedBer('it ends too early');
    return byte;
  }
}

function readOid(content: Buffer): Oid {
  const numbers: number[] = [];
  let number = 0;
  let open = false;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (number > SUB_IDENTIFIER_MAX + 80) throw new MalformedBer('a sub-identifier of more than 32 bits');
    open = byte >= 0x80;
    if (open) continue;
    numbers.push(number);
    number = 0;
    if (numbers.length >= SUB_IDENTIFIERS_MAX) throw new MalformedBer('too many sub-identifiers');
  }
  const [first] = numbers;
  if (first === undefined || open) throw new MalformedBer('no object identifier');
  const arc = Math.min(2, Math.floor(first / 40));
  return [arc, first - arc * 40, ...numbers.slice(1)];
}

export function element(type: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, { length: bytes }) => sum + bytes, 0);
  return Buffer.concat([Buffer.of(type), lengthBytes(length), ...contents]);
}
export function sequence(...elements: readonly Uint8Array[]): Buffer {
  return element(TYPE.sequence, ...elements);
}
export function octets(content: Uint8Array): Buffer {
  return element(TYPE.octets, content);
}
/** Of up to 32 bits, with or without a sign. */
export function integer(value: number, type: number = TYPE.integer): Buffer {
  return element(type, integerBytes(BigInt(value)));
}
export function oid(numbers: Oid): Buffer {
  const [arc = 0, second = 0, ...rest] = numbers;
  return element(TYPE.oid, Buffer.from([arc * 40 + second, ...rest].flatMap(base128)));
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  return length < 0x100
    ? Buffer.of(0x81, length)
    : length < 0x1_00_00
      ? Buffer.of(0x82, length >> 8, length & 0xff)
      : Buffer.of(0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
}

/** The fewest bytes that hold it and its sign. */
function integerBytes(value: bigint): Buffer {
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes += 1;
  const hex = BigInt.asUintN(bytes * 8, value).toString(16);
  return Buffer.from(hex.padStart(bytes * 2, '0'), 'hex');
}

function base128(number: number): readonly number[] {
  const digits = [number % 128];
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128))
    digits.unshift((rest % 128) + 128);
  return digits;
}
