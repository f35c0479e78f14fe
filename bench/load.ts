/** The calling side in a process of its own, a new TCP connection for each call, as real agents do it: with a full mutual TLS handshake, or a resumed session. */
import tls from 'node:tls';

export interface LoadOrder {
  readonly port: number;
  readonly calls: number;
  readonly callers: number;
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  readonly ciphers: string;
  /** Resumes the session of one full handshake before counting; a call that is not resumed is a failure. */
  readonly resumed: boolean;
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
  const { key, cert, ca, ciphers } = order;
  const versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
  const context = tls.createSecureContext({ key, cert, ca, ciphers, ...versions });
  const session = order.resumed ? await sessionOf(order, context) : undefined;
  let left = order.calls;
  let failures = 0;
  let firstFailure = '';
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      const problem = await call(order, context, session);
      if (problem === null) continue;
      failures += 1;
      firstFailure ||= problem;
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: order.callers }, caller));
  return { seconds: (performance.now() - began) / 1000, failures, firstFailure };
}

/** Each call offers it: a session of TLS 1.2 may be resumed any number of times. */
async function sessionOf(order: LoadOrder, secureContext: tls.SecureContext): Promise<Buffer> {
  let session: Buffer | undefined;
  const problem = await call(order, secureContext, undefined, (made) => {
    session = made;
  });
  if (problem !== null || session === undefined) throw new Error(problem ?? 'no session to resume');
  return session;
}

/** Null where it was answered with a success. */
function call(
  order: LoadOrder,
  secureContext: tls.SecureContext,
  session: Buffer | undefined,
  onSession: (session: Buffer) => void = () => undefined,
): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = tls.connect({
      port: order.port,
      host: '127.0.0.1',
      secureContext,
      checkServerIdentity: () => undefined,
      ...(session === undefined ? {} : { session }),
    });
    let answer = '';
    socket.on('session', onSession);
    socket.once('secureConnect', () => {
      if (session !== undefined && !socket.isSessionReused()) {
        socket.destroy();
        return resolve('the session was not resumed');
      }
      socket.write(order.request);
    });
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
  run(order).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ seconds: 0, failures: order.calls, firstFailure: String(error) }),
  );
});

process.on('disconnect', () => process.exit(0));
