/** Requests as bytes and answers as text, for tests of the listeners. Production never imports it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const CLOCK = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:KMS-CA="http://www.sun.com/KMS/KMS-CA"><SOAP-ENV:Body><KMS-CA:RetrieveLocalClock><EntityID>agent1</EntityID></KMS-CA:RetrieveLocalClock></SOAP-ENV:Body></SOAP-ENV:Envelope>`;

export function post(body: string, headers: readonly string[] = [], path = '/'): string {
  const all = ['Host: kma', `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return `POST ${path} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}
export const CLOSE = 'Connection: close';

/** Sends the bytes and reads until the server closes. */
export async function ask(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  return readAll(socket);
}

/** Up to the end, also where that is a reset: what came before it counts. */
export async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  await closed(socket);
  return text;
}

/** Also where it has been closed before; a reset is an end like any other, which `once` would take for a failure. */
export async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on('error', () => {});
  socket.once('close', () => resolve());
  await promise;
}

export async function readResponse(socket: Socket): Promise<string> {
  let text = '';
  for (;;) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    text += data;
    if (text.includes('</SOAP-ENV:Envelope>')) return text;
  }
}
