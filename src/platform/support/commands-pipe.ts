/** The named pipe into which the Primary Administrator's shell tells each line. It believes what it reads as far as root may be believed, and runs none of it. */
import { execFileSync } from 'node:child_process';
import { constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { COMMANDS_PIPE } from './root-shell.ts';
import { DAEMON_ENVIRONMENT } from './sshd.ts';

const PENDING_MAX = 8_192;

export class CommandsPipe {
  readonly #path: string;
  readonly #stream: Socket;

  /** `told`: from where, and the line. */
  constructor(directory: string, told: (from: string, line: string) => void) {
    this.#path = join(directory, COMMANDS_PIPE);
    rmSync(this.#path, { force: true });
    execFileSync('mkfifo', ['-m', '600', this.#path], { env: DAEMON_ENVIRONMENT });
    // Open for writing too, so that it does not end with the first who has written.
    const fd = openSync(this.#path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#stream = new Socket({ fd, readable: true, writable: false });
    let pending = '';
    this.#stream.setEncoding('utf8');
    this.#stream.on('error', () => this.#stream.destroy());
    this.#stream.on('data', (text: string) => {
      const lines = (pending + text).split('\n');
      pending = (lines.pop() ?? '').slice(0, PENDING_MAX);
      for (const line of lines) {
        const [from = '', ...words] = line.split('\t');
        if (words.length > 0) told(from, words.join(' '));
      }
    });
  }

  close(): void {
    this.#stream.destroy();
    rmSync(this.#path, { force: true });
  }
}
