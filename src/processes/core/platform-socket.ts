/** The core's socket for the platform process: hands over the config and questions, takes states and notes. It runs no operation for it but the one that records a note. */
import type { Server } from 'node:net';
import { FRAME_BYTES_MAX, FrameError, FrameSocket } from '../frame.ts';
import { listenPrivately } from '../listen-privately.ts';
import { expectMessage } from '../messages.ts';
import { type CoreToPlatform, platformToCore } from '../platform/messages.ts';
import { logFailure } from './failure.ts';
import { FrontRate, type FrontRates } from './front-rate.ts';
import type { PlatformSide } from './platform-side.ts';

/** It has one connection, and while it is replaced a second one. */
const CONNECTIONS_MAX = 2;
const RATES: FrontRates = { messagesPerSecond: 200, bytesPerSecond: 1024 * 1024 };

export function listenForPlatform({ link, notes }: PlatformSide, path: string): Promise<Server> {
  return listenPrivately({ path, groupId: null, connections: CONNECTIONS_MAX }, (socket) => {
    const rate = new FrontRate(performance.now(), RATES);
    const send = (message: CoreToPlatform): void => frames.send(message);
    const frames: FrameSocket = new FrameSocket(socket, {
      // A config with the certificates of all receivers is the longest; states and answers are some kilobytes.
      maxFrameBytes: FRAME_BYTES_MAX,
      readOnlyWhileDrained: true,
      onMessage: (raw, bytes) => {
        if (!rate.take(bytes, performance.now())) return frames.close(new FrameError('beyond its rate'));
        const message = expectMessage(platformToCore, raw);
        if (message.t === 'state') link.told(message.part, message.state);
        else if (message.t === 'note') notes.note(message.part, message.note);
        else link.answered(message);
      },
      onClose: (error) => {
        link.disconnected(send);
        // Whatever else breaks a connection off is the end of that process, of which the supervisor tells.
        if (error instanceof FrameError) logFailure(error, 'platform connection');
      },
    });
    link.connected(send);
  });
}
