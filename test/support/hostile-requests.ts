/** Requests to one operation that must be refused, each with the codes it may be refused with: one thing is wrong with it, and the rest is sound and about what there is. It sends nothing. */
import { ERRORS } from '../../src/errors.ts';
import { operations } from '../../src/operations/catalogue.ts';
import { hasNoBody } from '../../src/services/management/request-input.ts';
import { type RoutedOperation, routerOf, segmentsOf } from '../../src/services/management/routes.ts';
import {
  type FieldSchema,
  fieldSchemasOf,
  hostileEncoded,
  hostileJson,
  LOOK_ALIKES,
} from './hostile-values.ts';

export interface HostileRequest {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly codes: readonly string[];
  /** Of lists: what is asked for may be allowed, and then is a page, or one without rows. */
  readonly allowed?: 'page' | 'empty page';
}

/** Sound values by field, as JSON has them. */
export type Sound = Readonly<Record<string, unknown>>;

const ROUTER = routerOf(operations);
const INVALID = ['INVALID_PARAMETERS'];
const BODY_BYTES_MAX = 256 * 1024;
const DEEP = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`.slice(0, 250_000);
/** Of lists, whose meaning is tried elsewhere. */
const OF_LISTS = new Set(['filter', 'sort', 'after']);

/** What the requests to an operation have in common. */
class Target {
  readonly operation: RoutedOperation;
  readonly fields: Readonly<Record<string, FieldSchema>>;
  readonly #sound: Sound;
  readonly #inPath: ReadonlySet<string>;
  #requests = 0;

  constructor(operation: RoutedOperation, sound: Sound) {
    this.operation = operation;
    this.fields = fieldSchemasOf(operation);
    this.#sound = sound;
    this.#inPath = new Set(
      segmentsOf(operation.http).flatMap((segment) => ('field' in segment ? [segment.field] : [])),
    );
  }

  get method(): string {
    return this.operation.http.method;
  }
  get noBody(): boolean {
    return hasNoBody(this.operation);
  }
  namesInPath(): readonly string[] {
    return [...this.#inPath];
  }
  /** The field that names what is made. */
  get creates(): string | null {
    const match = ROUTER.match(this.method, this.operation.http.path);
    return typeof match === 'object' && 'creates' in match ? match.creates : null;
  }
  /** Outside of the path. */
  names(): readonly string[] {
    return Object.keys(this.fields).filter((name) => !this.#inPath.has(name));
  }
  soundOf(name: string): unknown {
    if (!Object.hasOwn(this.#sound, name)) throw new Error(`no sound value of ${name} is known`);
    return this.#sound[name];
  }

  /** `encoded` stands for the fields it names. */
  path(encoded: Readonly<Record<string, string>> = {}): string {
    const parts = segmentsOf(this.operation.http).map((segment) =>
      'literal' in segment
        ? segment.literal
        : (encoded[segment.field] ?? encodeURIComponent(String(this.soundOf(segment.field)))),
    );
    return `/${parts.join('/')}`;
  }
  /** What is refused must not be kept as an answer either. */
  headers(): Record<string, string> {
    this.#requests += 1;
    if (this.method === 'POST') return { 'Idempotency-Key': `${this.operation.name}-${this.#requests}` };
    return this.method === 'PATCH' ? { 'If-Match': '*' } : {};
  }
  /** Members of a body as JSON texts, with those of all sound fields. */
  body(members: readonly string[], without: readonly string[] = []): string {
    const sound = this.names().filter((name) => !without.includes(name) && !OF_LISTS.has(name));
    const rest = sound.map((name) => `${JSON.stringify(name)}:${JSON.stringify(this.soundOf(name))}`);
    return `{${[...rest, ...members].join(',')}}`;
  }

  request(
    what: string,
    given: {
      readonly path?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
      readonly codes?: readonly string[];
      readonly allowed?: 'empty page';
    },
  ): HostileRequest {
    const { body } = given;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const type = { 'Content-Type': 'application/json', 'Content-Length': String(bytes?.length ?? 0) };
    return {
      what: `${this.operation.name}: ${what}`,
      method: this.method,
      path: given.path ?? this.path(),
      headers: { ...this.headers(), ...(bytes === undefined ? {} : type), ...given.headers },
      ...(bytes === undefined ? {} : { body: bytes }),
      codes: given.codes ?? INVALID,
      ...(given.allowed === undefined ? {} : { allowed: given.allowed }),
    };
  }
}

