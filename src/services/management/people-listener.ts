/** A listener for people: TLS 1.3, HTTP with limits and deadlines, one request of a connection after the other. Who calls and what is asked is judged by whoever serves. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type SecureContextOptions, TLSSocket, type TlsOptions } from 'node:tls';
import type { ErrorCode } from '../../errors.ts';
import { logEvent } from '../../log-line.ts';
import { addressOf, plainAddress } from '../caller.ts';
import { type LimitedConnections, limitConnections } from '../connection-limit.ts';
import { closeAfter, hasWaiting, inTurn, isEnding, noteUnanswered } from '../http-turns.ts';
import { drainServer, type ServiceServer } from '../listeners.ts';
import { isNoAttempt } from '../no-attempt.ts';
import { readBody } from '../request-body.ts';
import type { ReportAnswer } from './answer.ts';
import type { ManagementLink } from './link.ts';
import { type HttpAnswer, problem } from './problem.ts';

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
/** Strangers among them, who make room for others. */
const CONNECTIONS = { connections: 64, connectionsPerSource: 32 };

/** A request whose turn it is. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: TLSSocket;
  readonly connections: LimitedConnections;
  /** The listener accepts nothing more: its connections end with their answers. */
  readonly draining: () => boolean;
}

export interface PeopleListenerOptions<Tls> {
  readonly tls: TlsOptions;
  /** Of changed certificates. */
  readonly context: (tls: Tls) => SecureContextOptions;
  readonly link: Pick<ManagementLink, 'refused'>;
  serve(exchange: Exchange): Promise<void>;
  /** A connection that keeps its place between two requests, whatever strangers do. */
  isKept(socket: Socket): boolean;
}

export function createPeopleListener<Tls>(options: PeopleListenerOptions<Tls>): ServiceServer<Tls> {
  const { link } = options;
  const server: Server = createServer({
    ...options.tls,
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
  let draining = false;
  listen(server, options, connections, () => draining);
  return {
    server,
    // What changes is a certificate: a connection that has shown the earlier one needs no other.
    updateTls: (changed) => void server.setSecureContext(options.context(changed)),
    drain(deadlineMs) {
      draining = true;
      return drainServer(server, deadlineMs);
    },
  };
}

function listen(
  server: Server,
  options: Omit<PeopleListenerOptions<never>, 'context'>,
  connections: LimitedConnections,
  draining: () => boolean,
): void {
  const { link } = options;
  server.on('request', (request, response) => {
    const { socket } = request;
    if (!(socket instanceof TLSSocket)) throw new Error('ports for people have no plain connections');
    if (!noteUnanswered(request, response)) return refuseFlood(link, socket);
    response.once('close', () => {
      if (options.isKept(socket) && !hasWaiting(socket)) connections.idle(socket);
    });
    inTurn(socket, () => options.serve({ request, response, socket, connections, draining })).catch(
      (error: unknown) => {
        logEvent('management front', error instanceof Error ? (error.stack ?? error.message) : String(error));
        response.destroy();
      },
    );
  });
  server.on('checkExpectation', (request, response) =>
    refuseRequest(link, request, response, 'INVALID_PARAMETERS'),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseMalformed(link, error, socket));
  server.on('dropRequest', (_request, socket) => void socket.destroy());
}

/** Of a request that is to be answered; null where it was refused, or cut off, already. */
export async function bodyOf(
  link: Pick<ManagementLink, 'refused'>,
  { request, response, socket }: Exchange,
): Promise<Uint8Array | null> {
  const body = await readBody(request, BODY_BYTES);
  if (body === 'too-long') refuseRequest(link, request, response, 'REQUEST_TOO_LONG');
  else if (body === 'no-room') refuseRequest(link, request, response, 'SERVER_BUSY');
  else if (body === null || body === 'bomb') socket.destroy();
  return body instanceof Uint8Array ? body : null;
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** A coding that no caller of ours uses, whoever he is. */
export function oddCoding({ headers, httpVersion }: IncomingMessage): ErrorCode | null {
  const transfer = headers['transfer-encoding'];
  // Two programs may read the end of a message with other codings in two places.
  if (transfer !== undefined && (transfer.toLowerCase() !== 'chunked' || httpVersion === '1.0'))
    return 'INVALID_PARAMETERS';
  const encoding = headers['content-encoding'];
  return encoding === undefined || encoding.toLowerCase() === 'identity' ? null : 'CONTENT_TYPE';
}

/** What is left of the request is not read, so the connection ends. */
export function refuseRequest(
  link: Pick<ManagementLink, 'refused'>,
  request: IncomingMessage,
  response: ServerResponse,
  code: ErrorCode,
): void {
  link.refused(code, plainAddress(request.socket.remoteAddress));
  closeAfter(request, response);
  respond(response, problem(code));
}

/** As fast as the caller reads. One who is not to get the rest sees the connection break, and knows that he has not all. */
export async function respondInPieces(
  response: ServerResponse,
  { headers, pieces }: ReportAnswer,
): Promise<void> {
  response.writeHead(200, { ...headers, 'Cache-Control': 'no-store' });
  await pipeline(pieces, response).catch(() => response.destroy());
}

export function respond(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    ...headers,
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
  });
  response.end(body);
}

/** What is not HTTP, and failed handshakes: an answer only where something can be written that is the answer to nothing else. */
function refuseMalformed(
  link: Pick<ManagementLink, 'refused'>,
  error: NodeJS.ErrnoException,
  socket: Duplex,
): void {
  if (!isNoAttempt(error, socket)) link.refused((error.code ?? 'closed').slice(0, 64), addressOf(socket));
  if (isEnding(socket)) return;
  const malformed = error.code?.startsWith('HPE_') === true;
  if (!malformed || hasWaiting(socket) || !socket.writable) return void socket.destroy();
  const { body, headers } = problem('INVALID_PARAMETERS');
  const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: ${headers['Content-Type']}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}

function refuseFlood(link: Pick<ManagementLink, 'refused'>, socket: Socket): void {
  if (!socket.destroyed) link.refused('too many requests at once', plainAddress(socket.remoteAddress));
  socket.destroy();
}
