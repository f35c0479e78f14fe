/** The reader's socket for the platform process: audit records behind a given one, and nothing else of the store. */
import type { Server } from 'node:net';
import { logEvent } from '../../log-line.ts';
import { type AuditTailOfStore, auditTailOf } from '../../store/audit-tail.ts';
import type { Store } from '../../store/store.ts';
import { FrameSocket } from '../frame.ts';
import { listenPrivately } from '../listen-privately.ts';
import { expectMessage } from '../messages.ts';
import {
  AUDIT_CHARACTERS_MAX,
  type PlatformToReader,
  platformToReader,
  type ReaderToPlatform,
} from '../platform/messages.ts';

/** The platform process has one connection, and while it is replaced a second one. */
const CONNECTIONS_MAX = 2;

export function listenForPlatform(store: Store, path: string): Promise<Server> {
  const tail = auditTailOf(store);
  return listenPrivately({ path, groupId: null, connections: CONNECTIONS_MAX }, (socket) => {
    const frames: FrameSocket = new FrameSocket(socket, {
      readOnlyWhileDrained: true,
      onMessage: (raw) => {
        const question = expectMessage(platformToReader, raw);
        try {
          frames.send(answerOf(tail, question));
        } catch (error) {
          // A damaged store: who asked comes again, and lists go on with what can be read.
          logEvent('reader: audit', error instanceof Error ? error.message : String(error));
          frames.close(null);
        }
      },
      onClose: () => undefined,
    });
  });
}

function answerOf(
  tail: AuditTailOfStore,
  { id, afterRow, limit, events }: PlatformToReader,
): ReaderToPlatform {
  const page =
    limit === 0
      ? { records: [], throughRow: afterRow, looked: 0 }
      : tail.after(afterRow, limit, AUDIT_CHARACTERS_MAX, events);
  return { t: 'audit', id, newestRow: tail.newestRow(), oldestRow: tail.oldestRow(), ...page };
}
