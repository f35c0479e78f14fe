/** Calls with a connection of their own to a KMA, as real agents make them: with a full handshake, and with a resumed session. */
import type { BenchKma } from './bench-kma.ts';
import type { Callers, Measured } from './callers.ts';
import type { Kind } from './requests.ts';
import type { Target } from './rounds.ts';

/** RSA key transport, the one suite of old agents; level 0 because it may be below what OpenSSL offers by itself. */
export const OLD_CIPHER = 'AES256-SHA:@SECLEVEL=0';

export interface NewConnections {
  readonly kind: Kind;
  readonly resumed: boolean;
  readonly calls: number;
  readonly callers: number;
}

/** All calls are of one agent and for one key or unit; each is a connection of its own. */
export function newConnections(
  name: string,
  kma: BenchKma,
  callers: Callers,
  { kind, ...order }: NewConnections,
): Target<Measured> {
  const request = kma.request(kind, 0, 0, ['Connection: close']);
  const { ca, cert, key } = kma.identity();
  const port = kma.ports.agent;
  return {
    name,
    async measure() {
      await kma.settle(order.calls);
      return callers.fresh(name, { ...order, port, ca, cert, key, request, ciphers: OLD_CIPHER }, kma.pids);
    },
  };
}
