/** One listener of the agents' services: HTTP with limits, TLS where the port has it, one answer for each POST. It knows no operation. */

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { logEvent } from '../log-line.ts';
import type { SoapPort, SoapService } from '../ports.ts';
import type { TlsMaterial } from '../processes/messages.ts';
import { addressOf, originOf, plainAddress } from './caller.ts';
import { type LimitedConnections, limitConnections, limitsOfListener } from './connection-limit.ts';
import type { CoreLink } from './core-link.ts';
import { closeAfter, hasWaiting, inTurn, isEnding, noteUnanswered } from './http-turns.ts';
import { drainServer, type ServiceServer } from './listeners.ts';
import { isNoAttempt } from './no-attempt.ts';
import { admitOwnKeys, hasOwnKey } from './own-key-callers.ts';
import { readBody } from './request-body.ts';
import { answerSoap, fault, type SoapAnswer } from './soap-answer.ts';
import { isTls13Session, secureContext, tlsOptions } from './tls-settings.ts';

export interface HttpLimits {
  readonly headerBytes: number;
  readonly bodyBytes: number;
  /** From the connection, or the first byte of a later request, to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** To the end of the body, however steadily it drips. */
  readonly requestTimeoutMs: number;
  /** Without a byte in either direction. */
  readonly idleTimeoutMs: number;
  readonly checkIntervalMs: number;
  readonly requestsPerConnection: number;
  readonly connections: number;
  readonly connectionsPerSource: number;
}
/** Times are those that agents rely on (protocol 1.2): 60 s of silence, before the first request too, and 20 s for a handshake (tls-settings.ts). */
export const HTTP_LIMITS: HttpLimits = {
  headerBytes: 8_192,
  bodyBytes: 65_536,
  headersTimeoutMs: 60_000,
  requestTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  checkIntervalMs: 5_000,
  requestsPerConnection: 1_000,
  ...limitsOfListener(2_048),
};
const XML = 'text/xml; charset=utf-8';

/** One open port and what belongs to it. */
interface Listener {
  readonly service: SoapService;
  readonly link: CoreLink;
  readonly limits: HttpLimits;
  readonly connections: LimitedConnections;
  draining: boolean;
}

/** `tls` is only looked at where the port's transport has TLS. */
export function createServiceServer(
  port: Pick<SoapPort, 'service' | 'transport'>,
  tls: TlsMaterial,
  link: CoreLink,
  limits: HttpLimits = HTTP_LIMITS,
): ServiceServer {
  const httpOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    requireHostHeader: false,
  };
  const secure =
    port.transport === 'http' ? null : createTlsServer({ ...httpOptions, ...tlsOptions(port, tls) });
  const server: Server = secure ?? createServer(httpOptions);
  if (secure !== null && port.service === 'discovery')
    admitOwnKeys(secure, (reason, address) => link.refused(port.service, reason, address));
  const connections = limitConnections(server, limits, port.transport === 'mutual-tls', (address) =>
    link.refused(port.service, 'too many connections', address),
  );
  let { minimumTls } = tls;
  const listener: Listener = { service: port.service, link, limits, connections, draining: false };
  server.timeout = limits.idleTimeoutMs;
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  server.on('request', (request, response) => {
    if (!noteUnanswered(request, response)) return refuseFlood(listener, request.socket);
    response.once('close', () => {
      if (!hasWaiting(request.socket)) connections.idle(request.socket);
    });
    inTurn(request.socket, () => serve(listener, request, response)).catch((error: unknown) => {
      logFailure(error);
      response.destroy();
    });
  });
  // Node's own answer to an expectation it does not know has no length.
  server.on('checkExpectation', (request, response) => refusePlain(listener, request, response, 417));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    refuseMalformed(listener, error, socket),
  );
  // Node would go on answering 503 to a caller who has been told that the connection ends.
  server.on('dropRequest', (_request, socket) => void socket.destroy());
  if (secure !== null) shareSessions(listener, secure);
  return {
    server,
    updateTls(changed) {
      secure?.setSecureContext(secureContext(port.service, changed));
      // A certificate renewed for the same key is no reason: a request might be on its way.
      if (changed.minimumTls !== minimumTls) server.closeIdleConnections();
      minimumTls = changed.minimumTls;
    },
    drain(deadlineMs) {
      listener.draining = true;
      return drainServer(server, deadlineMs);
    },
  };
}

const BODY_REASONS = {
  'too-long': 'too long or incomplete',
  incomplete: 'too long or incomplete',
  'no-room': 'no room for bodies',
  bomb: 'a body in too many pieces',
} as const;

