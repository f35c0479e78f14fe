/** Whether this machine has a way to an address, and from which of its own addresses. It sends nothing: connecting a UDP socket only asks the kernel. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { failed, ok, type Step, step } from './step.ts';

export async function routeStep(address: string, port: number): Promise<Step> {
  const startedMs = performance.now();
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    const connected = once(socket, 'connect');
    socket.connect(port, address);
    await connected;
    return step('route', startedMs, ok(`from ${socket.address().address}`));
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    return step('route', startedMs, failed('no-route', `${address}: ${code}`));
  } finally {
    socket.close();
  }
}
