/** A port that is free on every loopback address now, for services that need the same number on several. It keeps none. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system gives to whoever asks for any: a KMA that does so for its other services would get this one too, now and then. */
const PORTS = [7_000, 28_000] as const;
const DRAWS_MAX = 100;

/** Any of them, free or not; as an offset it keeps every port of a KMA among them. */
export function drawnPort(): number {
  return randomInt(...PORTS);
}

export async function freePort(): Promise<number> {
  for (let draw = 1; ; draw++) {
    const port = drawnPort();
    const server = createServer();
    try {
      await once(server.listen(port, '0.0.0.0'), 'listening');
    } catch (error) {
      if (draw === DRAWS_MAX) throw error;
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
