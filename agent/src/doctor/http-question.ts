/** One HTTP request over a connection that is there already, plain or TLS, bounded in time and bytes. It judges no answer. */
import http from 'node:http';
import type { Socket } from 'node:net';
import { RESPONSE_LIMITS } from '@openkma/protocol';

export interface HttpQuestion {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}
export interface HttpReply {
  readonly status: number;
  readonly body: Buffer;
}

/** Rejects with what the socket said; null where the time was over. The connection is gone afterwards. */
export function askOver(
  socket: Socket,
  question: HttpQuestion,
  timeoutMs: number,
): Promise<HttpReply | null> {
  const { method, path, headers, body } = question;
  return new Promise((resolve, reject) => {
    const request = http.request({
      createConnection: () => socket,
      method,
      path,
      headers: {
        'User-Agent': 'OpenKMA-doctor',
        Connection: 'close',
        ...headers,
        ...(body === null ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      },
    });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      settle();
      request.destroy();
      socket.destroy();
    };
    const timer = setTimeout(() => end(() => resolve(null)), timeoutMs);
    request.on('error', (error) => end(() => reject(error)));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > RESPONSE_LIMITS.bytes) end(() => reject(new Error('the answer is too long')));
        else chunks.push(chunk);
      });
      response.on('error', (error) => end(() => reject(error)));
      response.on('end', () =>
        end(() => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) })),
      );
    });
    request.end(body ?? undefined);
  });
}
