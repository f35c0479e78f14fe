/** A connection to a Unix socket of another process, made again whenever it ends. It repeats no message. */
import { connect } from 'node:net';
import { FrameSocket } from './frame.ts';

export interface KeptConnectionParts {
  readonly path: string;
  readonly onOpened: () => void;
  readonly onMessage: (raw: unknown) => void;
  /** With the reason where the other side broke the framing. */
  readonly onLost: (error: Error | null) => void;
}

const RETRY_MS = 100;
/** After a message that was none: the next would be no better at once. */
const RECOVER_MS = 1_000;

export class KeptConnection {
  readonly #parts: KeptConnectionParts;
  #frames: FrameSocket | null = null;
  #closed = false;

  constructor(parts: KeptConnectionParts) {
    this.#parts = parts;
    this.#connect();
  }

  get connected(): boolean {
    return this.#frames !== null;
  }

  /** Lost where there is no connection. */
  send(message: object): void {
    this.#frames?.send(message);
  }

  close(): void {
    this.#closed = true;
    this.#frames?.end();
    this.#frames = null;
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(this.#parts.path);
    const again = (delayMs: number) => setTimeout(() => this.#connect(), delayMs);
    const failed = () => again(RETRY_MS);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      if (this.#closed) return void socket.destroy();
      this.#frames = new FrameSocket(socket, {
        onMessage: (raw) => this.#parts.onMessage(raw),
        onClose: (error) => {
          this.#frames = null;
          this.#parts.onLost(error);
          again(error === null ? RETRY_MS : RECOVER_MS);
        },
      });
      this.#parts.onOpened();
    });
  }
}
