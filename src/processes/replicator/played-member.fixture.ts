/** What a test says on port 3336 when it plays a member of a cluster itself, with that member's key and certificate, over its own connection. It knows no core. */
import { dial } from '../../replication/dial.ts';
import { logKeyPair } from '../../replication/log-keys.ts';
import { PeerChannel } from '../../replication/peer-channel.ts';
import { decodePeerMessage, encodePeerMessage } from '../../replication/peer-encoding.ts';
import {
  type Hello,
  PEER_MESSAGE_BYTES_MAX,
  PEER_PROTOCOL,
  type PeerMessage,
  peerMessage,
} from '../../replication/peer-messages.ts';
import { type Secured, secure } from '../../replication/secure-stream.ts';
import type { ReplicationTls } from '../../replication/tls.ts';

export interface Played {
  readonly kmaId: string;
  readonly incarnationId: string;
  readonly replicationPublicKey: string;
  readonly seed: Uint8Array;
  readonly credentials: ReplicationTls;
}
export interface Reached {
  readonly address: string;
  readonly credentials: { readonly keySha256: string };
}

/** Rejects where the other side turns it away. */
export async function secured(played: Played, to: Reached, port: number): Promise<Secured> {
  const { keySha256 } = to.credentials;
  const socket = await dial({
    host: to.address,
    port,
    localAddress: undefined,
    tls: played.credentials,
    protocol: 'openkma/1',
    keySha256,
  });
  return secure(socket, true, logKeyPair(played.seed, played.replicationPublicKey), 30_000);
}

/** Says what a KMA of this replication version says at first, but for `change`; `heard` is told of all that comes after. Gives what says more. */
export function greet(
  { stream }: Secured,
  played: Played,
  replicationVersion: number,
  heard: (message: PeerMessage) => void,
  change: Partial<Hello> = {},
): (message: PeerMessage) => void {
  const { kmaId, incarnationId, replicationPublicKey } = played;
  const channel = new PeerChannel<PeerMessage>(stream, {
    protocol: 'openkma/1',
    schema: peerMessage,
    maxBytes: PEER_MESSAGE_BYTES_MAX,
    encode: encodePeerMessage,
    decode: decodePeerMessage,
    onOpen: () =>
      channel.send({
        ...{ t: 'hello', protocol: PEER_PROTOCOL, softwareVersion: '0.1.0', replicationVersion },
        ...{ kmaId, incarnationId, replicationPublicKey, logPublicKey: replicationPublicKey },
        ...{ clusterEpochId: '', vector: {} },
        ...change,
      }),
    onMessage(message) {
      if (message.t === 'hello') channel.send({ t: 'welcome' });
      else heard(message);
    },
    onClose: () => undefined,
  });
  return (message) => void channel.send(message);
}
