/** What the Manager needs of the OpenAPI document: operations with who may call them, their fields and the columns of their rows. It knows no operation by its name. */
import type { OperationId } from './src/api/types.ts';

type Json = { readonly [name: string]: Json } & { readonly [name: string]: unknown };

/** One input field. */
export interface Field {
  readonly name: string;
  readonly kind: 'text' | 'secret' | 'integer' | 'flag' | 'choice' | 'list' | 'pem';
  readonly required: boolean;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** In characters, where the KMA says so. */
  readonly maximumLength?: number;
  readonly initial?: unknown;
}

/** One column of a list's rows. */
export interface Column {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'flag' | 'list' | 'object';
  /** All values that there are. */
  readonly choices?: readonly string[];
}

export interface Operation {
  readonly id: OperationId;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly roles: readonly string[];
  readonly quorum: boolean | string;
  /** A locked KMA refuses it. */
  readonly needsUnlocked: boolean;
  /** What it changes has a version; of anything else the KMA wants none. */
  readonly isVersioned: boolean;
  /** Words of its command, by which texts of the KMA name it. */
  readonly command: string | null;
  readonly inPath: readonly string[];
  readonly fields: readonly Field[];
  /** Of rows where it is a list, else of what it shows. */
  readonly columns: readonly Column[];
  readonly isList: boolean;
  /** A list that is filtered, sorted and given page by page, by the fields that all such lists have. */
  readonly isPaged: boolean;
  /** By which a list may be filtered. */
  readonly filters: readonly string[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

export function catalogueOf(document: { readonly paths: Json }): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const described = (item as Json)[method];
      return described === undefined ? [] : [operationOf(path, method, described)];
    }),
  );
}

/** Certificates, keys and requests: many lines, mostly from a file. */
const PEM_MEDIA_TYPE = 'application/x-pem-file';

const OF_PAGES: readonly string[] = ['filter', 'sort', 'after', 'limit'];

function operationOf(path: string, method: (typeof METHODS)[number], described: Json): Operation {
  const parameters = (described['parameters'] ?? []) as unknown as readonly Json[];
  const body = schemaIn(described['requestBody']);
  const required = (body?.['required'] ?? []) as unknown as readonly string[];
  const inBody = Object.entries((body?.['properties'] ?? {}) as Json)
    .filter(([name]) => name !== 'quorum')
    .map(([name, schema]) => fieldOf(name, schema as Json, required.includes(name)));
  const inQuery = parameters
    .filter((parameter) => parameter['in'] !== ('path' as unknown))
    .map((parameter) =>
      fieldOf(String(parameter['name']), parameter['schema'] as Json, Boolean(parameter['required'])),
    );
  const output = outputOf(described['responses'] as Json);
  const properties = (output?.['properties'] ?? {}) as Json;
  const rows = ((properties['rows'] as Json | undefined)?.['items'] as Json | undefined)?.['properties'];
  const filter = parameters.find((parameter) => parameter['name'] === ('filter' as unknown));
  const isPaged = filter !== undefined;
  return {
    id: described['operationId'] as unknown as OperationId,
    method: method.toUpperCase() as Operation['method'],
    path,
    summary: String(described['summary']),
    roles: described['x-openkma-roles'] as unknown as readonly string[],
    quorum: described['x-openkma-quorum'] as unknown as boolean | string,
    needsUnlocked: described['x-openkma-needs-unlocked'] === (true as unknown),
    isVersioned: (described['x-openkma-versioned'] as unknown) === true,
    command: (described['x-openkma-command'] ?? null) as unknown as string | null,
    inPath: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
    fields: [...inBody, ...inQuery.filter(({ name }) => !isPaged || !OF_PAGES.includes(name))],
    columns: columnsOf((rows ?? properties) as Json),
    isList: rows !== undefined,
    isPaged,
    filters: filtersIn(filter),
  };
}

/** The list names the columns that it can be filtered by in the field's description. */
function filtersIn(filter: Json | undefined): string[] {
  const [, names = ''] = /columns ([\w, ]+)/.exec(String(filter?.['description'] ?? '')) ?? [];
  return names.split(', ').filter((name) => name !== '');
}

function schemaIn(content: unknown): Json | undefined {
  return (content as Json | undefined)?.['content']?.['application/json']?.['schema'];
}

function outputOf(responses: Json): Json | undefined {
  const done = responses['200'] ?? responses['201'];
  return schemaIn(done);
}

function fieldOf(name: string, schema: Json, required: boolean): Field {
  const { minimum, maximum, maxLength, default: initial } = schema as Record<string, unknown>;
  const choices = schema['enum'] ?? (schema['items'] as Json | undefined)?.['enum'];
  return {
    name,
    kind: kindOf(schema),
    required,
    description: String(schema['description'] ?? ''),
    ...(Array.isArray(choices) ? { choices: choices as readonly string[] } : {}),
    ...(typeof minimum === 'number' ? { minimum } : {}),
    ...(typeof maximum === 'number' ? { maximum } : {}),
    ...(typeof maxLength === 'number' ? { maximumLength: maxLength } : {}),
    ...(initial === undefined ? {} : { initial }),
  };
}

function kindOf(schema: Json): Field['kind'] {
  const type = typesOf(schema)[0];
  if (type === 'boolean') return 'flag';
  if (type === 'integer' || type === 'number') return 'integer';
  if (type === 'array') return 'list';
  if (Array.isArray(schema['enum'])) return 'choice';
  if (schema['contentMediaType'] === (PEM_MEDIA_TYPE as unknown)) return 'pem';
  return schema['format'] === ('password' as unknown) ? 'secret' : 'text';
}

function typesOf(schema: Json): string[] {
  const type: unknown = schema['type'];
  const all = Array.isArray(type) ? type : [type];
  return all.map(String).filter((one) => one !== 'null');
}

function columnsOf(properties: Json): Column[] {
  return Object.entries(properties).map(([name, schema]) => {
    const [type] = typesOf(schema as Json);
    if (type === 'number' || type === 'integer') return { name, kind: 'number' };
    if (type === 'boolean') return { name, kind: 'flag', choices: ['true', 'false'] };
    if (type === 'array') return { name, kind: 'list' };
    const choices: unknown = (schema as Json)['enum'];
    if (Array.isArray(choices)) return { name, kind: 'text', choices: choices.map(String) };
    return { name, kind: type === 'object' ? 'object' : 'text' };
  });
}
