/** Reads the fields of a request or a response by their declaration, in any order; it judges types, never meaning. */
import { XML_SCHEMA_INSTANCE } from './envelope.ts';
import type { Entry, Shape, StructShape } from './wire-type.ts';
import { attributeOf, type XmlElement } from './xml.ts';

/** A field is missing, given twice or not of its type. It names the field and never repeats the value. */
export class InvalidFieldError extends Error {
  readonly field: string;
  readonly reason: string;
  constructor(field: string, reason: string) {
    super(`${field}: ${reason}`);
    this.name = 'InvalidFieldError';
    this.field = field;
    this.reason = reason;
  }
}

/** What a field may need to know of the message around it. */
export interface Scope {
  /** The namespace of the service, for qualified attributes. */
  readonly namespace: string;
  /** Follows `href="#x"` to the element with `id="x"` (SOAP 1.1 section 5.4.1). */
  readonly resolve: (element: XmlElement, path: string) => XmlElement;
}

const HREF_HOPS_MAX = 4;

/** Elements with an id are looked for only when the first href turns up; agents were never seen to send one. */
export function scopeOf(body: XmlElement, namespace: string): Scope {
  let ids: Map<string, XmlElement> | null = null;
  const resolve = (element: XmlElement, path: string): XmlElement => {
    let target = element;
    for (let hops = 0; ; hops++) {
      const href = attributeOf(target, '', 'href');
      if (href === undefined) return target;
      ids ??= collectIds(body);
      const next = href.startsWith('#') ? ids.get(href.slice(1)) : undefined;
      if (next === undefined || hops >= HREF_HOPS_MAX)
        throw new InvalidFieldError(path, 'a reference that leads nowhere');
      target = next;
    }
  };
  return { namespace, resolve };
}

/** Of two elements with one id the first counts. */
function collectIds(body: XmlElement, ids = new Map<string, XmlElement>()): Map<string, XmlElement> {
  for (const child of body.children) {
    const id = attributeOf(child, '', 'id');
    if (id !== undefined && !ids.has(id)) ids.set(id, child);
    collectIds(child, ids);
  }
  return ids;
}

/** The fields of a struct; elements and attributes that are not declared are passed over. */
export function decodeStruct(shape: StructShape, element: XmlElement, scope: Scope, path: string): object {
  const found: (XmlElement | undefined)[] = new Array(shape.elements.length).fill(undefined);
  for (const child of element.children) {
    const place = shape.placeOf.get(child.name);
    if (place === undefined) continue;
    if (found[place] !== undefined) throw new InvalidFieldError(inside(path, child.name), 'given twice');
    found[place] = child;
  }
  const values: Record<string, unknown> = {};
  for (const [place, entry] of shape.elements.entries())
    decodeElement(entry, found[place], scope, inside(path, entry.field.name), values);
  for (const entry of shape.attributes) decodeAttribute(entry, element, scope, path, values);
  return values;
}

