/** The description of the management port in OpenAPI 3.1, out of the catalogue (D9). It serves nothing. */
import { z } from 'zod';
import { ERRORS } from '../../errors.ts';
import { inputFieldsOf } from '../../operations/input-fields.ts';
import { startedJob } from '../../operations/jobs.ts';
import type { Operation } from '../../operations/operation.ts';
import { comesInPages } from '../../operations/pages.ts';
import { REPORT_TYPES } from './report.ts';
import { hasNoBody, QUORUM_MEMBER } from './request-input.ts';
import { isRouted, type RoutedOperation, segmentsOf } from './routes.ts';

type Json = Readonly<Record<string, unknown>>;

/** Of the paths, which begin with it. */
const VERSION = 'v1';
const SUMMARY = 'Management of an OpenKMA key management appliance';
const DESCRIPTION =
  'TLS 1.3 with the client certificate of a log-in. Refusals are problem details (RFC 9457) with a code of the register.';

const PROBLEM = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  code: z.enum(Object.keys(ERRORS)),
  number: z.int(),
  whatToDo: z.string(),
});

/** JSON Schema 2020-12 is what OpenAPI 3.1 takes; the dialect need not be said at each. */
function schemaOf(type: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' });
  return schema;
}

export function openApiDocument(operations: readonly Operation[]): Json {
  const paths = new Map<string, Record<string, Json>>();
  for (const operation of operations.filter(isRouted)) {
    const { method, path } = operation.http;
    const there = paths.get(path) ?? {};
    there[method.toLowerCase()] = described(operation);
    paths.set(path, there);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'OpenKMA management',
      version: VERSION,
      summary: SUMMARY,
      description: DESCRIPTION,
      license: LICENSE,
    },
    servers: [{ url: 'https://{kma}:3333', variables: { kma: { default: 'localhost' } } }],
    security: [{ session: [] }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        session: { type: 'mutualTLS', description: 'The key and certificate of a log-in.' },
      },
      schemas: { Problem: schemaOf(PROBLEM, 'output') },
    },
  };
}
const LICENSE = { name: 'Apache-2.0', identifier: 'Apache-2.0' };

function described(operation: RoutedOperation): Json {
  const { name, summary, callers, quorum, needsUnlocked, command, entity, http } = operation;
  const body = hasNoBody(operation) ? {} : { requestBody: bodyOf(operation) };
  return {
    operationId: name.charAt(0).toLowerCase() + name.slice(1),
    summary,
    parameters: parametersOf(operation),
    ...body,
    responses: responsesOf(operation),
    'x-openkma-roles': callers,
    'x-openkma-quorum': quorum,
    'x-openkma-needs-unlocked': needsUnlocked,
    // What it changes has a version, which If-Match names.
    ...(entity !== undefined && http.method !== 'GET' ? { 'x-openkma-versioned': true } : {}),
    // By which texts name it: "kma agent list".
    ...(command === undefined ? {} : { 'x-openkma-command': command.words.join(' ') }),
  };
}

const inPath = ({ http }: RoutedOperation): string[] =>
  segmentsOf(http).flatMap((segment) => ('field' in segment ? [segment.field] : []));

function propertiesOf({ input }: Operation): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }).properties ?? {};
}

function parametersOf(operation: RoutedOperation): Json[] {
  const properties = propertiesOf(operation);
  const named = inPath(operation);
  return inputFieldsOf(operation)
    .filter(({ name }) => named.includes(name) || hasNoBody(operation))
    .map(({ name, required, description }) => ({
      name,
      in: named.includes(name) ? 'path' : 'query',
      required: required || named.includes(name),
      description,
      schema: properties[name],
    }));
}

/** The input without what the path names, and with the credentials where they are needed. */
function bodyOf(operation: RoutedOperation): Json {
  const named = inPath(operation);
  const fields = inputFieldsOf(operation).filter(({ name }) => !named.includes(name));
  const properties = propertiesOf(operation);
  const sealed = {
    type: 'string',
    contentEncoding: 'base64',
    description: 'key split credentials, sealed to the KMA',
  };
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  const schema = {
    type: 'object',
    properties: {
      ...Object.fromEntries(fields.map(({ name }) => [name, properties[name]])),
      ...(operation.quorum ? { [QUORUM_MEMBER]: sealed } : {}),
    },
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
  return { required: required.length > 0, content: { 'application/json': { schema } } };
}

/** The whole list, in formats that a caller asks for with Accept. */
const REPORTS: Json = Object.fromEntries(
  REPORT_TYPES.map(({ mediaType }) => [mediaType, { schema: { type: 'string' } }]),
);

function responsesOf(operation: RoutedOperation): Json {
  const { output, http, quorum } = operation;
  const schema = schemaOf(output, 'output');
  const refused = {
    description: 'Refused; the code says why.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  const more = {
    ...(comesInPages(operation) ? REPORTS : {}),
    ...(http.asMetrics === true ? { 'text/plain': { schema: { type: 'string' } } } : {}),
  };
  const done = { description: 'Done.', content: { 'application/json': { schema }, ...more } };
  const begun = {
    '202': {
      description: 'Begun; Location says where to follow it, and what comes of it in the end.',
      content: { 'application/json': { schema: schemaOf(startedJob, 'output') } },
    },
  };
  if (operation.job === true) return { ...begun, '4XX': refused, '5XX': refused };
  const nothing = schema['type'] === 'null' ? { '204': { description: 'Done.' } } : { '200': done };
  return {
    ...nothing,
    ...(http.method === 'POST'
      ? { '201': { ...done, description: 'Made; Location says where it is.' } }
      : {}),
    ...(quorum ? { '202': { description: 'Waits for approval; Location says where.' } } : {}),
    ...(operation.job === 'when-long' ? begun : {}),
    '4XX': refused,
    '5XX': refused,
  };
}
