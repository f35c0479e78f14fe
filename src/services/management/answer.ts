/** One request of a known caller: finds the operation, reads its input, asks the core, and makes HTTP of the answer. It proves nobody. */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { IDEMPOTENCY_KEY, VERSION_CONDITION } from '../../operations/http-route.ts';
import { metricRows } from '../../operations/metrics/metric-rows.ts';
import type { ManagerOrigin } from '../../processes/management-messages.ts';
import type { ManagementCall, ManagementLink, ManagementReply } from './link.ts';
import { METRICS_TYPE, metricsText } from './metrics-text.ts';
import { type HttpAnswer, problem } from './problem.ts';
import { firstCall, reportPieces, reportTypeOf } from './report.ts';
import { type RequestInput, readInput } from './request-input.ts';
import type { Match, Router } from './routes.ts';

/** A whole request. `body` is null where none was sent. */
export interface ManagementRequest {
  readonly method: string;
  /** As sent, with its query. */
  readonly url: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: Uint8Array | null;
}

/** A list that is written page by page, as its reader takes it. */
export interface ReportAnswer {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: AsyncGenerator<string>;
}

export type ManagementAnswer = (HttpAnswer | ReportAnswer) & {
  /** False where the caller is nobody any more: his connection ends. */
  readonly known: boolean;
};

const known = (answer: HttpAnswer | ReportAnswer): ManagementAnswer => ({ ...answer, known: true });

export async function answerManagement(
  request: ManagementRequest,
  origin: ManagerOrigin,
  router: Router,
  link: ManagementLink,
): Promise<ManagementAnswer> {
  const asked = callOf(request, router);
  if ('status' in asked) {
    // The core has not been asked who he is, and who is nobody any more would keep a manager's place by such requests.
    const owner = await link.who(origin);
    return { ...asked, known: owner === null || owner.userId !== null };
  }
  const { match, given } = asked;
  const report = reportTypeOf(match.operation, request.headers.accept);
  const call = report === null ? asked.call : firstCall(asked.call);
  const answer = await link.call(call, origin);
  // The core is being replaced, or too slow; what only asks may ask again.
  if (answer === null)
    return known(problem(match.operation.http.method === 'GET' ? 'SERVER_BUSY' : 'SERVER_ERROR'));
  if (answer.t === 'problem') return { ...problem(answer.code, answer.detail), known: answer.known };
  if (match.operation.http.asMetrics === true && !wantsJson(request)) return known(measured(answer));
  if (report !== null) {
    const pieces = reportPieces(report, call, answer.output, (next) => link.call(next, origin));
    return known({ status: 200, headers: { 'Content-Type': `${report.mediaType}; charset=utf-8` }, pieces });
  }
  return known(replied(answer, match, given));
}

interface Asked {
  readonly match: Match;
  readonly given: RequestInput;
  readonly call: ManagementCall;
}

/** What to ask the core, or why there is nothing to ask. */
function callOf(request: ManagementRequest, router: Router): Asked | HttpAnswer {
  const [path = '', query = ''] = splitUrl(request.url);
  const match = router.match(request.method, path);
  if (match === 'no-route') return problem('ROUTE_UNKNOWN');
  if (match === 'bad-path') return problem('INVALID_PARAMETERS', 'the path is not UTF-8');
  if ('allow' in match) return notAllowed(match.allow);
  if (request.body !== null && !isJson(request.headers['content-type'])) return problem('CONTENT_TYPE');
  const given = readInput(match, query, request.body);
  if (isRefusal(given)) return problem(given.refused, given.detail);
  const conditions = conditionsOf(request, match.operation);
  if (isRefusal(conditions)) return problem(conditions.refused, conditions.detail);
  return { match, given, call: { operation: match.operation.name, ...given, ...conditions } };
}

function splitUrl(url: string): string[] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

function notAllowed(allow: readonly string[]): HttpAnswer {
  const answer = problem('METHOD_NOT_ALLOWED');
  return { ...answer, headers: { ...answer.headers, Allow: [...new Set(allow)].sort().join(', ') } };
}

export function isJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/json(?:; *charset=utf-8)?$/i.test(contentType);
}

type Conditions = Pick<ManagementCall, 'ifMatch' | 'idempotencyKey' | 'unattended'>;

/** Of a page that asks by itself while nobody may be there. */
const UNATTENDED_HEADER = 'openkma-unattended';

/** If-Match for what changes something, and the Idempotency-Key of a POST. */
function conditionsOf({ headers }: ManagementRequest, { http }: Match['operation']): Conditions | Refusal {
  const match = headers['if-match'];
  const version = String(match ?? '*').replace(/^"(.*)"$/, '$1');
  if (match !== undefined && (http.method === 'GET' || !VERSION_CONDITION.test(version)))
    return refuse('INVALID_PARAMETERS', 'If-Match takes one ETag or *, where something is changed');
  const key = headers['idempotency-key'];
  if (key !== undefined && (http.method !== 'POST' || !IDEMPOTENCY_KEY.test(String(key))))
    return refuse('INVALID_PARAMETERS', 'Idempotency-Key is for POST: 8 to 128 visible ASCII characters');
  return {
    ...(match === undefined ? {} : { ifMatch: version }),
    ...(key === undefined ? {} : { idempotencyKey: String(key) }),
    ...(headers[UNATTENDED_HEADER] === '1' ? { unattended: true } : {}),
  };
}

function wantsJson({ headers }: ManagementRequest): boolean {
  return String(headers['accept'] ?? '').includes('application/json');
}

function measured({ output }: ManagementReply): HttpAnswer {
  return {
    status: 200,
    headers: { 'Content-Type': METRICS_TYPE },
    body: metricsText(metricRows.parse(output)),
  };
}

const waiting = z.object({ pendingId: z.string() });
const underWay = z.object({ job: z.string() });

function replied(
  { output, version, became }: ManagementReply,
  match: Match,
  given: RequestInput,
): HttpAnswer {
  const etag = version === undefined ? {} : { ETag: `"${version}"` };
  if (became === 'pending')
    return json(202, output, { Location: `/v1/pending-operations/${waiting.parse(output).pendingId}` });
  if (became === 'job') return json(202, output, { Location: `/v1/jobs/${underWay.parse(output).job}` });
  const place = createdPlace(match, given, output);
  if (place !== null) return json(201, output, { Location: place, ...etag });
  return output === null ? { status: 204, headers: etag, body: '' } : json(200, output, etag);
}

function json(status: number, output: unknown, headers: Readonly<Record<string, string>>): HttpAnswer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(output),
  };
}

/** What was made is named by the caller, or by the answer. */
function createdPlace(
  { operation, creates }: Match,
  { input }: RequestInput,
  output: unknown,
): string | null {
  if (creates === null) return null;
  const made = typeof output === 'object' && output !== null ? { ...input, ...output } : input;
  const name: unknown = Object.entries(made).find(([field]) => field === creates)?.[1];
  return typeof name === 'string' ? `${operation.http.path}/${encodeURIComponent(name)}` : null;
}
