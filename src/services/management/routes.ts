/** Finds the operation of a method and a path in the catalogue's own routes. It reads no query and no body. */
import type { HttpRoute } from '../../operations/http-route.ts';
import type { Operation } from '../../operations/operation.ts';

export type Method = HttpRoute['method'];

/** An operation that has a route. */
export type RoutedOperation = Operation & { readonly http: HttpRoute };

export interface Match {
  readonly operation: RoutedOperation;
  /** Input fields by name, as text. */
  readonly path: Readonly<Record<string, string>>;
  /** Of a POST that makes something with a place of its own below: the field which names it there. */
  readonly creates: string | null;
}
/** The path is nobody's, has no valid encoding, or knows other methods only. */
export type NoMatch = 'no-route' | 'bad-path' | { readonly allow: readonly Method[] };

export interface Router {
  match(method: string, path: string): Match | NoMatch;
}

/** A part of a route's path: literal text, or the field it gives. */
export type Segment = { readonly literal: string } | { readonly field: string };

/** "/v1/users/{user}" as its parts. */
export function segmentsOf({ path }: HttpRoute): Segment[] {
  return path
    .slice(1)
    .split('/')
    .map((part) => (part.startsWith('{') ? { field: part.slice(1, -1) } : { literal: part }));
}

export function isRouted(operation: Operation): operation is RoutedOperation {
  return operation.http !== undefined;
}

/** No two routes match one request; the catalogue's own test holds that. */
export function routerOf(operations: readonly Operation[]): Router {
  const routes = operations
    .filter(isRouted)
    .map((operation) => ({ operation, segments: segmentsOf(operation.http) }));
  const places = new Set(routes.map(({ operation }) => operation.http.path));
  return {
    match(method, path) {
      if (!path.startsWith('/')) return 'no-route';
      const parts = path.slice(1).split('/');
      const there = routes.filter(({ segments }) => fits(segments, parts));
      if (there.length === 0) return 'no-route';
      const route = there.find(({ operation }) => operation.http.method === method);
      if (route === undefined) return { allow: there.map(({ operation }) => operation.http.method) };
      const fields = fieldsIn(route.segments, parts);
      const { operation } = route;
      return fields === null
        ? 'bad-path'
        : { operation, path: fields, creates: createdField(operation, places) };
    },
  };
}

function createdField({ http }: RoutedOperation, places: ReadonlySet<string>): string | null {
  if (http.method !== 'POST') return null;
  const own = [...places].find((place) => place.startsWith(`${http.path}/{`) && place.endsWith('}'));
  return own === undefined ? null : own.slice(http.path.length + 2, -1);
}

function fits(segments: readonly Segment[], parts: readonly string[]): boolean {
  if (segments.length !== parts.length) return false;
  return segments.every((segment, i) =>
    'field' in segment ? parts[i] !== '' : parts[i] === segment.literal,
  );
}

/** Decoded once, after the path was cut: a name may hold a slash. Null where the encoding is not UTF-8. */
function fieldsIn(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | null {
  try {
    return Object.fromEntries(
      segments.flatMap((segment, i) =>
        'field' in segment ? [[segment.field, decodeURIComponent(parts[i] ?? '')] as const] : [],
      ),
    );
  } catch {
    return null;
  }
}
