/** One connection to a member's port 3336, ended at once where the other side is not who was to be reached. It tries once and knows no other member. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { clientOptions, HANDSHAKE_TIMEOUT_MS, peerKeySha256, type ReplicationTls } from './tls.ts';

export interface DialPlan {
  readonly host: string;
  readonly port: number;
  /** Of the management network, where it is known, so that firewalls and reports see the address of this KMA. */
  readonly localAddress: string | undefined;
  readonly tls: ReplicationTls;
  readonly protocol: string;
  /** Of the member's certificate. */
  readonly keySha256: string;
}

/** Another key answers at the member's address. */
export class StrangerError extends Error {
  override readonly name = 'StrangerError';
  readonly keySha256: string;

  constructor(keySha256: string) {
    super('another key answers at the address of a member');
    this.keySha256 = keySha256;
  }
}

export async function dial({
  host,
  port,
  localAddress,
  tls,
  protocol,
  keySha256,
}: DialPlan): Promise<TLSSocket> {
  const socket = connect({
    ...clientOptions(tls, protocol),
    host,
    port,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS) });
    const found = peerKeySha256(socket);
    if (found !== keySha256) throw new StrangerError(found);
    if (socket.alpnProtocol !== protocol) throw new Error(`the other side does not speak ${protocol}`);
  } catch (error) {
    // What comes after the end is not worth a word, and unheard would end the process.
    socket.on('error', () => undefined).destroy();
    throw error;
  }
  return socket;
}
