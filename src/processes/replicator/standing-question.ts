/** While no member is connected: asks one after the other whether this KMA is a member still. Who was removed or logged out is not dialled any more, and would not learn of it. It judges no answer. */
import type { TLSSocket } from 'node:tls';
import type { Member } from '../../replication/roster.ts';
import { type ClusterStanding, STANDING_ALPN, standingAnswer } from '../../replication/standing-messages.ts';
import { FrameSocket } from '../frame.ts';

export interface StandingQuestionParts {
  /** The others that can be dialled; empty while one is connected. */
  readonly askable: () => readonly Member[];
  readonly dial: (member: Member, protocol: string) => Promise<TLSSocket>;
  readonly onAnswer: (standing: ClusterStanding, member: Member) => void;
}

/** Connections that break are made again sooner. */
const ASK_MS = 2_000;
const ANSWER_MS = 5_000;

export class StandingQuestion {
  readonly #parts: StandingQuestionParts;
  readonly #timer: NodeJS.Timeout;
  #asking = false;
  #turn = 0;

  constructor(parts: StandingQuestionParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#ask(), ASK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #ask(): void {
    const members = this.#parts.askable();
    const member = members[this.#turn++ % Math.max(1, members.length)];
    if (this.#asking || member === undefined) return;
    this.#asking = true;
    this.#answerOf(member)
      .then((standing) => {
        if (standing !== null && this.#parts.askable().length > 0) this.#parts.onAnswer(standing, member);
      })
      // Who does not answer says nothing.
      .catch(() => undefined)
      .finally(() => {
        this.#asking = false;
      });
  }

  async #answerOf(member: Member): Promise<ClusterStanding | null> {
    const socket = await this.#parts.dial(member, STANDING_ALPN);
    return new Promise((resolve) => {
      const timer = setTimeout(() => frames.close(null), ANSWER_MS);
      const frames: FrameSocket = new FrameSocket(socket, {
        onMessage: (raw) => {
          const answer = standingAnswer.safeParse(raw);
          resolve(answer.success ? answer.data.standing : null);
          frames.end();
        },
        onClose: () => {
          clearTimeout(timer);
          resolve(null);
        },
      });
    });
  }
}
