/** An operation's input as an HTTP request of its route: path, query, body. It sends nothing. */
import type { HttpRoute } from '../operations/http-route.ts';

export interface HttpCall {
  readonly method: HttpRoute['method'];
  /** With its query. */
  readonly target: string;
  readonly body: string | null;
}

/** Fields in the path stand there; of the rest GET makes a query, everything else a JSON object, with the sealed quorum beside them. */
export function httpCall(
  route: HttpRoute,
  input: Readonly<Record<string, unknown>>,
  quorum: Uint8Array | null = null,
): HttpCall {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = route.path.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = rest.get(field);
    if (value === undefined) throw new TypeError(`${route.path} needs ${field}`);
    rest.delete(field);
    return encodeURIComponent(String(value));
  });
  const { method } = route;
  if (method === 'GET') {
    const query = queryOf(rest);
    return { method, target: query === '' ? path : `${path}?${query}`, body: null };
  }
  if (quorum !== null) rest.set('quorum', Buffer.from(quorum).toString('base64'));
  const body = rest.size === 0 && method === 'DELETE' ? null : JSON.stringify(Object.fromEntries(rest));
  return { method, target: path, body };
}

function queryOf(fields: ReadonlyMap<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of fields)
    for (const item of Array.isArray(value) ? value : [value]) query.append(name, String(item));
  return query.toString();
}
