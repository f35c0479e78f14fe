/** One listener of the management port: strangers are told apart from known callers, by their keys, before their requests are read. It knows no operation. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { ErrorCode } from '../../errors.ts';
import type { ManagerOrigin } from '../../processes/management-messages.ts';
import type { TlsMaterial } from '../../processes/messages.ts';
import { managerOriginOf } from '../caller.ts';
import { closeAfter } from '../http-turns.ts';
import type { ServiceServer } from '../listeners.ts';
import { managementContext, managementTlsOptions } from '../tls-settings.ts';
import type { ManagerConnections } from './connections.ts';
import { serveKnownCaller } from './known-caller.ts';
import type { ManagementLink } from './link.ts';
import {
  createPeopleListener,
  type Exchange,
  hasBody,
  oddCoding,
  refuseRequest,
  respond,
} from './people-listener.ts';
import type { Router } from './routes.ts';

export interface ManagementServerOptions {
  readonly tls: TlsMaterial;
  readonly link: ManagementLink;
  readonly router: Router;
  /** The description of this port as JSON, for everybody who can connect. */
  readonly openApi: string;
  /** Shared by all listeners of this KMA. */
  readonly managers: ManagerConnections;
}

export function createManagementServer(options: ManagementServerOptions): ServiceServer {
  const { link, tls, managers } = options;
  return createPeopleListener({
    tls: managementTlsOptions(tls),
    context: managementContext,
    link,
    serve: (exchange) => serve(options, exchange),
    isKept: (socket) => managers.has(socket),
  });
}

async function serve(options: ManagementServerOptions, exchange: Exchange): Promise<void> {
  const { link } = options;
  const { request, response, socket } = exchange;
  const origin = managerOriginOf(socket);
  // Reset meanwhile: nobody would get the answer.
  if (origin.address === '') return void socket.destroy();
  const unfit = unacceptable(request);
  if (unfit === null && isForDescription(request)) return describe(options, request, response);
  const code = unfit ?? (await notAdmitted(options, socket, origin));
  if (code !== null) return refuseRequest(link, request, response, code);
  return serveKnownCaller(exchange, origin, options);
}

const OPENAPI_PATH = '/v1/openapi.json';

function isForDescription(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.url === OPENAPI_PATH && !hasBody(request);
}

/** The connection ends with it, so that who is nobody, or nobody any more, keeps no place by reading it over and over. */
function describe(
  { openApi }: Pick<ManagementServerOptions, 'openApi'>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  closeAfter(request, response);
  respond(response, { status: 200, headers: { 'Content-Type': 'application/json' }, body: openApi });
}

/** What no caller of ours sends, whoever he is. Pages in a browser have a port of their own. */
function unacceptable(request: IncomingMessage): ErrorCode | null {
  return request.headers.origin === undefined ? oddCoding(request) : 'FROM_A_BROWSER';
}

/** Asked once a connection; afterwards the core judges each call. */
async function notAdmitted(
  { managers, link }: ManagementServerOptions,
  socket: TLSSocket,
  origin: ManagerOrigin,
): Promise<ErrorCode | null> {
  if (managers.has(socket)) return null;
  const owner = await link.who(origin);
  if (owner === null) return 'SERVER_BUSY';
  return owner.userId === null ? 'SESSION_UNKNOWN' : managers.admit(socket, owner.userId);
}
