/** One listener of the management port: TLS 1.3, HTTP with limits, strangers told apart from known callers before their requests are read. It knows no operation. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TLSSocket } from 'node:tls';
import type { ErrorCode } from '../../errors.ts';
import { logEvent } from '../../log-line.ts';
import type { ManagerOrigin } from '../../processes/management-messages.ts';
import type { TlsMaterial } from '../../processes/messages.ts';
import { managerOriginOf, plainAddress } from '../caller.ts';
import { type LimitedConnections, limitConnections } from '../connection-limit.ts';
import { closeAfter, hasWaiting, inTurn, isEnding, noteUnanswered } from '../http-turns.ts';
import { drainServer, type ServiceServer } from '../listeners.ts';
import { readBody } from '../request-body.ts';
import { managementContext, managementTlsOptions } from '../tls-settings.ts';
import { answerManagement, type ReportAnswer } from './answer.ts';
import type { ManagerConnections } from './connections.ts';
import type { ManagementLink } from './link.ts';
import { type HttpAnswer, problem } from './problem.ts';
import type { Router } from './routes.ts';

const HEADER_BYTES = 16 * 1024;
const BODY_BYTES = 256 * 1024;
const HEADERS_MS = 30_000;
const REQUEST_MS = 60_000;
/** A connection without a request gives its place to others. */
const IDLE_MS = 60_000;
/** Longer than a call may take, without a byte in either direction. */
const SILENCE_MS = 75_000;
const CHECK_MS = 5_000;
const REQUESTS_PER_CONNECTION = 10_000;
/** Strangers among them, who make room for others; ten are managers. */
const CONNECTIONS = { connections: 64, connectionsPerSource: 32 };

export interface ManagementServerOptions {
  readonly tls: TlsMaterial;
  readonly link: ManagementLink;
  readonly router: Router;
  /** The description of this port as JSON, for everybody who can connect. */
  readonly openApi: string;
  /** Shared by all listeners of this KMA. */
  readonly managers: ManagerConnections;
}

interface Listener extends ManagementServerOptions {
  readonly connections: LimitedConnections;
  draining: boolean;
}

export function createManagementServer(options: ManagementServerOptions): ServiceServer {
  const { link, tls } = options;
  const server: Server = createServer({
    ...managementTlsOptions(tls),
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: CHECK_MS,
    requireHostHeader: false,
  });
  server.timeout = SILENCE_MS;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  const connections = limitConnections(server, CONNECTIONS, true, (address) =>
    link.refused('too many connections', address),
  );
  const listener: Listener = { ...options, connections, draining: false };
  listen(server, listener);
  return {
    server,
    // What changes is a certificate: a connection that has shown the earlier one needs no other.
    updateTls: (changed) => void server.setSecureContext(managementContext(changed)),
    drain(deadlineMs) {
      listener.draining = true;
      return drainServer(server, deadlineMs);
    },
  };
}

function listen(server: Server, listener: Listener): void {
  server.on('request', (request, response) => {
    if (!noteUnanswered(request, response)) return refuseFlood(listener, request.socket);
    response.once('close', () => {
      const { socket } = request;
      if (listener.managers.has(socket) && !hasWaiting(socket)) listener.connections.idle(socket);
    });
    inTurn(request.socket, () => serve(listener, request, response)).catch((error: unknown) => {
      logEvent('management front', error instanceof Error ? (error.stack ?? error.message) : String(error));
      response.destroy();
    });
  });
  server.on('checkExpectation', (request, response) =>
    refuseRequest(listener, request, response, 'INVALID_PARAMETERS'),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    refuseMalformed(listener, error, socket),
  );
  server.on('dropRequest', (_request, socket) => void socket.destroy());
}

