/** One kept connection to port 3333 of one KMA, with the client's own key; it understands no operation. */
import https from 'node:https';
import type { HttpCall } from './http-call.ts';

/** More than the longest page of a list. */
const ANSWER_BYTES_MAX = 16 * 1_048_576;

export interface ConnectionOptions {
  readonly address: string;
  readonly port: number;
  /** The only root that the KMA's certificate may chain to. */
  readonly caPem: string;
  readonly identity: TlsIdentity;
  /** From connecting to the last byte of an answer. */
  readonly timeoutMs: number;
}

/** What shows who calls: a key and its certificate as PEM, or both as PKCS#12. */
export type TlsIdentity =
  | { readonly cert: string; readonly key: string }
  | { readonly pfx: Buffer; readonly passphrase: string };

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export class HttpsConnection {
  readonly #options: ConnectionOptions;
  readonly #agent: https.Agent;

  constructor(options: ConnectionOptions) {
    const { caPem, identity } = options;
    this.#options = options;
    this.#agent = new https.Agent({
      keepAlive: true,
      maxSockets: 1,
      ca: caPem,
      ...identity,
      minVersion: 'TLSv1.3',
      // The subject of a KMA's certificate names an entity, not a host: the CA alone decides.
      checkServerIdentity: () => undefined,
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Rejects with what the socket said, or after the time is over. `harmless`: may be sent once more where a kept connection had ended. */
  send(call: HttpCall, headers: Readonly<Record<string, string>>, harmless: boolean): Promise<HttpAnswer> {
    const { address, port, timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const request = https.request({
        agent: this.#agent,
        host: address.replace(/^\[|\]$/g, ''),
        port,
        method: call.method,
        path: call.target,
        headers: {
          Accept: 'application/json',
          'User-Agent': 'OpenKMA-okm',
          ...(call.body === null
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(call.body) }),
          ...headers,
        },
      });
      const fail = (error: Error) => {
        clearTimeout(deadline);
        reject(error);
        request.destroy();
      };
      const seconds = timeoutMs / 1000;
      const deadline = setTimeout(
        () => fail(connectionLost(`${address}:${port}: no answer within ${seconds} s`)),
        timeoutMs,
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        // A kept connection that the KMA closed meanwhile says nothing about the KMA.
        if (!harmless || !request.reusedSocket || error.code !== 'ECONNRESET') return fail(error);
        clearTimeout(deadline);
        resolve(this.send(call, headers, harmless));
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > ANSWER_BYTES_MAX)
            fail(connectionLost(`an answer of more than ${ANSWER_BYTES_MAX} bytes`));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(deadline);
          const body = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
      request.end(call.body ?? undefined);
    });
  }
}

function connectionLost(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