async function serve(listener: Listener, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { service, link, limits } = listener;
  const status = unacceptable(request);
  if (status !== null) return refusePlain(listener, request, response, status);
  const origin = originOf(request.socket, service);
  // Reset meanwhile: nobody would get the answer, and a call without an address would count against nobody.
  if (origin.address === '') return void request.socket.destroy();
  const body = await readBody(request, limits.bodyBytes);
  if (!Buffer.isBuffer(body)) {
    link.refused(service, BODY_REASONS[body ?? 'incomplete'], origin.address);
    // What has been sent behind it would be worked through piece by piece before an answer leaves.
    if (body === 'bomb') return void request.socket.destroy();
    closeAfter(request, response);
    return respond(response, fault(body === 'no-room' ? 'SERVER_BUSY' : 'AGENT_INVALID_PARAMETERS'));
  }
  listener.connections.busy(request.socket);
  const answer = await answerSoap(body, origin, link);
  if (listener.draining || (answer.status !== 200 && isUnverified(request.socket)))
    closeAfter(request, response);
  respond(response, answer);
}

/** A manager by his own key, or nobody: who got no answer keeps no place. */
function isUnverified(socket: Socket): boolean {
  return socket instanceof TLSSocket && !socket.authorized && hasOwnKey(socket);
}

function respond(response: ServerResponse, answer: SoapAnswer): void {
  response.writeHead(answer.status, {
    'Content-Type': XML,
    'Content-Length': Buffer.byteLength(answer.body),
  });
  response.end(answer.body);
}

/** Agents post plain XML to `/` (protocol 1.1); everything else is a stranger's curiosity, told no more than a status. */
function unacceptable({ method, url, headers, httpVersion }: IncomingMessage): number | null {
  if (method !== 'POST') return 405;
  if (url !== '/') return 404;
  const transfer = headers['transfer-encoding'];
  // Two programs may read the end of a message with other codings in two places.
  if (transfer !== undefined && (transfer.toLowerCase() !== 'chunked' || httpVersion === '1.0')) return 501;
  const encoding = headers['content-encoding'];
  return encoding === undefined || encoding.toLowerCase() === 'identity' ? null : 415;
}

function refusePlain(
  listener: Listener,
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
): void {
  listener.link.refused(listener.service, `HTTP ${status}`, plainAddress(request.socket.remoteAddress));
  const text = `${STATUS_CODES[status] ?? 'Refused'}\n`;
  if (status === 405) response.setHeader('Allow', 'POST');
  closeAfter(request, response);
  response.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': text.length });
  response.end(text);
}

/**
 * What is not HTTP gets a fault where something can still be written, else a closed connection; also where an earlier
 * request has no answer yet, for which the caller would take it. Failed handshakes come here too.
 */
function refuseMalformed({ service, link }: Listener, error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!isNoAttempt(error, socket)) link.refused(service, reasonOf(error, socket), addressOf(socket));
  if (isEnding(socket)) return;
  const malformed = error.code?.startsWith('HPE_') === true;
  if (!malformed || hasWaiting(socket) || !socket.writable) return void socket.destroy();
  const { body } = fault('AGENT_INVALID_PARAMETERS');
  const head = `HTTP/1.1 500 Internal Server Error\r\nContent-Type: ${XML}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}

function refuseFlood({ service, link }: Listener, socket: Socket): void {
  if (!socket.destroyed)
    link.refused(service, 'too many requests at once', plainAddress(socket.remoteAddress));
  socket.destroy();
}

/** OpenSSL's or the parser's code, short enough for a message between processes. */
function reasonOf(error: NodeJS.ErrnoException, socket: Duplex): string {
  const unauthorized: unknown = (socket as TLSSocket).authorizationError;
  const code = typeof unauthorized === 'string' ? unauthorized : (error.code ?? 'closed');
  return code.slice(0, 64);
}

/** Session-ID resumption, for agents make a new connection for every call (protocol 1.1); one table for all fronts (D7). */
function shareSessions({ service, link }: Listener, server: TlsServer): void {
  server.on('newSession', (id, data, done) => {
    if (!isTls13Session(data)) link.sessionPut(service, hex(id), data);
    done();
  });
  server.on('resumeSession', (id, done) => {
    link.sessionGet(service, hex(id)).then(
      (data) => done(null, data === null ? null : Buffer.from(data)),
      () => done(null, null),
    );
  });
}

function hex(id: Buffer): string {
  return id.toString('hex').toUpperCase();
}

function logFailure(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  logEvent('front', text);
}
