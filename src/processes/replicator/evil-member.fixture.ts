/** A member of a cluster of replicators that a test plays itself, over its own connection; the others are sound. */
import type { TestContext } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { dial } from '../../replication/dial.ts';
import { logKeyPair } from '../../replication/log-keys.ts';
import { PeerChannel } from '../../replication/peer-channel.ts';
import { decodePeerMessage, encodePeerMessage } from '../../replication/peer-encoding.ts';
import {
  PEER_MESSAGE_BYTES_MAX,
  PEER_PROTOCOL,
  type PeerMessage,
  peerMessage,
} from '../../replication/peer-messages.ts';
import { type Secured, secure } from '../../replication/secure-stream.ts';
import type { MemoryCore } from './memory-core.fixture.ts';
import { arrived, cluster, pairOf } from './replicators.fixture.ts';

/** A member that is up to no good: its own log and certificate, and a program of its own. */
export async function secured(evil: MemoryCore, to: MemoryCore, port: number): Promise<Secured> {
  const { keySha256 } = to.credentials;
  const socket = await dial({
    host: to.address,
    port,
    localAddress: undefined,
    tls: evil.credentials,
    protocol: 'openkma/1',
    keySha256,
  });
  return secure(socket, true, logKeyPair(evil.seed, evil.replicationPublicKey), 30_000);
}

/** a and b run, c is the one that a test plays. */
export async function withEvil(t: TestContext) {
  const { kmas, cores, port } = await cluster(t, 3);
  const [a, b, evil] = pairOf(cores);
  await kmas[2]?.stop();
  const punished = (why: RegExp) =>
    until(`${evil.name} is left alone: ${why}`, () =>
      a
        .told('refused')
        .some(({ reason }) => reason.startsWith(`${evil.name} is left alone`) && why.test(reason)),
    );
  const othersGoOn = async () => {
    a.write('after');
    b.write('after');
    await arrived(a, b);
    await arrived(b, a);
  };
  return { a, evil, port, punished, othersGoOn };
}

/** Says what a KMA of this replication version says at first; `heard` is told of all that comes after. */
export function greet(
  { stream }: Secured,
  evil: MemoryCore,
  replicationVersion: number,
  heard: (message: PeerMessage) => void,
): void {
  const { kmaId, incarnationId, replicationPublicKey } = evil;
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
      }),
    onMessage(message) {
      if (message.t === 'hello') channel.send({ t: 'welcome' });
      else heard(message);
    },
    onClose: () => undefined,
  });
}
