/** Requests of people to port 3333 as bytes, made from the catalogue and taken apart again: a line with method and path, headers, an empty line, a body. It sends nothing. */
import { operations } from '../src/operations/catalogue.ts';
import { hasNoBody } from '../src/services/management/request-input.ts';
import { isRouted, type RoutedOperation, segmentsOf } from '../src/services/management/routes.ts';
import { columnsShown } from '../test/support/hostile-lists.ts';
import { type FieldSchema, fieldSchemasOf, hostileJson } from '../test/support/hostile-values.ts';
import { mutateJson } from './mutate.ts';
import type { Random } from './random.ts';

export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

const ROUTED = operations.filter(isRouted);
/** What there is in the store of the target, and what could be. */
const TEXTS = ['auditor', 'officer', 'group-a', 'years', 'site-a', 'drive-1', 'kma-test', 'new', 'Zürich'];
const OPERATORS = ['=', '<>', '<', '>', '<=', '>=', '~', ' empty', ' notempty'];
const VALUES = [
  '',
  'a',
  'auditor',
  '1',
  '-5',
  'true',
  '90d',
  '2026-11-25',
  '2026-01-01T00:00:00Z',
  "' OR 1=1 --",
];
const ACCEPTS = ['application/json', 'application/x-ndjson', 'text/plain', '*/*'];

export function soundRequest(random: Random): SentRequest {
  const operation = random.pick(ROUTED);
  const schemas = fieldSchemasOf(operation);
  const inPath = segmentsOf(operation.http).map((segment) =>
    'literal' in segment
      ? segment.literal
      : encodeURIComponent(String(soundValue(random, schemas[segment.field] ?? { type: 'string' }))),
  );
  const named = new Set(segmentsOf(operation.http).flatMap((one) => ('field' in one ? [one.field] : [])));
  const fields = Object.entries(schemas).filter(([name]) => !named.has(name) && !random.onceIn(8));
  const values = fields.map(([name, schema]) => [name, valueFor(random, operation, name, schema)] as const);
  const path = `/${inPath.join('/')}`;
  const headers = headersOf(random, operation);
  if (hasNoBody(operation))
    return { method: operation.http.method, url: `${path}${queryOf(values)}`, headers, body: null };
  return {
    ...{ method: operation.http.method, url: path },
    headers: { ...headers, 'content-type': 'application/json' },
    body: Buffer.from(bodyOf(random, schemas, values)),
  };
}

function headersOf(random: Random, { http }: RoutedOperation): Record<string, string> {
  return {
    accept: random.pick(ACCEPTS),
    ...(http.method === 'PATCH' ? { 'if-match': random.onceIn(2) ? '*' : '"0123456789abcdef"' } : {}),
    ...(http.method === 'POST' && random.onceIn(3) ? { 'idempotency-key': 'once-and-no-more' } : {}),
  };
}

/** One field in some has what it must not take. */
function bodyOf(
  random: Random,
  schemas: Readonly<Record<string, FieldSchema>>,
  values: readonly (readonly [string, unknown])[],
): string {
  const members = values.map(([name, value]) => {
    const schema = schemas[name];
    const hostile = schema !== undefined && random.onceIn(8);
    return `${JSON.stringify(name)}:${hostile ? random.pick(hostileJson(schema)) : JSON.stringify(value)}`;
  });
  return `{${members.join(',')}}`;
}

function queryOf(values: readonly (readonly [string, unknown])[]): string {
  const pairs = values.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${name}=${encodeURIComponent(String(one))}`),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function valueFor(random: Random, operation: RoutedOperation, name: string, schema: FieldSchema): unknown {
  const columns = columnsShown(operation);
  if (columns.length === 0) return soundValue(random, schema);
  const column = () => random.pick(columns);
  switch (name) {
    case 'filter':
      return Array.from(
        { length: random.small(4) },
        () => `${column()}${random.pick(OPERATORS)}${random.pick(VALUES)}`,
      );
    case 'sort':
      return `${random.onceIn(2) ? '-' : ''}${column()}`;
    case 'after':
      return Buffer.from(JSON.stringify(['00000000', random.pick(VALUES), ''])).toString('base64url');
    default:
      return soundValue(random, schema);
  }
}

function soundValue(random: Random, schema: FieldSchema): unknown {
  const { enum: choices, minimum = 0, maximum = 1000, items, pattern = '' } = schema;
  if (schema.type === 'boolean') return random.onceIn(2);
  if (schema.type === 'integer') return random.pick([minimum, maximum, minimum + 1]);
  if (schema.type === 'array')
    return Array.from({ length: 1 + random.below(2) }, () => soundValue(random, items ?? { type: 'string' }));
  if (choices !== undefined) return random.pick(choices);
  if (schema.format === 'password') return 'Sits-on-the-fence-9';
  if (schema.format === 'date-time') return '2026-01-01T00:00:00Z';
  const digits = /\{(\d+)\}\$$/.exec(pattern)?.[1];
  if (digits !== undefined) return random.pick(['0', 'A', 'a']).repeat(Number(digits));
  return pattern === '' ? random.pick(TEXTS) : '90d';
}

export function encodeSent({ method, url, headers, body }: SentRequest): Uint8Array {
  const lines = [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

/** As Node.js would hand it over: texts of one byte a character; null where the first line is none of HTTP. */
export function decodeSent(input: Uint8Array): SentRequest | null {
  const bytes = Buffer.from(input);
  const end = bytes.indexOf('\n\n');
  const head = bytes.subarray(0, end < 0 ? bytes.length : end).toString('latin1');
  const [first = '', ...lines] = head.split('\n');
  const [, method, url] = /^([A-Z]{1,16}) ([\x21-\xff]{1,8000})$/.exec(first) ?? [];
  if (method === undefined || url === undefined) return null;
  const headers = lines.flatMap((line) => {
    const [, name, value] = /^([a-z-]{1,64}): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  const body = bytes.subarray(end < 0 ? bytes.length : end + 2);
  return { method, url, headers: Object.fromEntries(headers), body: body.length === 0 ? null : body };
}

/** Changes what the body says, or a value of the path; null where there is nothing to change. */
export function mutateSent(random: Random, input: Uint8Array): Uint8Array | null {
  const sent = decodeSent(input);
  if (sent === null) return null;
  if (sent.body === null) return encodeSent({ ...sent, url: mutatedUrl(random, sent.url) });
  try {
    const value: unknown = JSON.parse(Buffer.from(sent.body).toString());
    return encodeSent({ ...sent, body: Buffer.from(JSON.stringify(mutateJson(random, value)) ?? '') });
  } catch {
    return null;
  }
}

/** One value is changed as text, and encoded again. */
function mutatedUrl(random: Random, url: string): string {
  const pieces = url.split(/(?<=[/?&=])/);
  const at = random.below(pieces.length);
  const changed = mutateJson(random, pieces[at]?.replace(/[/?&=]$/, '') ?? '');
  const text = typeof changed === 'string' ? changed : (JSON.stringify(changed) ?? '');
  const behind = /[/?&=]$/.exec(pieces[at] ?? '')?.[0] ?? '';
  pieces[at] = encodeURIComponent(text.toWellFormed()).replaceAll('%25', '%') + behind;
  return pieces.join('');
}
