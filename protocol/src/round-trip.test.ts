/** Properties of every operation in both directions: what is written is read back, whatever the strings hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyFields, type Side } from './arbitraries.ts';
import {
  cutUtf8,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  OPERATIONS,
  type OperationName,
  type Requests,
  type Responses,
} from './index.ts';
import type { Shape, StructShape } from './wire-type.ts';

const RUNS = { numRuns: 40 };

/** What must arrive for what was sent: illegal characters replaced, and in responses strings cut. */
function arriving(shape: Shape, value: unknown, side: Side): unknown {
  switch (shape.kind) {
    case 'string': {
      const legal = Array.from(String(value), (character) =>
        isLegal(character) ? character : '\uFFFD',
      ).join('');
      return side === 'response' ? cutUtf8(legal, shape.maxBytes) : legal;
    }
    case 'identifier':
      return String(value).toUpperCase();
    case 'long':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case 'struct':
      return arrivingFields(shape, Object(value), side);
    case 'array':
      return Array.isArray(value) ? value.map((item) => arrivingFields(shape.item, item, side)) : [];
    default:
      return value;
  }
}

function arrivingFields(shape: StructShape, values: object, side: Side): object {
  const given = [...shape.elements, ...shape.attributes].flatMap(({ property, field }) => {
    const value: unknown = Reflect.get(values, property);
    return value === undefined ? [] : [[property, arriving(field.shape, value, side)] as const];
  });
  return Object.fromEntries(given);
}

/** Char of XML 1.0 section 2.2. */
function isLegal(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
}

for (const [name, operation] of Object.entries(OPERATIONS) as [
  OperationName,
  (typeof OPERATIONS)[OperationName],
][]) {
  const { service, request, response } = operation;

  test(`${name}: any request arrives as it was sent`, () => {
    fc.assert(
      fc.property(anyFields(request.shape, 'request'), (fields) => {
        const xml = encodeRequest(service, name, fields as Requests[typeof name]);
        const expected = { kind: 'request', name, fields: arrivingFields(request.shape, fields, 'request') };
        assert.deepEqual(decodeRequest(service, Buffer.from(xml)), expected);
      }),
      RUNS,
    );
  });

  test(`${name}: any response arrives as it was sent, cut to the agents' limits`, () => {
    fc.assert(
      fc.property(anyFields(response.shape, 'response'), (fields) => {
        const xml = encodeResponse(service, name, fields as Responses[typeof name]);
        const expected = arrivingFields(response.shape, fields, 'response');
        assert.deepEqual(decodeResponse(service, name, Buffer.from(xml)), expected);
      }),
      RUNS,
    );
  });
}
