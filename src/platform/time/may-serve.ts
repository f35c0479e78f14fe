/** Whether a UDP port could be opened at an address now, and why not. It keeps none open. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** "" where it could. */
export async function whyNotServed(address: string, port: number): Promise<string> {
  const socket = isIPv6(address) ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4');
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, 'listening');
    return '';
  } catch (error) {
    return reason(error, `UDP ${port} at ${address}`);
  } finally {
    socket.close();
  }
}

function reason(error: unknown, place: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'EACCES') return `${place} needs root, or the right to bind ports below 1024`;
  if (code === 'EADDRINUSE')
    return `${place} is held by another program, such as the system's own chronyd or ntpd`;
  return `${place}: ${error instanceof Error ? error.message : String(error)}`;
}
