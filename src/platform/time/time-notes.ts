/** What of a KMA's time goes into the audit: that its server is lost and back, that its clock is far off and right again, that chronyd ended; each once. It judges nothing. */
import { isFollowing, LARGE_OFFSET_SECONDS, type TimeJudgement } from '../../core/time-following.ts';
import type { PlatformNote } from '../part.ts';

export class TimeNotes {
  readonly #note: (note: PlatformNote) => void;
  #server = '';
  #following: boolean | null = null;
  #off = false;
  #ended = false;

  constructor(note: (note: PlatformNote) => void) {
    this.#note = note;
  }

  /** What was told of another server counts no more. */
  begin(server: string): void {
    this.#server = server;
    this.#following = null;
    this.#off = false;
    this.#ended = false;
  }

  measured(judgement: TimeJudgement): void {
    if (judgement.standing === 'starting') return;
    this.#ended = false;
    this.#tellFollowing(judgement);
    this.#tellOffset(judgement.aheadSeconds);
  }

  daemonEnded(why: string): void {
    if (!this.#ended) this.#write('warning', 'Time service ended', why);
    this.#ended = true;
  }

  #tellFollowing({ standing, serverReachable, aheadSeconds }: TimeJudgement): void {
    const following = isFollowing(standing);
    if (following === this.#following) return;
    const details = `standing="${standing}" reachable=${serverReachable} ahead=${secondsText(aheadSeconds)}`;
    if (following) this.#write('success', 'Time is followed', details);
    else this.#write('warning', 'Time is not followed', details);
    this.#following = following;
  }

  #tellOffset(aheadSeconds: number | null): void {
    if (aheadSeconds === null) return;
    const off = Math.abs(aheadSeconds) > LARGE_OFFSET_SECONDS;
    if (off === this.#off) return;
    const details = `ahead=${secondsText(aheadSeconds)}`;
    if (off) this.#write('error', 'Clock is off', details);
    else this.#write('success', 'Clock is right again', details);
    this.#off = off;
  }

  #write(severity: PlatformNote['severity'], condition: string, details: string): void {
    this.#note({ severity, condition, message: `server=${this.#server} ${details}` });
  }
}

export function secondsText(seconds: number | null): string {
  return seconds === null ? 'unknown' : `${seconds.toFixed(6)}s`;
}
