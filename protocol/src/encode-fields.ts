/** Writes the fields of a request or a response by their declaration; what would harm an agent it refuses to write. */
import { cutUtf8 } from './cut-text.ts';
import type { Entry, Shape, StructShape } from './wire-type.ts';
import { escapeAttribute, escapeText, replaceIllegal } from './xml-text.ts';

/** A value broke its declaration: a fault in our program. The message names the field, never the value. */
export class EncodeError extends Error {
  readonly field: string;
  constructor(field: string, reason: string) {
    super(`${field}: ${reason}`);
    this.name = 'EncodeError';
    this.field = field;
  }
}

/** The two ways of writing. Requests carry xsi:type on every element, responses none (protocol 2, 2.2). */
export interface Style {
  readonly side: 'request' | 'response';
  readonly prefix: string;
}

type Leaf = Exclude<Shape, { kind: 'struct' } | { kind: 'array' }>;

/** The elements of a struct in wire order, without the struct's own tags. */
export function encodeElements(shape: StructShape, values: object, style: Style, path: string): string {
  let xml = '';
  for (const entry of shape.elements) {
    const value = propertyOf(values, entry, path);
    if (value !== undefined) xml += encodeElement(entry.field.name, entry.field.shape, value, style, path);
  }
  return xml;
}

function propertyOf(values: object, { property, field }: Entry, path: string): unknown {
  const value: unknown = Reflect.get(values, property);
  if (value === null || (value === undefined && !field.optional))
    throw new EncodeError(inside(path, field.name), 'missing');
  return value;
}

