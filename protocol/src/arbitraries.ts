/** Random values for every type of the table, for the property tests; it is no part of the package's face. */
import fc from 'fast-check';
import type { Shape, StructShape } from './wire-type.ts';

/** Texts of any kind: other scripts, markup, control characters, halves of surrogate pairs. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '',
    'Gruppe-Ä',
    '<&>"\'',
    ']]>',
    '<![CDATA[x]]>',
    '&amp;',
    ' \t\r\n ',
    '🔑'.repeat(20),
    'ä'.repeat(64),
  ),
);

const bytes = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: Math.min(max, min + 80) }).map((array) => Buffer.from(array));

const hexDigits = (pairs: number) =>
  fc.uint8Array({ minLength: pairs, maxLength: pairs }).map((array) => Buffer.from(array).toString('hex'));

export type Side = 'request' | 'response';

export function anyValue(shape: Shape, side: Side): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'string':
      return anyText;
    case 'identifier':
      return fc.integer({ min: Math.ceil(shape.minDigits / 2), max: shape.maxDigits / 2 }).chain(hexDigits);
    case 'address':
      return fc.oneof(fc.ipV4(), fc.domain());
    case 'hexBinary':
      return bytes(shape.minBytes, shape.maxBytes);
    case 'int':
      return fc.integer({ min: shape.min, max: shape.max });
    case 'count':
      return fc.maxSafeNat();
    case 'long':
      return fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    case 'boolean':
      return fc.boolean();
    case 'dateTime':
      return fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
    case 'enum':
      return fc.constantFrom(...(side === 'response' ? shape.sent : shape.texts));
    case 'struct':
      return anyFields(shape, side);
    case 'array':
      return fc.array(anyFields(shape.item, side), {
        minLength: shape.minItems,
        maxLength: Math.min(shape.maxItems, shape.minItems + 4),
      });
  }
}

export function anyFields(shape: StructShape, side: Side): fc.Arbitrary<object> {
  const entries = [...shape.elements, ...shape.attributes];
  const model = Object.fromEntries(
    entries.map(({ property, field }) => [property, anyValue(field.shape, side)]),
  );
  const required = entries.flatMap(({ property, field }) => (field.optional ? [] : [property]));
  return fc.record(model, { requiredKeys: required, noNullPrototype: true });
}
