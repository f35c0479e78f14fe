/** Calls of the KMA's management interface: one request, its answer or the problem that it names. It keeps nothing. */
import type { Operation } from './catalogue.ts';

/** A refusal, as the KMA tells it (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly whatToDo: string;

  constructor({ status, title, detail, code, whatToDo }: ProblemBody) {
    super(detail === undefined ? title : `${title}: ${detail}`);
    this.status = status;
    this.code = code;
    this.whatToDo = whatToDo;
  }
}

interface ProblemBody {
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  readonly code: string;
  readonly whatToDo: string;
}

export interface Answer {
  readonly body: unknown;
  /** Of the thing shown, for a change of it. */
  readonly version: string | null;
  /** Where to follow what was not done at once. */
  readonly waitsAt: string | null;
}

export interface CallOptions {
  readonly version?: string | null;
  /** Sealed credentials of a quorum, base64. */
  readonly quorum?: string | null;
  /** By the page itself: it keeps nobody logged in. */
  readonly unattended?: boolean;
  readonly signal?: AbortSignal;
}

export type Input = Readonly<Record<string, unknown>>;

const NETWORK: ProblemBody = {
  status: 0,
  title: 'The KMA does not answer',
  code: 'NO_ANSWER',
  whatToDo: 'Look whether it runs and can be reached from here, then try again.',
};

/** Told of a session that is over. */
let onSessionEnd: () => void = () => undefined;
export function whenSessionEnds(listener: () => void): void {
  onSessionEnd = listener;
}

export async function call(operation: Operation, input: Input, options: CallOptions = {}): Promise<Answer> {
  const { method } = operation;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(input[name])),
  );
  const rest = Object.entries(input).filter(
    ([name, value]) => !operation.inPath.includes(name) && value !== undefined,
  );
  const bodiless = method === 'GET' || method === 'DELETE';
  const query = bodiless ? queryOf(rest) : '';
  const members = {
    ...Object.fromEntries(rest),
    ...(options.quorum == null ? {} : { quorum: options.quorum }),
  };
  return request(method, query === '' ? path : `${path}?${query}`, bodiless ? null : members, options);
}

export async function request(
  method: string,
  url: string,
  body: object | null,
  { version, unattended, signal }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      Accept: 'application/json',
      ...(body === null ? {} : { 'Content-Type': 'application/json' }),
      ...(version == null ? {} : { 'If-Match': version }),
      ...(method === 'POST' && url.startsWith('/v1/') ? { 'Idempotency-Key': crypto.randomUUID() } : {}),
      ...(unattended === true ? { 'OpenKMA-Unattended': '1' } : {}),
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch(unanswered);
  if (!response.ok) throw await problemOf(response);
  return {
    body: response.status === 204 ? null : await response.json(),
    version: response.headers.get('ETag'),
    waitsAt: response.status === 202 ? response.headers.get('Location') : null,
  };
}

/** A list as a file of this type, whole. */
export async function fetchReport(url: string, type: string): Promise<Blob> {
  const response = await fetch(url, { headers: { Accept: type } }).catch(unanswered);
  if (!response.ok) throw await problemOf(response);
  return response.blob().catch(unanswered);
}

/** Somebody went on, or nobody is there. */
function unanswered(error: unknown): never {
  throw error instanceof DOMException ? error : new Problem(NETWORK);
}

async function problemOf(response: Response): Promise<Problem> {
  const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json') === true;
  const problem = new Problem(
    isProblem ? ((await response.json()) as ProblemBody) : { ...NETWORK, status: response.status },
  );
  if (problem.status === 401) onSessionEnd();
  return problem;
}

export function queryOf(fields: readonly (readonly [string, unknown])[]): string {
  const query = new URLSearchParams();
  for (const [name, value] of fields)
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  return query.toString();
}
