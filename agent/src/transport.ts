/** One SOAP call to one KMA over HTTP or mutual TLS, bounded in time and bytes; it never chooses or retries a KMA. */
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { type SecureVersion, TLSSocket } from 'node:tls';
import {
  decodeResponse,
  EXPORTER_BYTES,
  EXPORTER_LABEL,
  encodeRequest,
  isFault,
  OPERATIONS,
  type OperationName,
  RESPONSE_LIMITS,
  type Requests,
  type Responses,
  SoapFault,
} from '@openkma/protocol';
import { socketHost } from './address.ts';
import { TransportError } from './errors.ts';

export const TLS_MINIMUMS = ['1.0', '1.1', '1.2', '1.3'] as const;
/** Below 1.2 is for old KMAs only: it also accepts SHA-1 signatures and AES256-SHA (protocol 1.2). */
export type TlsMinimum = (typeof TLS_MINIMUMS)[number];

export const TLS_VERSIONS: Record<TlsMinimum, SecureVersion> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};
export const LEGACY_CIPHERS = 'DEFAULT:@SECLEVEL=0';

export interface TransportOptions {
  /** The only root that a KMA's certificate may chain to; without it only the CA service, plain HTTP, can be called. */
  readonly caPem?: string;
  readonly certificatePem?: string;
  readonly privateKeyPem?: string;
  readonly minimumTls: TlsMinimum;
  /** From connecting to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Keep connections open between calls; Oracle's own agents never do. */
  readonly keepAlive?: boolean;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** SOAP 1.1 over HTTP: an answer is a response with 200, or a fault with one of these (protocol 1.1). */
const ANSWERING_STATUSES: ReadonlySet<number | undefined> = new Set([200, 400, 500]);

export class Transport {
  readonly #options: TransportOptions;
  readonly #plain: http.Agent;
  readonly #secure: https.Agent;

  constructor(options: TransportOptions) {
    this.#options = options;
    const keepAlive = options.keepAlive ?? false;
    this.#plain = new http.Agent({ keepAlive });
    this.#secure = new https.Agent({ keepAlive, ...tlsOptions(options) });
  }

