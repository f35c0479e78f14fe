/** One HTTP request over plain TCP or TLS, byte for byte as given; for tests that must not be helped by an HTTP client. */
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

export interface SoapCall {
  readonly port: number;
  readonly body: string;
  /** Client certificate and CA; without it the call is plain HTTP. */
  readonly identity?: ConnectionOptions;
}
export interface HttpAnswer {
  readonly status: number;
  readonly headers: string;
  readonly body: Buffer;
}

const ANSWER_MS = 20_000;

/** A POST as an agent sends it: Content-Length, Connection: close. */
export function soapCall({ port, body, identity }: SoapCall): Promise<HttpAnswer> {
  const head = [
    'POST / HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'User-Agent: SunKMS gSOAP/2.7.17',
    'Content-Type: text/xml; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    'SOAPAction: ""',
  ].join('\r\n');
  return rawCall(port, `${head}\r\n\r\n${body}`, identity);
}

/** Sends these bytes and reads until the server closes. */
export async function rawCall(
  port: number,
  bytes: string | Uint8Array,
  identity?: ConnectionOptions,
): Promise<HttpAnswer> {
  const socket = open(port, identity);
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.write(bytes);
  });
  return parseAnswer(Buffer.concat(chunks));
}

export function open(port: number, identity?: ConnectionOptions): Socket {
  if (identity === undefined) return connectTcp(port, '127.0.0.1');
  return connectTls({ port, host: '127.0.0.1', checkServerIdentity: () => undefined, ...identity });
}

export function parseAnswer(bytes: Buffer): HttpAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const headers = bytes.subarray(0, Math.max(end, 0)).toString('latin1');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(headers)?.[1] ?? 0);
  return { status, headers, body: end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 4) };
}
