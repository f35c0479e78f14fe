/** Asks a running KMA over the admin socket of its data directory; it keeps no passphrase after the message is sent. */
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import { FrameSocket } from '../processes/frame.ts';
import { coreToAdmin, expectMessage } from '../processes/messages.ts';

interface Credentials {
  readonly name: string;
  readonly passphrase: string;
}
export interface AdminRequest {
  readonly operation: string;
  readonly input: unknown;
  readonly user?: Credentials | null;
  readonly quorum?: readonly Credentials[];
}
export type AdminProgress = (done: number, total: number, text: string) => void;

/** The output, or the refusal; throws NOT_RUNNING where nobody listens. */
export async function askKma(
  dataDirectory: string,
  request: AdminRequest,
  progress: AdminProgress = () => undefined,
): Promise<{ readonly output: unknown } | Refusal> {
  const directory = resolve(dataDirectory);
  if (!existsSync(join(directory, 'kma.db'))) throw new OpenKmaError('DATA_DIRECTORY_EMPTY', directory);
  return new Promise((done, fail) => {
    const socket = connect(join(directory, 'admin.sock'));
    socket.once('error', () => fail(new OpenKmaError('NOT_RUNNING', directory)));
    socket.once('connect', () => {
      const frames: FrameSocket = new FrameSocket(socket, {
        onMessage: (raw) => {
          const message = expectMessage(coreToAdmin, raw);
          if (message.t === 'progress') return progress(message.done, message.total, message.text);
          done(message.t === 'reply' ? { output: message.output } : refuse(message.code, message.detail));
          frames.end();
        },
        onClose: () =>
          done(
            refuse(
              'SERVER_ERROR',
              'the core process ended before it answered; look at the audit log whether the operation was done',
            ),
          ),
      });
      const user = request.user == null ? {} : { user: request.user };
      frames.send({
        t: 'admin',
        id: 1,
        operation: request.operation,
        input: request.input,
        ...user,
        quorum: request.quorum ?? [],
      });
    });
  });
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
