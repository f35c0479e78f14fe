/** The core's socket for the replicator: answers its questions, hands on what it has heard, and asks it to catch up. It takes no word of it for a fact that was not judged. */
import type { Server, Socket } from 'node:net';
import type { ChainName } from '../../core/audit.ts';
import type { IncarnationId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { shownName } from '../../operations/entities.ts';
import type { SealedObject } from '../../replication/peer-messages.ts';
import type { Store } from '../../store/store.ts';
import { FrameError, FrameSocket } from '../frame.ts';
import { listenPrivately } from '../listen-privately.ts';
import { expectMessage } from '../messages.ts';
import {
  BLOCKS_BYTES_MAX,
  type CoreToReplicator,
  OBJECTS_BYTES_MAX,
  type ReplicatorToCore,
  replicatorToCore,
  type ToldLeftAlone,
} from '../replicator/messages.ts';
import { admitPeer } from './admit-peer.ts';
import { logFailure } from './failure.ts';
import type { RunningCore } from './open-core.ts';

/** It has one connection, and while it is replaced a second one. */
const CONNECTIONS_MAX = 2;

export function listenForReplicator(running: RunningCore, path: string): Promise<Server> {
  return listenPrivately({ path, groupId: null, connections: CONNECTIONS_MAX }, (socket) =>
    serve(running, socket),
  );
}

function serve(running: RunningCore, socket: Socket): void {
  const send = (message: CoreToReplicator): void => frames.send(message);
  const frames: FrameSocket = new FrameSocket(socket, {
    readOnlyWhileDrained: true,
    onMessage: (raw) => {
      answer(running, expectMessage(replicatorToCore, raw), send, () => frames.closed).catch(
        (error: unknown) => {
          running.core.parts.health.noteFailure(error);
          logFailure(error, 'replicator');
          // It waits for an answer that will not come.
          frames.close(null);
        },
      );
    },
    onClose: (error) => {
      running.notices.disconnected(send);
      running.catchUps.disconnected(send);
      running.members.replicatorGone();
      void running.bases.discardAll();
      // Whatever else breaks a connection off is the end of that process, of which the supervisor tells.
      if (error instanceof FrameError) logFailure(error, 'replicator connection');
    },
  });
  running.firstWrites.asked();
  running.notices.connected(send);
  running.catchUps.connected(send);
}

/** What comes from other KMAs or goes to them. */
const EXCHANGED: ReadonlySet<ReplicatorToCore['t']> = new Set(['entries', 'objects', 'read-objects', 'base']);

type Send = (message: CoreToReplicator) => void;

async function answer(
  running: RunningCore,
  message: ReplicatorToCore,
  send: Send,
  gone: () => boolean,
): Promise<void> {
  const { core, replication, refused, catchUps, audit } = running;
  const { store } = core.parts;
  if (EXCHANGED.has(message.t)) running.served.count('replication');
  switch (message.t) {
    case 'read-log':
      return send({ t: 'log', id: message.id, blocks: readBlocks(store, message) });
    case 'entries': {
      const { incarnationId, afterSeq, blocks } = message;
      const applied = await replication.apply(incarnationId as IncarnationId, afterSeq, blocks);
      return send({ t: 'applied', id: message.id, ...applied });
    }
    case 'read-objects':
      return send({ t: 'objects', id: message.id, objects: readObjects(store, message.ids) });
    case 'objects':
      return send({ t: 'stored', id: message.id, refused: await replication.store(message.objects) });
    case 'read-audit':
      return send({ t: 'audit', id: message.id, found: audit.read(chainOf(message), message.afterSeq) });
    case 'audit-records': {
      const taken = await audit.take(chainOf(message), message.records, message.from);
      return send({ t: 'audit-taken', id: message.id, ...taken });
    }
    case 'greeted':
      return send({ t: 'admitted', id: message.id, refused: await admitPeer(core, replication, message) });
    case 'peer':
      running.members.told(message);
      if (message.connected) running.membership.welcome();
      running.joinGate.told(message);
      if (message.connected && message.applied !== null && message.holds !== null)
        replication.confirmed(message.incarnationId, message.kmaId, message.applied, message.holds);
      return;
    case 'searched':
      return running.members.searched(message);
    case 'service':
      return running.members.serviceTold(message.kmaId, message.answer);
    case 'standing':
      if (message.standing === 'member') running.membership.welcome();
      else if (message.standing === 'unknown') running.clusterOfBefore.answered(message.kmaId);
      else running.membership.told(message.standing);
      return;
    case 'refused':
      return refused.count('replication', message.reason, message.address, message.count);
    case 'left-alone':
      return noteLeftAlone(running, message);
    case 'base': {
      const made = await running.bases.make(message.kmaId, gone);
      const answer = isRefusal(made)
        ? { base: null, reason: made.detail ?? made.refused }
        : { base: made, reason: '' };
      return send({ t: 'base-made', id: message.id, ...answer });
    }
    case 'base-done':
      return running.bases.discard(message.path);
    case 'look-up': {
      const addresses = [...(await running.platform.lookUp(message.name))];
      return send({ t: 'looked-up', id: message.id, addresses });
    }
    case 'how-far':
      return send({ t: 'folded', id: message.id, vector: store.vector() });
    case 'ending': {
      // Later nobody could ask for it.
      await running.hourNotes.tellLast();
      return send({ t: 'folded', id: message.id, vector: store.vector() });
    }
    case 'caught-up':
      return catchUps.done(message.id, message.complete);
    case 'own-length':
      return running.outlived.ownLengthTold(message.length, message.proven);
  }
}

/** At once, unlike what strangers do: a member has keys, and may change all there is. */
function noteLeftAlone({ core, members, systemMessages }: RunningCore, told: ToldLeftAlone): void {
  const { store, self } = core.parts;
  const row = store.state.get('kma', told.kmaId);
  if (row === undefined || row.id === self.kmaId || !members.leftAlone.told(told)) return;
  const { address, reason, seconds, attempts } = told;
  const kma = shownName(store.state, 'kma', row);
  systemMessages.note('warning', `${kma} is left alone for ${seconds} s: ${reason}`);
  core
    .callLocal('NoteMemberLeftAlone', { kma, address, reason, seconds, attempts })
    .catch((error: unknown) => logFailure(error, 'NoteMemberLeftAlone'));
}

function chainOf({ incarnationId, term }: ChainName): ChainName {
  return { incarnationId, term };
}

/** The first that fit one message; one alone always does. */
function readBlocks(
  store: Store,
  { incarnationId, afterSeq, limit }: Extract<ReplicatorToCore, { t: 'read-log' }>,
) {
  return firstThatFit(
    store.readLog(incarnationId, afterSeq, limit),
    (block) => block.length,
    BLOCKS_BYTES_MAX,
  );
}

function readObjects(store: Store, ids: readonly string[]): SealedObject[] {
  const found = ids.flatMap((id): SealedObject[] => {
    const object = store.getObject(id);
    if (object === undefined) return [];
    const { sha256: _, ...sealed } = object;
    return [sealed];
  });
  return firstThatFit(found, ({ bytes }) => bytes.length, OBJECTS_BYTES_MAX);
}

function firstThatFit<T>(all: readonly T[], bytesOf: (one: T) => number, bytesMax: number): T[] {
  let bytes = 0;
  const end = all.findIndex((one, index) => {
    bytes += bytesOf(one);
    return bytes > bytesMax && index > 0;
  });
  return all.slice(0, end < 0 ? all.length : end);
}
