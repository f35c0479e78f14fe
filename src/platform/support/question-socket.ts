/** Answers the support shell over a Unix socket that the account alone reaches: one line of JSON for a question, one for its answer, bounded in number, length and rate. It runs no program that a line names. */
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { SUPPORT_ID } from './account-files.ts';

const SHELLS_MAX = 6;
const QUESTION_BYTES_MAX = 2_048;
const ANSWER_CHARACTERS_MAX = 64_000;
/** Each is a record of the audit, which nobody is to wash with them. */
const QUESTIONS_A_MINUTE = 40;
/** That wait for their answers. */
const WAITING_MAX = 200;
const MINUTE_MS = 60_000;

export interface SupportQuestion {
  /** Who asks, as the shell says: client's address and port, then ours. */
  readonly from: string;
  readonly line: string;
}
export interface SupportAnswer {
  readonly text: string;
  readonly failed?: boolean;
  /** The shell ends. */
  readonly end?: boolean;
}
export type AnswerQuestion = (question: SupportQuestion) => Promise<SupportAnswer>;

const question = z.strictObject({ from: z.string().max(200), line: z.string().max(256) });

export class QuestionSocket {
  readonly #answer: AnswerQuestion;
  readonly #server: Server;
  readonly #shells = new Set<Socket>();

  private constructor(answer: AnswerQuestion) {
    this.#answer = answer;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = SHELLS_MAX;
  }

  /** `directory` is made for it, and the account may pass through it. */
  static async listen(directory: string, answer: AnswerQuestion): Promise<QuestionSocket> {
    const path = join(directory, 'ask.sock');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    const served = new QuestionSocket(answer);
    await new Promise<void>((resolve, reject) => {
      served.#server.once('error', reject);
      served.#server.listen(path, resolve);
    });
    chownSync(path, 0, SUPPORT_ID);
    chmodSync(path, 0o660);
    chownSync(directory, 0, SUPPORT_ID);
    chmodSync(directory, 0o710);
    return served;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#shells) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#shells.add(socket);
    let received = '';
    let work = Promise.resolve();
    let waiting = 0;
    const allowed = perMinute(QUESTIONS_A_MINUTE);
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#shells.delete(socket));
    socket.on('data', (text: string) => {
      received += text;
      const lines = received.split('\n');
      received = lines.pop() ?? '';
      waiting += lines.length;
      if (received.length > QUESTION_BYTES_MAX || waiting > WAITING_MAX) return void socket.destroy();
      for (const line of lines)
        work = work
          .then(() => (socket.destroyed ? undefined : this.#one(socket, line, allowed)))
          .catch(() => void socket.destroy())
          .finally(() => {
            waiting -= 1;
          });
    });
  }

  async #one(socket: Socket, line: string, allowed: () => boolean): Promise<void> {
    const asked = question.safeParse(parsed(line)).data;
    if (asked === undefined) return void socket.destroy();
    const answer = allowed()
      ? await this.#answer(asked)
      : { text: 'Too many commands in a minute; wait a little.\n', failed: true };
    const text = answer.text.slice(0, ANSWER_CHARACTERS_MAX);
    if (!socket.destroyed) socket.write(`${JSON.stringify({ ...answer, text })}\n`);
  }
}

function perMinute(count: number): () => boolean {
  let times: number[] = [];
  return () => {
    const now = performance.now();
    times = times.filter((time) => now - time < MINUTE_MS);
    if (times.length >= count) return false;
    times.push(now);
    return true;
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
