/** Values that an input field must not take, made from its JSON Schema: as JSON for bodies, percent-encoded for paths and queries. It asks nobody whether they are taken. */
import { z } from 'zod';
import type { Operation } from '../../src/operations/operation.ts';

/** The part of JSON Schema that tells what a field takes. */
const fieldSchema = z.object({
  type: z.enum(['string', 'integer', 'boolean', 'array']),
  format: z.string().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.string()).optional(),
  maxLength: z.int().optional(),
  minimum: z.int().optional(),
  maximum: z.int().optional(),
  maxItems: z.int().optional(),
  get items(): z.ZodOptional<typeof fieldSchema> {
    return fieldSchema.optional();
  },
});
export type FieldSchema = z.infer<typeof fieldSchema>;

/** Throws for a kind of field that no hostile value is known of. */
export function fieldSchemasOf({ input }: Operation): Readonly<Record<string, FieldSchema>> {
  const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, fieldSchema.parse(schema)]),
  );
}

/** What no name, text, ID, date or choice may hold: control characters, direction, the invisible, halves of pairs, no characters at all. */
const BROKEN_TEXTS = [
  'a\u0000b',
  'a\nb',
  'a\r\nX-Header: b',
  'a\u001b[2Jb',
  'a\u007fb',
  'a\u0085b',
  'a\u202eb',
  'a\u2066b',
  'a\u200fb',
  'a\u200bb',
  'a\u200db',
  'a\u2060b',
  '\ufeffa',
  'a\u00adb',
  'a\u2028b',
  'a\u3164b',
  'a\u034fb',
  'a\uffffb',
  'a\ue000b',
  'a\u{e0041}b',
  ' a',
  'a ',
  'a\u00a0',
];
/** JSON has them, no encoding of a path does. */
const HALVES = ['a\ud800b', '\udc00', 'a\udfff\ud800'];

/** For what takes few forms only: nothing of it is an ID, a date, a length of time or a choice. */
const STRANGE_TEXTS = [
  '',
  ' ',
  "' OR '1'='1",
  '"; DROP TABLE key; --',
  '../../etc/passwd',
  '{{7*7}}',
  '__proto__',
  'constructor',
  'toString',
  '\uff10'.repeat(32),
  '\u0430'.repeat(64),
  'Ａ'.repeat(60),
  '0x10',
  'NaN',
  '99999999999d',
  '0d',
  '-1d',
  '1.5y',
  '90D',
  '2026-02-30T00:00:00Z',
  '2026-11-25T00:00:00',
  '12026-11-25T00:00:00Z',
  '2026-11-25T25:61:61Z',
  'tomorrow',
];

/** Names that could be taken for those of others; nothing new gets them. */
export const LOOK_ALIKES = [
  '\u043efficer',
  '\u0441\u043e\u0440\u0430',
  '\u039a\u0391\u03a4\u039f',
  '\uff4ffficer',
  'o\ufb03cer',
  '\u{1d428}fficer',
  'drive\u20101',
  'drive-\u0661',
  'a\u00a0b',
  'a  b',
  'o\u0338perator',
  'a\ufe0fb',
  '.',
  '..',
];

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const OF_NO_TYPE = ['null', '{}', '{"__proto__":{"a":1}}', '{"constructor":"a"}', '{"$b":"AAAA"}', nested(7)];
const NO_TEXTS = ['0', '-1.5', '1e400', 'true', '[]', '["a"]'];
const NO_INTEGERS = ['"1"', '"1000"', '1.5', '1e400', '-1e400', '9007199254740993', 'true', '[1]', '"NaN"'];
const NO_FLAGS = ['0', '1', '"true"', '"false"', '"yes"', '""', '[true]'];
const NO_LISTS = ['0', 'true', '""', '"a,b"', '{"0":"a","length":1}', '[null]', '[1]', '[{}]', '[["a"]]'];

/** JSON texts. */
export function hostileJson(schema: FieldSchema): readonly string[] {
  return [...OF_NO_TYPE, ...wrongOf(schema)];
}

function wrongOf(schema: FieldSchema): readonly string[] {
  switch (schema.type) {
    case 'integer':
      return [...NO_INTEGERS, ...beyond(schema).map(String)];
    case 'boolean':
      return NO_FLAGS;
    case 'array':
      return [...NO_LISTS, ...wrongLists(schema)];
    case 'string':
      return [...NO_TEXTS, ...[...hostileTexts(schema), ...HALVES].map((text) => JSON.stringify(text))];
  }
}

function beyond({ minimum, maximum }: FieldSchema): number[] {
  return [...(minimum === undefined ? [] : [minimum - 1]), ...(maximum === undefined ? [] : [maximum + 1])];
}

function wrongLists({ items, maxItems = 0 }: FieldSchema): string[] {
  if (items === undefined) throw new Error('a list of anything');
  const tooMany = JSON.stringify(Array(maxItems + 1).fill(items.enum?.[0] ?? '0'.repeat(60)));
  return [tooMany, ...hostileTexts(items).map((text) => JSON.stringify([text]))];
}

/** Some strange texts are sound ones of it. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isFree({ pattern, format, enum: choices }: FieldSchema): boolean {
  return pattern === undefined && format === undefined && choices === undefined;
}

/** Of a text field. */
function hostileTexts(schema: FieldSchema): string[] {
  const { maxLength } = schema;
  if (schema.format === 'password') return ['', ...BROKEN_TEXTS, 'a'.repeat((maxLength ?? 0) + 1)];
  if (schema.format === 'base64')
    return [
      '',
      ...[...STRANGE_TEXTS, ...BROKEN_TEXTS].filter((text) => !BASE64.test(text)),
      'AAAA'.repeat(50_000),
    ];
  if (!isFree(schema)) return [...STRANGE_TEXTS, ...BROKEN_TEXTS, '0'.repeat(10_000)];
  if (maxLength === undefined) throw new Error('a text of any length');
  // The bound of the schema is for the most that the characters meant may take.
  return [...BROKEN_TEXTS, 'a'.repeat(maxLength / 4 + 1), '\u{1f511}'.repeat(maxLength / 4 + 1)];
}

const NO_ENCODED_TEXTS = ['%ff', '%c0%af', '%ed%a0%80', '%f4%90%80%80', '%', '%zz', '%2', 'a%00b'];
const NO_ENCODED_INTEGERS = ['', '%20', '1e3', '0x10', '1.5', '-1', '%2b1', '5%20', '%d9%a3', '9'.repeat(40)];
const NO_ENCODED_FLAGS = ['', '0', '1', 'TRUE', 'yes', 'true%00', 'null'];

/** Values as they stand in a query or a path. Lists (filters) are tried by their meaning, elsewhere. */
export function hostileEncoded(schema: FieldSchema): readonly string[] {
  if (schema.type === 'integer') return [...NO_ENCODED_INTEGERS, ...beyond(schema).map(String)];
  if (schema.type === 'boolean') return NO_ENCODED_FLAGS;
  if (schema.type === 'array') return NO_ENCODED_TEXTS;
  const texts = hostileTexts(schema).filter(
    (text) => text !== '' && encodeURIComponent(text).length < 10_000,
  );
  return [...NO_ENCODED_TEXTS, ...texts.map(encodeURIComponent)];
}