  /**
   * The response's fields; a fault as SoapFault, no or no understandable answer as TransportError or MalformedResponseError.
   * `maySend` is asked when the secure connection is there; until then the KMA knows nothing of the call.
   */
  async call<Name extends OperationName>(
    endpoint: Endpoint,
    name: Name,
    fields: Requests[Name],
    maySend?: () => boolean,
  ): Promise<Responses[Name]> {
    const { service } = OPERATIONS[name];
    const body = Buffer.from(encodeRequest(service, name, fields), 'utf8');
    const answer = await this.#post(endpoint, service !== 'ca', (request, fail) => {
      if (maySend === undefined) return send(request, body);
      request.once('socket', (socket) => {
        const go = () => (maySend() ? send(request, body) : fail('another KMA has the call'));
        // One that is kept open has been secured before.
        if (request.reusedSocket) go();
        else socket.once('secureConnect', go);
      });
    });
    return understood(name, answer);
  }

  /**
   * As `call`, for fields that hold for one TLS connection only: `fieldsFor` gets what both its ends know and nobody else
   * (RFC 9266). For a transport that keeps no connections.
   */
  async callBound<Name extends OperationName>(
    endpoint: Endpoint,
    name: Name,
    fieldsFor: (exporter: Buffer) => Requests[Name],
  ): Promise<Responses[Name]> {
    const bodyFor = (exporter: Buffer) =>
      Buffer.from(encodeRequest(OPERATIONS[name].service, name, fieldsFor(exporter)), 'utf8');
    const answer = await this.#post(endpoint, true, (request, fail) => {
      request.once('socket', (socket) =>
        socket.once('secureConnect', () => {
          const exporter = exporterOf(socket);
          if (exporter === null) return fail('TLS below 1.3, to which no proof can be bound');
          try {
            send(request, bodyFor(exporter));
          } catch (error) {
            fail('the request cannot be written', error);
          }
        }),
      );
    });
    return understood(name, answer);
  }

  /** Ends connections that are kept open. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #post(endpoint: Endpoint, secure: boolean, start: Start): Promise<Buffer> {
    const { timeoutMs } = this.#options;
    const place = `${endpoint.address}:${endpoint.port}`;
    return new Promise((resolve, reject) => {
      const request = this.#open(endpoint, secure);
      let failed = false;
      const fail = (reason: string, cause?: unknown) => {
        failed = true;
        clearTimeout(deadline);
        reject(new TransportError(`${place}: ${reason}`, cause));
        request.destroy();
      };
      const deadline = setTimeout(() => fail(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
      request.on('error', (error: NodeJS.ErrnoException) => {
        // It is ended with an error then, which looks as if the KMA had closed the connection.
        if (failed) return;
        // A kept connection that the KMA closed meanwhile says nothing about the KMA; it has left the pool by now.
        if (!request.reusedSocket || error.code !== 'ECONNRESET') return fail(error.message, error);
        clearTimeout(deadline);
        resolve(this.#post(endpoint, secure, start));
      });
      request.on('response', (response) => {
        if (!ANSWERING_STATUSES.has(response.statusCode)) return fail(`HTTP status ${response.statusCode}`);
        collect(response, fail, (answer) => {
          clearTimeout(deadline);
          resolve(answer);
        });
      });
      start(request, fail);
    });
  }

  #open({ address, port }: Endpoint, secure: boolean): http.ClientRequest {
    const options: http.RequestOptions = {
      method: 'POST',
      path: '/',
      host: socketHost(address),
      port,
      headers: {
        'User-Agent': 'OpenKMA-agent',
        'Content-Type': 'text/xml; charset=utf-8',
        SOAPAction: '""',
      },
    };
    if (!secure) return http.request({ ...options, agent: this.#plain });
    return https.request({ ...options, agent: this.#secure });
  }
}

/** Sends the body of a request that has been opened, at once or when its connection is there. */
type Start = (request: http.ClientRequest, fail: (reason: string, cause?: unknown) => void) => void;

function send(request: http.ClientRequest, body: Buffer): void {
  request.setHeader('Content-Length', body.length);
  request.end(body);
}

function understood<Name extends OperationName>(name: Name, answer: Buffer): Responses[Name] {
  const response = decodeResponse(OPERATIONS[name].service, name, answer);
  if (isFault(response)) throw new SoapFault(response, name);
  return response;
}

/** Null below TLS 1.3: the connection's secrets may be another's too, and Node does not tell whether this is prevented (RFC 7627). */
function exporterOf(socket: Socket): Buffer | null {
  if (!(socket instanceof TLSSocket)) return null;
  if (socket.getProtocol() !== 'TLSv1.3') return null;
  return socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0));
}

function tlsOptions({
  caPem,
  certificatePem,
  privateKeyPem,
  minimumTls,
}: TransportOptions): https.AgentOptions {
  const legacy = minimumTls === '1.0' || minimumTls === '1.1';
  return {
    // Without a CA nothing is trusted, rather than the system's roots.
    ca: caPem ?? [],
    ...(certificatePem === undefined ? {} : { cert: certificatePem }),
    ...(privateKeyPem === undefined ? {} : { key: privateKeyPem }),
    minVersion: TLS_VERSIONS[minimumTls],
    maxVersion: 'TLSv1.3',
    ...(legacy ? { ciphers: LEGACY_CIPHERS } : {}),
    rejectUnauthorized: true,
    // The subject of a KMA's certificate names an entity, not a host (protocol 1.2): the CA alone decides.
    checkServerIdentity: () => undefined,
  };
}

function collect(
  response: http.IncomingMessage,
  fail: (reason: string, cause?: unknown) => void,
  done: (body: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > RESPONSE_LIMITS.bytes) fail(`an answer of more than ${RESPONSE_LIMITS.bytes} bytes`);
    else chunks.push(chunk);
  });
  response.on('error', (error) => fail(error.message, error));
  response.on('end', () => {
    if (response.complete) done(Buffer.concat(chunks));
    else fail('the answer broke off');
  });
}
