/** A member of a cluster of replicators that a test plays itself, over its own connection; the others are sound. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { until } from '../../../test/support/until.ts';
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

/** Told to the core, with how long; once, whatever it does meanwhile. */
export async function leftAlone(at: MemoryCore, who: MemoryCore, why: RegExp): Promise<void> {
  const told = () => at.told('left-alone').filter(({ kmaId }) => kmaId === who.kmaId);
  await until(`${at.name} leaves ${who.name} alone: ${why}`, () =>
    told().some(({ reason }) => why.test(reason)),
  );
  assert.deepEqual(
    told().map(({ seconds }) => seconds),
    [30],
  );
}

/** a and b run, c is the one that a test plays. */
export async function withEvil(t: TestContext) {
  const { kmas, cores, port } = await cluster(t, 3);
  const [a, b, evil] = pairOf(cores);
  await kmas[2]?.stop();
  const punished = (why: RegExp) => leftAlone(a, evil, why);
  const othersGoOn = async () => {
    a.write('after');
    b.write('after');
    await arrived(a, b);
    await arrived(b, a);
  };
  return { a, b, evil, port, punished, othersGoOn };
}

/** Says what a KMA of this replication version says at first, but for `change`; `heard` is told of all that comes after. Gives what says more. */
export function greet(
  { stream }: Secured,
  evil: MemoryCore,
  replicationVersion: number,
  heard: (message: PeerMessage) => void,
  change: Partial<Hello> = {},
): (message: PeerMessage) => void {
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