export function soundPath(operation: RoutedOperation, sound: Sound): string {
  return new Target(operation, sound).path();
}

export function hostileRequests(operation: RoutedOperation, sound: Sound): HostileRequest[] {
  const target = new Target(operation, sound);
  return [
    ...wrongPaths(target),
    ...(target.noBody ? [...wrongQueries(target), ...bodiesOfNone(target)] : wrongBodies(target)),
    ...wrongConditions(target),
  ];
}

/** A name may be anything that can be seen, so that of such a path there is just nothing. */
const ABSENT = [
  ...INVALID,
  ...Object.entries(ERRORS)
    .filter(([, { httpStatus }]) => httpStatus === 404 || httpStatus === 405)
    .map(([code]) => code),
];

function wrongPaths(target: Target): HostileRequest[] {
  const whole = target.path();
  const body = target.noBody ? {} : { body: target.body([]) };
  const named = target.namesInPath().flatMap((name) => {
    const schema = target.fields[name];
    if (schema === undefined) throw new Error(`${name} is no field`);
    return [
      ...hostileEncoded(schema).map((value) =>
        target.request(`${name} in the path is ${value.slice(0, 60)}`, {
          path: target.path({ [name]: value }),
          ...body,
        }),
      ),
      ...['..', '.', '%2e%2e', '..%2f..%2fkeys', '%252e%252e', '..;', '..%5c', "'%20OR%201=1--"].map(
        (value) =>
          target.request(`${name} in the path climbs as ${value}`, {
            path: target.path({ [name]: value }),
            ...body,
            codes: ABSENT,
            allowed: 'empty page',
          }),
      ),
    ];
  });
  const turned = [
    `${whole}/`,
    `/${whole}`,
    whole.toUpperCase(),
    `${whole}/..`,
    `/v1/..${whole}`,
    `${whole}%00`,
    `https://kma${whole}`,
  ];
  return [
    ...named,
    ...turned.map((path) =>
      target.request(`the path is ${path.slice(0, 80)}`, { path, ...body, codes: ABSENT }),
    ),
  ];
}

function wrongQueries(target: Target): HostileRequest[] {
  const query = (text: string) =>
    target.request(`?${text.slice(0, 80)}`, { path: `${target.path()}?${text}` });
  const strange = ['unknown=1', '__proto__=1', 'constructor=1', 'toString', '%ff=1', '=', 'quorum=AAAA', '&'];
  const needed = target
    .names()
    .filter((name) => !OF_LISTS.has(name))
    .map((name) => `${name}=${encodeURIComponent(String(target.soundOf(name)))}`);
  return [
    ...strange.map((text) => query([...needed, text].join('&'))),
    query('a=1&'.repeat(200)),
    ...target.namesInPath().map((name) => query([...needed, `${name}=a`].join('&'))),
    ...target.names().flatMap((name) => wrongInQuery(target, name).map(query)),
  ];
}

function wrongInQuery(target: Target, name: string): string[] {
  const schema = target.fields[name];
  if (schema === undefined) throw new Error(`${name} is no field`);
  const others = target
    .names()
    .filter((other) => other !== name && !OF_LISTS.has(other))
    .map((other) => `${other}=${encodeURIComponent(String(target.soundOf(other)))}`);
  const doubled = schema.type === 'array' ? [] : [`${name}=1&${name}=1`];
  // Of lists' own fields the meaning is tried, with other codes.
  const values = OF_LISTS.has(name) ? ['%ff', '%', '%ed%a0%80'] : hostileEncoded(schema);
  return [...values.map((value) => `${name}=${value}`), ...doubled].map((text) =>
    [...others, text].join('&'),
  );
}

function bodiesOfNone(target: Target): HostileRequest[] {
  return [
    target.request('a body', { body: '{}' }),
    target.request('a body of another kind', {
      body: 'a=1',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      codes: ['CONTENT_TYPE'],
    }),
  ];
}

