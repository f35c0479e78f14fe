/** The description of the management port says of every operation of people what it takes and gives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { operations } from '../../operations/catalogue.ts';
import { openApiDocument } from './openapi.ts';
import { isRouted } from './routes.ts';

const schema = z
  .record(z.string(), z.unknown())
  .refine((value) => Object.keys(value).length > 0, 'says nothing');
const described = z.object({
  operationId: z.string(),
  summary: z.string().min(1),
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.enum(['path', 'query']),
      required: z.boolean(),
      description: z.string().min(1),
      schema,
    }),
  ),
  requestBody: z.object({ content: z.object({ 'application/json': z.object({ schema }) }) }).optional(),
  responses: z.record(z.string(), z.unknown()),
});
const document = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), described)),
});
const { paths } = document.parse(openApiDocument(operations));

test('each operation with a route is described once, under its path and method', () => {
  const wanted = operations.filter(isRouted).map(({ http }) => `${http.method} ${http.path}`);
  const there = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(there.sort(), wanted.sort());
});

test('every name in the braces of a path is a parameter of it that must be given', () => {
  for (const [path, methods] of Object.entries(paths))
    for (const { parameters, operationId } of Object.values(methods)) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      assert.ok(inPath.every(({ required }) => required));
      const braces = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      assert.deepEqual(inPath.map(({ name }) => name).sort(), braces.sort(), operationId);
    }
});

test('what may become a job says so, and what comes where it does not', () => {
  const codesOf = (path: string, method: string) => Object.keys(paths[path]?.[method]?.responses ?? {});
  assert.deepEqual(codesOf('/v1/audit-chains', 'get'), ['200', '202', '4XX', '5XX']);
  assert.deepEqual(codesOf('/v1/backups', 'post'), ['202', '4XX', '5XX']);
});

test('no two operations share an ID', () => {
  const ids = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, ids.length);
});

/** Below it, fields that nothing at all is said of. */
function silentFields(node: unknown, path: string): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const children = Object.entries(node);
  const found = children.flatMap(([name, child]) => silentFields(child, `${path}/${name}`));
  const properties = (node as { readonly properties?: unknown }).properties ?? {};
  const silent = Object.entries(properties).filter(([, field]) => JSON.stringify(field) === '{}');
  return [...silent.map(([name]) => `${path}/${name}`), ...found];
}

test('of every field of an input or an answer something is said: its type, or what it is', () => {
  assert.deepEqual(silentFields(paths, ''), []);
  assert.deepEqual(silentFields({ schema: { properties: { a: {}, b: { type: 'string' } } } }, ''), [
    '/schema/a',
  ]);
});
