/** Whether a port can be connected to, and if not, how that failed: refused, silent, unreachable. It sends nothing over the connection. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Finding, failed, ok, type Step, step } from './step.ts';

export interface Connected {
  readonly step: Step;
  /** Null where the step failed. */
  readonly socket: Socket | null;
}

export async function tcpStep(address: string, port: number, timeoutMs: number): Promise<Connected> {
  const startedMs = performance.now();
  const socket = connect({ host: address, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    // Whoever uses it next hears of its end by himself.
    socket.on('error', () => undefined);
    return { step: step('tcp', startedMs, ok('connected')), socket };
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    return { step: step('tcp', startedMs, failure(error, timeoutMs)), socket: null };
  }
}

function failure(error: unknown, timeoutMs: number): Finding {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || code === 'ETIMEDOUT')
    return failed('silent', `no answer within ${timeoutMs / 1000} s`);
  switch (code) {
    case 'ECONNREFUSED':
      return failed('refused', 'refused');
    case 'EHOSTUNREACH':
      return failed('unreachable', 'the host is unreachable: nobody has the address, or a router says so');
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return failed('no-route', message);
    case 'EACCES':
    case 'EPERM':
      return failed('prohibited', `this machine itself forbids it (${code})`);
    default:
      return failed('cut', message);
  }
}
