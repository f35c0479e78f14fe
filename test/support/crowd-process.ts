/** A process of strangers: holds connections to a KMA from several addresses, silent or dripping, and opens each again that is closed. It sends no whole request. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type CrowdCount, crowdOrder } from './crowd.ts';

const DRIP_MS = 1_000;
const AGAIN_MS = 1_500;
const COUNT_MS = 200;
/** Opened side by side, so that the system's queue of new connections is not what is tested. */
const OPENING_MAX = 64;
const CERTIFICATE = 1;

const HEAD = 'POST / HTTP/1.1\r\nHost: kma\r\n';
const HELLO = Buffer.from('16030102000100', 'hex');
/** What a connection begins with: nothing, half a header, half a body; on ports with TLS half a client hello. */
const PLAIN = ['', `${HEAD}X: `, `${HEAD}Content-Length: 60000\r\n\r\n`];
const SECURE = ['', HELLO, HELLO.subarray(0, 3)];

process.once('message', (raw) => {
  const { ports, sources, connections } = crowdOrder.parse(raw);
  const open = new Set<Socket>();
  const waiting = Array.from({ length: connections }, (_, i) => i);
  let opening = 0;
  let opened = 0;

  const start = (i: number): void => {
    opening += 1;
    const port = i % ports.length;
    const style = Math.floor(i / ports.length) % PLAIN.length;
    const to = { port: ports[port] ?? 0, host: '127.0.0.1', localAddress: sources[i % sources.length] };
    const tcp = connectTcp(to);
    let begun = false;
    const begin = () => {
      begun = true;
      opening -= 1;
      opened += 1;
      open.add(tcp);
      next();
    };
    tcp.on('error', () => undefined);
    tcp.once('connect', begin);
    tcp.once('close', () => {
      open.delete(tcp);
      if (!begun) opening -= 1;
      setTimeout(() => waiting.push(i), AGAIN_MS);
    });
    if (port === CERTIFICATE && style === 2) idleBehindTls(tcp);
    else drip(tcp, port === 0 ? PLAIN[style] : SECURE[style]);
  };
  const next = () => {
    while (opening < OPENING_MAX) {
      const i = waiting.shift();
      if (i === undefined) return;
      start(i);
    }
  };
  setInterval(next, 20);
  setInterval(
    () => process.send?.({ open: open.size, opened } satisfies CrowdCount, undefined, undefined, () => {}),
    COUNT_MS,
  );
});
process.once('disconnect', () => process.exit(0));

function drip(socket: Socket, beginning: string | Uint8Array | undefined): void {
  socket.resume();
  if (beginning === undefined || beginning.length === 0) return;
  socket.write(beginning);
  const timer = setInterval(() => socket.write('a'), DRIP_MS);
  socket.once('close', () => clearInterval(timer));
}

/** A finished handshake, which the port asks no certificate for, and then half a header. */
function idleBehindTls(tcp: Socket): void {
  const socket = connectTls({ socket: tcp, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  socket.once('secureConnect', () => drip(socket, `${HEAD}X: `));
}