const TYPES = [
  'text/plain',
  'application/xml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=a',
  'application/json; charset=utf-16',
  'application/json, text/plain',
  'application/jsonp',
];
const NO_OBJECTS = [
  '[]',
  'null',
  '1',
  '"a"',
  '{',
  '}',
  '{"a":NaN}',
  '{"a":Infinity}',
  "{'a':1}",
  '{}{}',
  '\ufeff{}',
];

function wrongBodies(target: Target): HostileRequest[] {
  const { operation } = target;
  const whole = target.body([]);
  const body = (text: string | Uint8Array) =>
    target.request(`body ${Buffer.from(text).subarray(0, 80)}`, { body: text });
  const strange = [
    '"unknown":1',
    '"__proto__":{}',
    '"__proto__":1',
    '"constructor":1',
    '"toString":1',
    '"":1',
  ];
  return [
    ...NO_OBJECTS.map(body),
    body(DEEP),
    body(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)),
    ...strange.map((member) => body(target.body([member]))),
    body(target.body(['"a":1', '"a":1'])),
    ...target.namesInPath().map((name) => body(target.body([`${JSON.stringify(name)}:"a"`]))),
    ...target.names().flatMap((name) => wrongInBody(target, name)),
    target.request('a query', { path: `${target.path()}?limit=1`, body: whole }),
    ...TYPES.map((type) =>
      target.request(type, { body: whole, headers: { 'Content-Type': type }, codes: ['CONTENT_TYPE'] }),
    ),
    target.request('a compressed body', {
      body: whole,
      headers: { 'Content-Encoding': 'gzip' },
      codes: ['CONTENT_TYPE'],
    }),
    target.request('a body over the bound', {
      body: whole,
      headers: { 'Content-Length': String(BODY_BYTES_MAX + 1) },
      codes: ['REQUEST_TOO_LONG'],
    }),
    ...wrongCredentials(target, operation.quorum !== false),
  ];
}

/** What a passphrase must not hold, its rules say. */
const SECRET_CODES = [...INVALID, 'INVALID_PASSPHRASE', 'SUPPORT_PASSWORD_WEAK'];

function wrongInBody(target: Target, name: string): HostileRequest[] {
  const schema = target.fields[name];
  if (schema === undefined) throw new Error(`${name} is no field`);
  const member = (json: string) => `${JSON.stringify(name)}:${json}`;
  const texts = name === target.creates ? LOOK_ALIKES.map((text) => JSON.stringify(text)) : [];
  const codes = schema.format === 'password' ? SECRET_CODES : INVALID;
  const doubled = member(JSON.stringify(target.soundOf(name)));
  return [
    ...[...hostileJson(schema), ...texts].map((json) =>
      target.request(member(json).slice(0, 80), { body: target.body([member(json)], [name]), codes }),
    ),
    target.request(`${name} twice`, { body: target.body([doubled]) }),
  ];
}

/** Sealed credentials that are none. */
function wrongCredentials(target: Target, taken: boolean): HostileRequest[] {
  const given = (json: string, codes: readonly string[]) =>
    target.request(`credentials ${json.slice(0, 60)}`, { body: target.body([`"quorum":${json}`]), codes });
  const sealed = taken ? ['SEALING_KEY_UNKNOWN', 'INVALID_PARAMETERS'] : INVALID;
  return [
    ...['null', '[]', '{}', '1', '""', '"not base 64"', '"AAAA\\u0000"', `"${'A'.repeat(12_000)}"`].map(
      (json) => given(json, INVALID),
    ),
    ...['"AAAA"', `"${'A'.repeat(400)}"`].map((json) => given(json, sealed)),
  ];
}

function wrongConditions(target: Target): HostileRequest[] {
  const body = target.noBody ? {} : { body: target.body([]) };
  const matches = ['""', '"a", "b"', 'W/"a"', `"${'a'.repeat(65)}"`, "' OR 1=1 --"];
  const keys = ['short', 'a'.repeat(129), 'has a blank', 'ümläut-key'];
  return [
    ...matches.map((value) =>
      target.request(`If-Match: ${value.slice(0, 40)}`, { ...body, headers: { 'If-Match': value } }),
    ),
    ...keys.map((value) =>
      target.request(`Idempotency-Key: ${value.slice(0, 40)}`, {
        ...body,
        headers: { 'Idempotency-Key': value },
      }),
    ),
  ];
}
