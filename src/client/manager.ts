/** Calls operations of one KMA over port 3333 in the name of a session: waits where the KMA is busy, repeats only what cannot happen twice. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ClusterMember,
  type PlainCredential,
  publicKeySha256,
  sealCredentials,
} from '@openkma/protocol';
import { OpenKmaError } from '../errors.ts';
import type { HttpRoute } from '../operations/http-route.ts';
import type { Operation } from '../operations/operation.ts';
import type { ServiceName } from '../ports.ts';
import { sessionKeyOf } from './client-certificate.ts';
import { discoveredOver } from './discovery.ts';
import { clientError } from './failure.ts';
import { httpCall } from './http-call.ts';
import { type HttpAnswer, HttpsConnection, type TlsIdentity } from './https-connection.ts';
import { type Place, portOf, type Session } from './log-in.ts';
import { problemError } from './problem.ts';
import type { SavedCertificate } from './saved-certificate.ts';

export interface ManagerOptions {
  readonly timeoutMs: number;
  /** How many more attempts follow where the KMA is busy or gives no answer. */
  readonly retries: number;
  /** Between two attempts, where the KMA does not say how long. */
  readonly waitMs: number;
  /** Told before each wait. */
  onWait?(reason: OpenKmaError, waitMs: number): void;
}

export interface CallOptions {
  /** The version that was looked at: what was changed since is not overwritten. Without it the present one is taken. */
  readonly ifMatch?: string;
  /** The same key with the same request is carried out once; made anew for each call otherwise. */
  readonly idempotencyKey?: string;
  readonly quorum?: readonly PlainCredential[];
}

/** What became of a call: done with its output, waiting for approvals, or under way as the job in its output. */
export interface Answer {
  readonly became: 'done' | 'pending' | 'job';
  readonly output: unknown;
  /** Of the thing that was shown or changed. */
  readonly version: string | null;
}

const WAIT_MS_MAX = 600_000;
/** Refused before the request is read. */
const NO_PLACE: ReadonlySet<string> = new Set(['TOO_MANY_CONNECTIONS', 'TOO_MANY_OWN_CONNECTIONS']);

export class Manager {
  readonly place: Place;
  readonly #caller: Session | SavedCertificate;
  readonly #connection: HttpsConnection;
  readonly #identity: TlsIdentity;
  readonly #options: ManagerOptions;

  constructor(caller: Session | SavedCertificate, options: ManagerOptions) {
    const { place } = caller;
    this.place = place;
    this.#caller = caller;
    this.#options = options;
    this.#identity =
      'identity' in caller ? caller.identity : { cert: caller.certificatePem, key: caller.privateKeyPem };
    this.#connection = this.#connectionTo('management');
  }

  close(): void {
    this.#connection.close();
  }

  /** The KMAs of the cluster, asked over port 3335 as agents do. */
  async kmas(): Promise<readonly ClusterMember[]> {
    const connection = this.#connectionTo('discovery');
    try {
      return await discoveredOver(connection);
    } catch (error) {
      throw clientError(error);
    } finally {
      connection.close();
    }
  }

