/** One listener of the web Manager's port: its pages for everybody who comes by a name of this KMA, the proof of a passphrase, and the management interface for who has a log-in's cookie. It knows no operation. */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import type { ErrorCode } from '../../errors.ts';
import type { ManagerOrigin } from '../../processes/management-messages.ts';
import type { PeopleTls } from '../../processes/messages.ts';
import { plainAddress } from '../caller.ts';
import { closeAfter } from '../http-turns.ts';
import type { ServiceServer } from '../listeners.ts';
import { answerManagement, isJson } from '../management/answer.ts';
import { serveKnownCaller } from '../management/known-caller.ts';
import type { WebLink } from '../management/link.ts';
import {
  bodyOf,
  createPeopleListener,
  type Exchange,
  oddCoding,
  refuseRequest,
  respond,
} from '../management/people-listener.ts';
import { problem } from '../management/problem.ts';
import type { Router } from '../management/routes.ts';
import { managementContext, managementTlsOptions } from '../tls-settings.ts';
import { namesOf, ownOrigin } from './own-origins.ts';
import { PAGE_HEADERS, type PageFile, type Pages } from './pages.ts';
import { answerProof, isProofPath, type PageOrigin } from './proof-routes.ts';
import { NO_COOKIE, sessionOf } from './session-cookie.ts';

export interface WebServerOptions {
  /** As it is now. */
  readonly tls: () => PeopleTls;
  readonly link: WebLink;
  readonly router: Router;
  readonly pages: Pages;
}

export function createWebServer(options: WebServerOptions): ServiceServer<PeopleTls> {
  const tls = options.tls();
  return createPeopleListener<PeopleTls>({
    // A browser that is asked for a certificate asks its user for one.
    tls: { ...managementTlsOptions(tls), ...webContext(tls), requestCert: false },
    context: webContext,
    link: options.link,
    serve: (exchange) => serve(options, exchange),
    isKept: (socket) => loggedIn.has(socket),
  });
}

/** A browser that has been here by a certificate of its liking takes no other way (RFC 6797), for a day: a certificate that has run out may be replaced by the KMA's own. */
const HSTS = 'max-age=86400';

const known = new WeakMap<PeopleTls, readonly string[]>();

/** By which browsers may come. */
function namesIn(tls: PeopleTls): readonly string[] {
  const names =
    known.get(tls) ?? namesOf(new X509Certificate((tls.web ?? tls).certificatePem).subjectAltName);
  known.set(tls, names);
  return names;
}

/** Who the cookie belongs to, or null: a page that has just been opened is nobody's without being refused. */
const SESSION_PATH = '/web/session';

/** The certificate that was loaded, or the KMA's own. */
function webContext({ web, ...own }: PeopleTls): SecureContextOptions {
  return managementContext(web === null ? own : { ...own, ...web });
}

/** Connections over which somebody with a log-in has called. */
const loggedIn = new WeakSet<object>();

async function serve(options: WebServerOptions, exchange: Exchange): Promise<void> {
  const { request, response, socket } = exchange;
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
  if (options.tls().web !== null) response.setHeader('Strict-Transport-Security', HSTS);
  const origin = pageOrigin(options, request, socket);
  const code = origin === null ? 'NOT_OWN_NAME' : (oddCoding(request) ?? foreign(request, origin));
  if (origin === null || code !== null)
    return refuseRequest(options.link, request, response, code ?? 'NOT_OWN_NAME');
  const [path = '/'] = (request.url ?? '/').split('?');
  if (path.startsWith('/v1/')) return serveCall(options, exchange, origin);
  if (path === SESSION_PATH && request.method === 'GET') return serveSession(options, exchange, origin);
  if (request.method === 'POST' && isProofPath(path)) return serveProof(options, exchange, path, origin);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuseRequest(options.link, request, response, 'METHOD_NOT_ALLOWED');
  const file = options.pages.find(path);
  if (file === null) return refuseRequest(options.link, request, response, 'ROUTE_UNKNOWN');
  if (exchange.draining()) closeAfter(request, response);
  sendFile(request, response, file);
}