function inside(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function encodeElement(name: string, shape: Shape, value: unknown, style: Style, path: string): string {
  const here = inside(path, name);
  const type = style.side === 'request' ? ` xsi:type="${xsiType(shape, style.prefix)}"` : '';
  switch (shape.kind) {
    case 'struct':
      return encodeStruct(name, shape, value, style, here);
    case 'array':
      return `<${name}${type}>${encodeItems(shape, value, style, here)}</${name}>`;
    default:
      return `<${name}${type}>${escapeText(encodeLeaf(shape, value, style, here))}</${name}>`;
  }
}

function encodeStruct(name: string, shape: StructShape, value: unknown, style: Style, path: string): string {
  if (typeof value !== 'object' || value === null) throw new EncodeError(path, 'not an object');
  let attributes = style.side === 'request' ? ` xsi:type="${xsiType(shape, style.prefix)}"` : '';
  for (const entry of shape.attributes) {
    const own = propertyOf(value, entry, path);
    if (own !== undefined) attributes += encodeAttribute(entry, own, style, path);
  }
  return `<${name}${attributes}>${encodeElements(shape, value, style, path)}</${name}>`;
}

function encodeAttribute({ field }: Entry, value: unknown, style: Style, path: string): string {
  const { shape } = field;
  if (shape.kind === 'struct' || shape.kind === 'array')
    throw new EncodeError(path, 'an attribute cannot hold this');
  const name = field.place === 'qualified-attribute' ? `${style.prefix}:${field.name}` : field.name;
  return ` ${name}="${escapeAttribute(encodeLeaf(shape, value, style, inside(path, field.name)))}"`;
}

function encodeItems(shape: Shape & { kind: 'array' }, value: unknown, style: Style, path: string): string {
  if (!Array.isArray(value)) throw new EncodeError(path, 'not an array');
  if (value.length < shape.minItems || value.length > shape.maxItems)
    throw new EncodeError(path, `takes ${shape.minItems} to ${shape.maxItems} items`);
  return value.map((item) => encodeStruct(shape.itemElement, shape.item, item, style, path)).join('');
}

function encodeLeaf(shape: Leaf, value: unknown, style: Style, path: string): string {
  switch (shape.kind) {
    case 'string':
      return encodeText(value, style.side === 'response' ? shape.maxBytes : null, path);
    case 'address':
      return encodeAddress(value, shape.maxBytes, style, path);
    case 'identifier':
      return encodeIdentifier(shape, value, style, path);
    case 'hexBinary':
      return encodeHex(shape, value, path);
    case 'int':
      return encodeNumber(value, shape.min, shape.max, path);
    case 'count':
      return encodeNumber(value, 0, Number.MAX_SAFE_INTEGER, path);
    case 'long':
      return encodeLong(value, path);
    case 'boolean':
      if (typeof value !== 'boolean') throw new EncodeError(path, 'not a boolean');
      return String(value);
    case 'dateTime':
      return encodeDateTime(value, path);
    case 'enum':
      return encodeEnumeration(shape, value, style, path);
  }
}

function encodeText(value: unknown, maxBytes: number | null, path: string): string {
  if (typeof value !== 'string') throw new EncodeError(path, 'not a string');
  const legal = replaceIllegal(value);
  return maxBytes === null ? legal : cutUtf8(legal, maxBytes);
}

/** An agent that meets a bare IPv6 address never connects (protocol 13, item 8); a cut address is somebody else's. */
function encodeAddress(value: unknown, maxBytes: number, style: Style, path: string): string {
  const address = encodeText(value, null, path);
  if (style.side === 'request') return address;
  if (address.includes(':')) throw new EncodeError(path, 'an IPv6 address belongs in its own attribute');
  if (Buffer.byteLength(address) > maxBytes) throw new EncodeError(path, `longer than ${maxBytes} bytes`);
  return address;
}

/** An odd or overlong identifier kills agents (protocol 13, items 2 and 3). A request's is the KMA's to judge. */
function encodeIdentifier(
  shape: Shape & { kind: 'identifier' },
  value: unknown,
  style: Style,
  path: string,
): string {
  const text = encodeText(value, null, path);
  if (style.side === 'request') return text;
  const sound = /^(?:[0-9A-Fa-f]{2})*$/.test(text);
  if (!sound || text.length < shape.minDigits || text.length > shape.maxDigits)
    throw new EncodeError(path, 'not an identifier of the declared length');
  return text.toUpperCase();
}

function encodeHex(shape: Shape & { kind: 'hexBinary' }, value: unknown, path: string): string {
  if (!(value instanceof Uint8Array)) throw new EncodeError(path, 'not bytes');
  if (value.length < shape.minBytes || value.length > shape.maxBytes)
    throw new EncodeError(path, `takes ${shape.minBytes} to ${shape.maxBytes} bytes`);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex').toUpperCase();
}

function encodeNumber(value: unknown, min: number, max: number, path: string): string {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw new EncodeError(path, `not a whole number from ${min} to ${max}`);
  // The addition turns -0 into 0.
  return String(value + 0);
}

function encodeLong(value: unknown, path: string): string {
  const sound = typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
  if (!sound) throw new EncodeError(path, 'not a signed 64-bit number');
  return Object.is(value, -0) ? '0' : String(value);
}

/** Whole seconds: the agents' time has no smaller unit. */
function encodeDateTime(value: unknown, path: string): string {
  if (typeof value !== 'number' || !(value >= 0 && value < 253_402_300_800_000))
    throw new EncodeError(path, 'not a time from 1970 to 9999');
  return `${new Date(value).toISOString().slice(0, 19)}Z`;
}

function encodeEnumeration(
  shape: Shape & { kind: 'enum' },
  value: unknown,
  style: Style,
  path: string,
): string {
  const texts = style.side === 'response' ? shape.sent : shape.texts;
  if (typeof value !== 'string' || !texts.includes(value))
    throw new EncodeError(path, 'not a text that may be sent');
  return value;
}

function xsiType(shape: Shape, prefix: string): string {
  switch (shape.kind) {
    case 'struct':
    case 'array':
    case 'enum':
      return `${prefix}:${shape.name}`;
    case 'identifier':
    case 'address':
      return 'xsd:string';
    case 'count':
      return 'xsd:long';
    default:
      return `xsd:${shape.kind}`;
  }
}
