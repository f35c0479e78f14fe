/** Bytes that no client would send, and what came back for them; it never helps the server out. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { type HttpAnswer, open, parseAnswer } from './soap.ts';

export interface Attack {
  readonly port: number;
  readonly bytes: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly identity?: ConnectionOptions;
  /** The caller says that nothing more comes; without it the server has to end the connection by itself. */
  readonly halfClose?: boolean;
}

const END_MS = 60_000;

/** All answers of the connection as one; status 0 where it was closed without a word. Rejects where it is not ended in time. */
export async function attack({ port, bytes, identity, halfClose = true }: Attack): Promise<HttpAnswer> {
  const socket = open(port, identity);
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const deadline = setTimeout(() => {
      socket.destroy();
      reject(new Error('the connection was not ended'));
    }, END_MS);
    // A reset is one way to end it.
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => {
      clearTimeout(deadline);
      resolve();
    });
    for (const piece of typeof bytes === 'string' || bytes instanceof Uint8Array ? [bytes] : bytes)
      socket.write(piece);
    if (halfClose) socket.end();
  });
  return parseAnswer(Buffer.concat(chunks));
}

/** Memory of a process as the kernel counts it. */
export function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

export function post(body: string | Uint8Array, headers: readonly string[] = ['Connection: close']): Buffer {
  const lines = ['POST / HTTP/1.1', 'Host: kma', `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}