function inside(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function decodeElement(
  { property, field }: Entry,
  given: XmlElement | undefined,
  scope: Scope,
  path: string,
  values: Record<string, unknown>,
): void {
  const element = given === undefined ? undefined : scope.resolve(given, path);
  if (element === undefined || isNil(element)) {
    if (!field.optional) values[property] = valueOfNothing(field.shape, path);
    return;
  }
  const value = decodeValue(field.shape, element, scope, path);
  // An optional string that is empty was not given: all of them are identifiers.
  if (!(field.optional && value === '')) values[property] = value;
}

function isNil(element: XmlElement): boolean {
  if (element.attributes.length === 0) return false;
  const nil = attributeOf(element, XML_SCHEMA_INSTANCE, 'nil');
  return nil === 'true' || nil === '1';
}

function valueOfNothing(shape: Shape, path: string): unknown {
  switch (shape.kind) {
    case 'string':
    case 'identifier':
    case 'address':
      return '';
    case 'array':
      return [];
    default:
      throw new InvalidFieldError(path, 'missing');
  }
}

function decodeValue(shape: Shape, element: XmlElement, scope: Scope, path: string): unknown {
  if (shape.kind === 'struct') return decodeStruct(shape, element, scope, path);
  if (shape.kind === 'array') {
    if (element.children.length > shape.maxItems)
      throw new InvalidFieldError(path, `more than ${shape.maxItems} items`);
    return element.children.map((item) => decodeStruct(shape.item, scope.resolve(item, path), scope, path));
  }
  if (element.children.length > 0) throw new InvalidFieldError(path, 'has elements inside');
  return decodeLeaf(shape, element.text, path);
}

function decodeAttribute(
  { property, field }: Entry,
  element: XmlElement,
  scope: Scope,
  path: string,
  values: Record<string, unknown>,
): void {
  const uri = field.place === 'qualified-attribute' ? scope.namespace : '';
  const text = attributeOf(element, uri, field.name);
  if (text === undefined || field.shape.kind === 'struct' || field.shape.kind === 'array') return;
  values[property] = decodeLeaf(field.shape, text, inside(path, field.name));
}

type Leaf = Exclude<Shape, { kind: 'struct' } | { kind: 'array' }>;

function decodeLeaf(shape: Leaf, text: string, path: string): unknown {
  switch (shape.kind) {
    case 'string':
    case 'address':
      return text;
    case 'identifier':
      // Anything else goes on as it is: the operation answers with the number for this kind of identifier.
      return /^[0-9A-Fa-f]*$/.test(text) ? text.toUpperCase() : text;
    case 'hexBinary':
      return decodeHex(shape, text.trim(), path);
    case 'int':
      return decodeNumber(text, shape.min, shape.max, path);
    case 'count':
      return decodeNumber(text, 0, Number.MAX_SAFE_INTEGER, path);
    case 'long':
      return decodeLong(text, path);
    case 'boolean':
      return decodeBoolean(text.trim(), path);
    case 'dateTime':
      return decodeDateTime(text.trim(), path);
    case 'enum':
      return decodeEnumeration(shape, text.trim(), path);
  }
}

function decodeHex(shape: Shape & { kind: 'hexBinary' }, text: string, path: string): Uint8Array {
  const bytes = Buffer.from(text, 'hex');
  // Buffer stops silently at the first thing that is not a pair of hex digits.
  if (bytes.length * 2 !== text.length) throw new InvalidFieldError(path, 'not hex digits in pairs');
  if (bytes.length < shape.minBytes || bytes.length > shape.maxBytes)
    throw new InvalidFieldError(path, `takes ${shape.minBytes} to ${shape.maxBytes} bytes`);
  return bytes;
}

function decodeNumber(text: string, min: number, max: number, path: string): number {
  const number = Number(decodeLong(text, path));
  if (number < min || number > max) throw new InvalidFieldError(path, `not from ${min} to ${max}`);
  return number;
}

function decodeLong(text: string, path: string): number | bigint {
  const digits = /^\s*(\+|-?)(\d{1,32})\s*$/.exec(text);
  if (digits === null) throw new InvalidFieldError(path, 'not a whole number');
  const whole = `${digits[1] === '-' ? '-' : ''}${digits[2]}`;
  const number = Number(whole);
  // The addition turns -0 into 0.
  if (Number.isSafeInteger(number)) return number + 0;
  const big = BigInt(whole);
  if (BigInt.asIntN(64, big) !== big) throw new InvalidFieldError(path, 'beyond 64 bits');
  return big;
}

function decodeBoolean(text: string, path: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new InvalidFieldError(path, 'not a boolean');
}

/** XML Schema dateTime; one without a zone is UTC (protocol 2.3). */
function decodeDateTime(text: string, path: string): number {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?$/.exec(text);
  const timeMs = parts === null ? Number.NaN : Date.parse(`${parts[1]}${parts[2] ?? 'Z'}`);
  if (Number.isNaN(timeMs)) throw new InvalidFieldError(path, 'not a dateTime');
  return timeMs;
}

/** The symbolic text, or its ordinal. */
function decodeEnumeration(shape: Shape & { kind: 'enum' }, text: string, path: string): string {
  const value = shape.texts.includes(text)
    ? text
    : /^\d{1,2}$/.test(text)
      ? shape.texts[Number(text)]
      : undefined;
  if (value === undefined) throw new InvalidFieldError(path, 'not a text of its enumeration');
  return value;
}