async function serve(listener: Listener, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) throw new Error('the management port has no plain connections');
  const origin = managerOriginOf(socket);
  // Reset meanwhile: nobody would get the answer.
  if (origin.address === '') return void socket.destroy();
  const unfit = unacceptable(request);
  if (unfit === null && isForDescription(request)) return describe(listener, request, response);
  const code = unfit ?? (await notAdmitted(listener, socket, origin));
  if (code !== null) return refuseRequest(listener, request, response, code);
  const body = await readBody(request, BODY_BYTES);
  if (body === null || body === 'bomb') return void socket.destroy();
  if (body === 'too-long') return refuseRequest(listener, request, response, 'REQUEST_TOO_LONG');
  if (body === 'no-room') return refuseRequest(listener, request, response, 'SERVER_BUSY');
  listener.connections.busy(socket);
  const { method = '', url = '', headers } = request;
  const whole = { method, url, headers, body: hasBody(request) ? body : null };
  const { known, ...answer } = await answerManagement(whole, origin, listener.router, listener.link);
  if (!known || listener.draining) closeAfter(request, response);
  if ('pieces' in answer) await respondInPieces(response, answer);
  else respond(response, answer);
}

/** As fast as the caller reads. One who is not to get the rest sees the connection break, and knows that he has not all. */
async function respondInPieces(response: ServerResponse, { headers, pieces }: ReportAnswer): Promise<void> {
  response.writeHead(200, { ...headers, 'Cache-Control': 'no-store' });
  await pipeline(pieces, response).catch(() => response.destroy());
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

const OPENAPI_PATH = '/v1/openapi.json';

function isForDescription(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.url === OPENAPI_PATH && !hasBody(request);
}

/** The connection ends with it, so that who is nobody, or nobody any more, keeps no place by reading it over and over. */
function describe({ openApi }: Listener, request: IncomingMessage, response: ServerResponse): void {
  closeAfter(request, response);
  respond(response, { status: 200, headers: { 'Content-Type': 'application/json' }, body: openApi });
}

/** What no caller of ours sends, whoever he is. */
function unacceptable({ headers, httpVersion }: IncomingMessage): ErrorCode | null {
  if (headers.origin !== undefined) return 'FROM_A_BROWSER';
  const transfer = headers['transfer-encoding'];
  // Two programs may read the end of a message with other codings in two places.
  if (transfer !== undefined && (transfer.toLowerCase() !== 'chunked' || httpVersion === '1.0'))
    return 'INVALID_PARAMETERS';
  const encoding = headers['content-encoding'];
  return encoding === undefined || encoding.toLowerCase() === 'identity' ? null : 'CONTENT_TYPE';
}

/** Asked once a connection; afterwards the core judges each call. */
async function notAdmitted(
  { managers, link }: Listener,
  socket: TLSSocket,
  origin: ManagerOrigin,
): Promise<ErrorCode | null> {
  if (managers.has(socket)) return null;
  const owner = await link.who(origin);
  if (owner === null) return 'SERVER_BUSY';
  return owner.userId === null ? 'SESSION_UNKNOWN' : managers.admit(socket, owner.userId);
}

/** What is left of the request is not read, so the connection ends. */
function refuseRequest(
  { link }: Listener,
  request: IncomingMessage,
  response: ServerResponse,
  code: ErrorCode,
): void {
  link.refused(code, plainAddress(request.socket.remoteAddress));
  closeAfter(request, response);
  respond(response, problem(code));
}

function respond(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, {
    ...headers,
    'Cache-Control': 'no-store',
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
  });
  response.end(body);
}

/** What is not HTTP, and failed handshakes: an answer only where something can be written that is the answer to nothing else. */
function refuseMalformed({ link }: Listener, error: NodeJS.ErrnoException, socket: Duplex): void {
  const { remoteAddress } = socket as TLSSocket;
  link.refused((error.code ?? 'closed').slice(0, 64), plainAddress(remoteAddress));
  if (isEnding(socket)) return;
  const malformed = error.code?.startsWith('HPE_') === true;
  if (!malformed || hasWaiting(socket) || !socket.writable) return void socket.destroy();
  const { body, headers } = problem('INVALID_PARAMETERS');
  const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: ${headers['Content-Type']}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}

function refuseFlood({ link }: Listener, socket: Socket): void {
  if (!socket.destroyed) link.refused('too many requests at once', plainAddress(socket.remoteAddress));
  socket.destroy();
}
