/** Puts an operation's input together from path, query and body. It knows names and kinds of fields only; values are checked by the core. */
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { SEALED_QUORUM_BYTES_MAX } from '../../operations/http-route.ts';
import { type InputField, inputFieldsOf } from '../../operations/input-fields.ts';
import type { Operation } from '../../operations/operation.ts';
import type { Match, RoutedOperation } from './routes.ts';
import { parseStrictJson } from './strict-json.ts';

export interface RequestInput {
  readonly input: Readonly<Record<string, unknown>>;
  /** Sealed credentials, for operations that need a quorum. */
  readonly quorum?: Uint8Array;
}

/** Member of the body that holds the credentials; no operation has a field of this name. */
export const QUORUM_MEMBER = 'quorum';
const QUERY_FIELDS_MAX = 128;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function fieldOf(operation: Operation, name: string): InputField | undefined {
  return inputFieldsOf(operation).find((field) => field.name === name);
}

/** GET and DELETE have no body, and take their fields from the query; the others take theirs from the body. `body` is null without one. */
export function readInput(
  { operation, path }: Match,
  query: string,
  body: Uint8Array | null,
): RequestInput | Refusal {
  const inQuery = hasNoBody(operation);
  if (inQuery && body !== null) return bad(`${operation.http.method} has no body`);
  if (!inQuery && query !== '') return bad('fields belong into the body');
  const named = valuesOf(operation, Object.entries(path));
  if (isRefusal(named)) return named;
  const given = inQuery ? readQuery(operation, query) : readBodyFields(operation, body);
  if (isRefusal(given)) return given;
  const twice = Object.keys(given.input).find((name) => Object.hasOwn(path, name));
  if (twice !== undefined) return bad(`${twice} is in the path already`);
  return { ...given, input: { ...named, ...given.input } };
}

export function hasNoBody({ http }: RoutedOperation): boolean {
  return http.method === 'GET' || http.method === 'DELETE';
}

function readQuery(operation: Operation, query: string): RequestInput | Refusal {
  if (query === '') return { input: {} };
  const parts = query.split('&');
  if (parts.length > QUERY_FIELDS_MAX) return bad(`more than ${QUERY_FIELDS_MAX} fields`);
  const pairs: [string, string][] = [];
  for (const part of parts) {
    const at = part.indexOf('=');
    const name = decoded(at < 0 ? part : part.slice(0, at));
    const value = decoded(at < 0 ? '' : part.slice(at + 1));
    if (name === null || value === null) return bad('the query is not UTF-8, percent-encoded');
    pairs.push([name, value]);
  }
  const input = valuesOf(operation, pairs);
  return isRefusal(input) ? input : { input };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** Texts as the values that the fields' kinds ask for; a list is a field given several times. */
function valuesOf(
  operation: Operation,
  pairs: readonly (readonly [string, string])[],
): Record<string, unknown> | Refusal {
  const values = new Map<string, unknown>();
  for (const [name, text] of pairs) {
    const field = fieldOf(operation, name);
    if (field === undefined) return unknownField(operation, name);
    const before = values.get(name);
    if (field.kind === 'list') values.set(name, Array.isArray(before) ? [...before, text] : [text]);
    else if (before !== undefined) return bad(`${name} is given twice`);
    else {
      const value = fromText(field, text);
      if (value === undefined) return bad(`${name} is no ${field.kind}`);
      values.set(name, value);
    }
  }
  return Object.fromEntries(values);
}

function fromText({ kind }: InputField, text: string): string | number | boolean | undefined {
  if (kind === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (kind === 'flag') return text === 'true' || text === 'false' ? text === 'true' : undefined;
  // Whole addresses are written into logs of programs on the way.
  return kind === 'secret' ? undefined : text;
}

function readBodyFields(operation: Operation, body: Uint8Array | null): RequestInput | Refusal {
  if (body === null) return { input: {} };
  const value = parseStrictJson(body);
  if (value === null) return bad('the body is no JSON object, nested too deeply, or has a member twice');
  const { [QUORUM_MEMBER]: sealed, ...input } = value;
  const unknown = Object.keys(input).find((name) => fieldOf(operation, name) === undefined);
  if (unknown !== undefined) return unknownField(operation, unknown);
  if (sealed === undefined) return { input };
  if (!operation.quorum) return unknownField(operation, QUORUM_MEMBER);
  if (typeof sealed !== 'string' || !BASE64.test(sealed)) return bad(`${QUORUM_MEMBER} is no base64`);
  const quorum = Buffer.from(sealed, 'base64');
  // The core would end the connection of the whole front.
  if (quorum.length > SEALED_QUORUM_BYTES_MAX) return bad(`${QUORUM_MEMBER} is too long`);
  return { input, quorum };
}

function unknownField({ name }: Operation, field: string): Refusal {
  return bad(`${name} has no field ${JSON.stringify(field.slice(0, 64))}`);
}

function bad(detail: string): Refusal {
  return refuse('INVALID_PARAMETERS', detail);
}
