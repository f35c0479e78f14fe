/** Asks a running KMA over the admin socket of its data directory; it keeps no passphrase after the message is sent. */
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import { FrameSocket } from '../processes/frame.ts';
import { coreToAdmin, expectMessage } from '../processes/messages.ts';

interface Credentials {
  readonly name: string;
  readonly passphrase: string;
  readonly new?: true | undefined;
}
export interface AdminRequest {
  readonly operation: string;
  readonly input: unknown;
  readonly user?: Credentials | null;
  readonly quorum?: readonly Credentials[];
}
const REPLACED_MS = 2500;
const RETRY_MS = 100;
const ENDED = refuse(
  'SERVER_ERROR',
  'the core process ended before it answered; look at the audit log whether the operation was done',
);

export type AdminProgress = (done: number, total: number, text: string) => void;

/** The output, or the refusal; throws NOT_RUNNING where nobody listens. */
export async function askKma(
  dataDirectory: string,
  request: AdminRequest,
  progress: AdminProgress = () => undefined,
): Promise<{ readonly output: unknown } | Refusal> {
  const directory = resolve(dataDirectory);
  if (!existsSync(join(directory, 'kma.db'))) throw new OpenKmaError('DATA_DIRECTORY_EMPTY', directory);
  const socket = await connected(join(directory, 'admin.sock'));
  if (socket === null) throw new OpenKmaError('NOT_RUNNING', directory);
  return new Promise((done) => {
    const frames: FrameSocket = new FrameSocket(socket, {
      onMessage: (raw) => {
        const message = expectMessage(coreToAdmin, raw);
        if (message.t === 'progress') return progress(message.done, message.total, message.text);
        done(message.t === 'reply' ? { output: message.output } : refuse(message.code, message.detail));
        frames.end();
      },
      onClose: () => done(ENDED),
    });
    const { operation, input, quorum = [] } = request;
    const user = request.user == null ? {} : { user: request.user };
    frames.send({ t: 'admin', id: 1, operation, input, ...user, quorum });
  });
}

/** A core that is being replaced (after a lock or a crash) is away for a moment, which is no reason to start another KMA. */
async function connected(path: string): Promise<Socket | null> {
  for (let waitedMs = 0; waitedMs <= REPLACED_MS; waitedMs += RETRY_MS) {
    const socket = connect(path);
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (open) return socket;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return null;
}

/** Whether a core answers there; one that is being replaced is waited for. */
export async function isServing(dataDirectory: string): Promise<boolean> {
  const socket = await connected(join(dataDirectory, 'admin.sock'));
  socket?.destroy();
  return socket !== null;
}

/** The output; a refusal is thrown for the command line to print. */
export async function askOrThrow(
  dataDirectory: string,
  request: AdminRequest,
  progress?: AdminProgress,
): Promise<unknown> {
  const answer = await askKma(dataDirectory, request, progress);
  if (isRefusal(answer)) throw new OpenKmaError(answer.refused, answer.detail);
  return answer.output;
}
