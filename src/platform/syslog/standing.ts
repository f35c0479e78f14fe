/** Whether a syslog server gets its messages, and what of that is worth an audit record: one when it has not got any for a while, one when it does again. It connects to nobody. */
import type { PlatformNote } from '../part.ts';
import { quoted } from '../quoted.ts';
import type { SyslogTrouble, TroubleKind } from './trouble.ts';

export const DOWN_CONDITION = 'Receiver unreachable';
export const UNTRUSTED_CONDITION = 'Receiver not trusted';
export const BACK_CONDITION = 'Receiver reachable again';

export interface NoteTimes {
  /** How long a server is not reached before the audit says so. */
  readonly notedAfterMs: number;
  /** Of a server that comes and goes people are told this often at most. */
  readonly notesApartMs: number;
}

export class Standing {
  readonly #server: string;
  readonly #times: NoteTimes;
  #trouble: SyslogTrouble | null = null;
  #sinceMs: number | null = null;
  #backAtMs: number | null = null;
  #notedAtMs = Number.NEGATIVE_INFINITY;
  /** That people were told of, and not that it is over. */
  readonly #noted = new Set<TroubleKind>();

  constructor(server: string, times: NoteTimes) {
    this.#server = server;
    this.#times = times;
  }

  /** Why it gets none now; null where it does. */
  get trouble(): SyslogTrouble | null {
    return this.#trouble;
  }

  /** Of one that is not who it has to be people are told at once, of all else when it lasts. */
  failed(trouble: SyslogTrouble, nowMs: number): PlatformNote | null {
    this.#trouble = trouble;
    this.#sinceMs ??= nowMs;
    this.#backAtMs = null;
    const untrusted = trouble.kind === 'not trusted';
    if (untrusted ? this.#noted.has('not trusted') : this.#noted.size > 0) return null;
    const { notedAfterMs, notesApartMs } = this.#times;
    if (!untrusted && nowMs - this.#sinceMs < notedAfterMs) return null;
    if (nowMs - this.#notedAtMs < notesApartMs && this.#noted.size === 0) return null;
    this.#noted.add(trouble.kind);
    this.#notedAtMs = nowMs;
    return {
      severity: 'error',
      condition: untrusted ? UNTRUSTED_CONDITION : DOWN_CONDITION,
      message: `${this.#receiver} why=${quoted(trouble.message)}`,
      class: untrusted ? 'Security Violation' : 'System',
    };
  }

  /** It gets them, and so many had gathered; said again and again, since it may be too early to tell people. */
  works(nowMs: number, waited: number, skipped: number): PlatformNote | null {
    this.#trouble = null;
    this.#backAtMs ??= nowMs;
    if (this.#noted.size > 0 && nowMs - this.#notedAtMs < this.#times.notesApartMs) return null;
    const told = this.#noted.size > 0;
    const downMs = this.#backAtMs - (this.#sinceMs ?? nowMs);
    this.#sinceMs = null;
    this.#noted.clear();
    if (!told) return null;
    this.#notedAtMs = nowMs;
    return {
      severity: 'success',
      condition: BACK_CONDITION,
      message: `${this.#receiver} downSeconds=${Math.round(downMs / 1000)} waited=${waited} dropped=${skipped}`,
    };
  }

  get #receiver(): string {
    return `receiver=${quoted(`syslog server ${this.#server}`)}`;
  }
}
