/** The calling side of the agent-call benchmark, in a process of its own: each call is a new TCP connection and a full mutual TLS handshake, as real agents do it. */
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

export interface LoadOrder {
  readonly port: number;
  readonly calls: number;
  readonly callers: number;
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly caFile: string;
  readonly ciphers: string;
  /** The request with headers, as text. */
  readonly request: string;
}
export interface LoadResult {
  readonly seconds: number;
  readonly failures: number;
  readonly firstFailure: string;
}

const SUCCESS = 'HTTP/1.1 200';

async function run(order: LoadOrder): Promise<LoadResult> {
  const context = tls.createSecureContext({
    key: readFileSync(order.keyFile),
    cert: readFileSync(order.certificateFile),
    ca: readFileSync(order.caFile),
    ciphers: order.ciphers,
    maxVersion: 'TLSv1.2',
    minVersion: 'TLSv1.2',
  });
  let left = order.calls;
  let failures = 0;
  let firstFailure = '';
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      const problem = await call(order, context);
      if (problem === null) continue;
      failures += 1;
      firstFailure ||= problem;
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: order.callers }, caller));
  return { seconds: (performance.now() - began) / 1000, failures, firstFailure };
}

function call(order: LoadOrder, secureContext: tls.SecureContext): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = tls.connect({
      port: order.port,
      host: '127.0.0.1',
      secureContext,
      checkServerIdentity: () => undefined,
    });
    let answer = '';
    socket.once('secureConnect', () => socket.write(order.request));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', (error) => resolve(error.message));
    socket.on('close', () =>
      resolve(answer.startsWith(SUCCESS) ? null : answer.slice(0, 500) || 'no answer'),
    );
  });
}

process.on('message', (order: LoadOrder) => {
  run(order).then((result) => process.send?.(result));
});

process.on('disconnect', () => process.exit(0));