function pageOrigin(
  { tls }: WebServerOptions,
  { headers }: IncomingMessage,
  { localAddress = '', localPort = 0, remoteAddress }: TLSSocket,
): PageOrigin | null {
  const webOrigin = ownOrigin(headers.host, { address: localAddress, port: localPort }, namesIn(tls()));
  const address = plainAddress(remoteAddress);
  // Reset meanwhile: nobody would get the answer.
  if (webOrigin === null || address === '') return null;
  return { webOrigin, address, localAddress: plainAddress(localAddress) };
}

/** What changes something comes from our own page, and says so; no other page makes a browser call here at all. */
function foreign({ headers, method }: IncomingMessage, { webOrigin }: PageOrigin): ErrorCode | null {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isVisit(headers, method))
    return 'FOREIGN_PAGE';
  const reads = method === 'GET' || method === 'HEAD';
  const said = headers.origin;
  return said === webOrigin || (reads && said === undefined) ? null : 'FOREIGN_PAGE';
}

/** Somebody follows a link that another page has: he comes without his cookie, and sees the page itself. */
function isVisit(headers: IncomingMessage['headers'], method: string | undefined): boolean {
  return (
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  );
}

async function serveCall(
  options: WebServerOptions,
  exchange: Exchange,
  { address, localAddress }: PageOrigin,
): Promise<void> {
  const { link } = options;
  const { request, response, socket } = exchange;
  const keySha256 = sessionOf(request.headers.cookie);
  if (keySha256 === null) return refuseRequest(link, request, response, 'SESSION_UNKNOWN');
  const caller = { address, localAddress, keySha256 };
  const code = loggedIn.has(socket) ? null : await notSomebody(link, caller);
  if (code === 'SESSION_UNKNOWN') response.setHeader('Set-Cookie', NO_COOKIE);
  if (code !== null) return refuseRequest(link, request, response, code);
  loggedIn.add(socket);
  return serveKnownCaller(exchange, caller, options, () => response.setHeader('Set-Cookie', NO_COOKIE));
}

/** Asked once a connection, before anything else of his is read; afterwards the core judges each call. */
async function notSomebody(link: WebLink, origin: ManagerOrigin): Promise<ErrorCode | null> {
  const owner = await link.who(origin);
  if (owner === null) return 'SERVER_BUSY';
  return owner.userId === null ? 'SESSION_UNKNOWN' : null;
}

async function serveSession(
  { link, router }: WebServerOptions,
  { request, response, draining }: Exchange,
  { address, localAddress }: PageOrigin,
): Promise<void> {
  const keySha256 = sessionOf(request.headers.cookie);
  const asked = { method: 'GET', url: '/v1/session', headers: {}, body: null };
  const answer =
    keySha256 === null
      ? null
      : await answerManagement(asked, { address, localAddress, keySha256 }, router, link);
  const isKnown = answer?.known === true;
  if ((keySha256 !== null && !isKnown) || draining()) closeAfter(request, response);
  if (isKnown && !('pieces' in answer)) return respond(response, answer);
  if (answer !== null) response.setHeader('Set-Cookie', NO_COOKIE);
  respond(response, { status: 200, headers: { 'Content-Type': 'application/json' }, body: 'null' });
}

async function serveProof(
  { link }: WebServerOptions,
  exchange: Exchange,
  path: string,
  origin: PageOrigin,
): Promise<void> {
  const { request, response } = exchange;
  if (!isJson(request.headers['content-type'])) return refuseRequest(link, request, response, 'CONTENT_TYPE');
  const body = await bodyOf(link, exchange);
  if (body === null) return;
  const answer = await answerProof(path, body, origin, link).catch(() => problem('SERVER_ERROR'));
  // As at the management port each question of a stranger costs him a handshake.
  closeAfter(request, response);
  respond(response, answer);
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const takesBrotli = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const compressed = takesBrotli ? file.compressed : null;
  const body = compressed ?? file.body;
  response.writeHead(200, {
    ...file.headers,
    Vary: 'Accept-Encoding',
    ...(compressed === null ? {} : { 'Content-Encoding': 'br' }),
    'Content-Length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
