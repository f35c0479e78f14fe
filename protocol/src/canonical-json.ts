/** One text for one JSON value (RFC 8785, with texts in NFC), so that two sides which each have the value have the same hash of it. It reads no JSON. */
import { hash } from 'node:crypto';

/** Deeper than any input of an operation. */
const DEPTH_MAX = 32;

/** Throws for what is no JSON. Members that are undefined are not there. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > DEPTH_MAX) throw new RangeError('the value is nested too deeply');
  if (typeof value === 'string') return JSON.stringify(value.normalize('NFC'));
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  if (!isPlainObject(value)) throw new RangeError('the value is no JSON');
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name], depth + 1)}`);
  return `{${members.join(',')}}`;
}

export function canonicalSha256(value: unknown): Buffer {
  return hash('sha256', canonicalJson(value), 'buffer');
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