  #connectionTo(service: ServiceName): HttpsConnection {
    const { place, caPem } = this.#caller;
    const port = portOf(place, service);
    const { timeoutMs } = this.#options;
    return new HttpsConnection({ address: place.address, port, caPem, identity: this.#identity, timeoutMs });
  }

  /** Refusals of the KMA are thrown with their code. */
  async call(
    operation: Operation,
    input: Readonly<Record<string, unknown>>,
    options: CallOptions = {},
  ): Promise<Answer> {
    const route = routeOf(operation);
    assertVersioned(operation, route, options);
    const headers = headersOf(route, options);
    const harmless = route.method === 'GET' || 'Idempotency-Key' in headers;
    const repeatable = harmless || route.method === 'PUT' || options.ifMatch !== undefined;
    for (let attempt = 0; ; attempt++) {
      // Sealed anew each time: the core opens a box once.
      const call = httpCall(route, input, this.#sealed(operation, input, options.quorum ?? []));
      const outcome = await this.#attempt(() => this.#connection.send(call, headers, harmless));
      if (!('error' in outcome)) return answerOf(outcome);
      const { error, retryAfterMs } = outcome;
      if (attempt >= this.#options.retries || !mayRepeat(error, harmless, repeatable))
        throw withRoles(error, operation);
      const waitMs = Math.min(retryAfterMs ?? this.#options.waitMs, WAIT_MS_MAX);
      if (error instanceof OpenKmaError) this.#options.onWait?.(error, waitMs);
      await sleep(waitMs);
    }
  }

  async #attempt(send: () => Promise<HttpAnswer>): Promise<HttpAnswer | Failed> {
    try {
      const answer = await send();
      // A redirection too is nothing that a KMA does.
      if (answer.status >= 200 && answer.status < 300) return answer;
      return { error: problemError(answer.status, answer.body), retryAfterMs: retryAfterMs(answer) };
    } catch (error) {
      return { error: clientError(error), retryAfterMs: null };
    }
  }

  #sealed(
    operation: Operation,
    input: Readonly<Record<string, unknown>>,
    credentials: readonly PlainCredential[],
  ): Buffer | null {
    if (credentials.length === 0) return null;
    if ('identity' in this.#caller)
      throw new OpenKmaError('LOG_IN_NEEDED', 'credentials of a quorum are sealed for a log-in');
    const clientKeySha256 = publicKeySha256(sessionKeyOf(this.#caller).publicKey);
    const request = { clientKeySha256, operation: operation.name, input };
    return sealCredentials(Buffer.from(this.#caller.sealingKey, 'hex'), request, credentials);
  }
}

/** The KMA tells nobody what he may not; which role may is no secret. */
function withRoles(error: unknown, { name, callers }: Operation): unknown {
  if (!(error instanceof OpenKmaError) || error.code !== 'ACCESS_DENIED' || error.detail !== undefined)
    return error;
  if (typeof callers === 'string') return error;
  const roles = callers.map((role) => role.toLowerCase().replaceAll('_', ' '));
  return new OpenKmaError('ACCESS_DENIED', `${name} is for one of the roles: ${roles.join(', ')}`);
}

interface Failed {
  readonly error: unknown;
  readonly retryAfterMs: number | null;
}

function routeOf(operation: Operation): HttpRoute {
  if (operation.http === undefined) throw new TypeError(`${operation.name} is not called over HTTP`);
  return operation.http;
}

function headersOf(route: HttpRoute, { ifMatch, idempotencyKey }: CallOptions): Record<string, string> {
  if (route.method === 'GET') return {};
  if (route.method === 'POST') return { 'Idempotency-Key': idempotencyKey ?? randomUUID() };
  return { 'If-Match': ifMatch === undefined ? '*' : `"${ifMatch}"` };
}

/** A version that nobody would look at must not look as if it counted. */
function assertVersioned({ entity }: Operation, { method }: HttpRoute, { ifMatch }: CallOptions): void {
  if (ifMatch === undefined || (entity !== undefined && method !== 'GET')) return;
  throw new OpenKmaError('USAGE', 'no version is known of what this changes');
}

/** `harmless`: carried out once, however often it is sent. A KMA that gave no answer may have done what was asked. One that says it is busy should not have, and is believed where it would come to the same (`repeatable`), or a version would tell of it. */
function mayRepeat(error: unknown, harmless: boolean, repeatable: boolean): boolean {
  if (!(error instanceof OpenKmaError)) return false;
  if (NO_PLACE.has(error.code)) return true;
  if (error.code === 'SERVER_BUSY') return repeatable;
  return harmless && error.code === 'KMA_UNREACHABLE';
}

function retryAfterMs({ headers }: HttpAnswer): number | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

function answerOf({ status, headers, body }: HttpAnswer): Answer {
  const etag = headers['etag'];
  const output = body === '' ? null : readJson(body);
  const place = String(headers['location'] ?? '');
  const became = status !== 202 ? 'done' : place.startsWith('/v1/jobs/') ? 'job' : 'pending';
  return { became, output, version: typeof etag === 'string' ? etag.replace(/^"|"$/g, '') : null };
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new OpenKmaError('SERVER_ERROR', 'the answer cannot be read');
  }
}
