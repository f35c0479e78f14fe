/** The audit's records of what was asked in support sessions: each command, or how many where they come faster than anybody types. It keeps no answer. */
import type { PlatformNote } from '../part.ts';

const RECORDS_A_MINUTE = 60;
const MINUTE_MS = 60_000;
/** As it stands in the record, in quotes. */
const LINE_MAX = 600;

export class CommandNotes {
  readonly #tools: { note(note: PlatformNote): void; nowMs(): number };
  #minuteMs = 0;
  #inMinute = 0;
  #left = 0;

  readonly #isThere: (from: string) => boolean;

  /** `isThere`: whether sshd has a session from there. */
  constructor(
    tools: { note(note: PlatformNote): void; nowMs(): number },
    isThere: (from: string) => boolean,
  ) {
    this.#tools = tools;
    this.#isThere = isThere;
  }

  /** A line that is no command is shown too: it says what somebody tried. */
  ofShell(from: string, line: string, known: boolean): void {
    this.#record(
      known ? 'success' : 'warning',
      known ? 'Support command' : 'Unknown support command',
      `from=${this.#place(from)} line=${cut(line)}`,
    );
  }

  /** Of the Primary Administrator, as far as his shell tells. */
  ofRoot(from: string, line: string): void {
    this.#record('success', 'Primary administrator command', `from=${this.#place(from)} line=${cut(line)}`);
  }

  /** Those that got no record of their own. */
  tellRest(): void {
    if (this.#left === 0 || this.#tools.nowMs() - this.#minuteMs < MINUTE_MS) return;
    this.#note('warning', 'Support commands not recorded one by one', `commands=${this.#left}`);
    this.#left = 0;
  }

  /** Of "address port address port" the client's, as the shell says; sshd's log has to say so too. */
  #place(from: string): string {
    const [address = '', port = ''] = from.split(' ');
    const place = `${address}:${port}`;
    return this.#isThere(place) ? place : 'unknown';
  }

  #record(severity: PlatformNote['severity'], condition: string, message: string): void {
    const now = this.#tools.nowMs();
    if (Math.abs(now - this.#minuteMs) >= MINUTE_MS) {
      this.tellRest();
      this.#minuteMs = now;
      this.#inMinute = 0;
    }
    this.#inMinute += 1;
    if (this.#inMinute > RECORDS_A_MINUTE) this.#left += 1;
    else this.#note(severity, condition, message);
  }

  #note(severity: PlatformNote['severity'], condition: string, message: string): void {
    this.#tools.note({ severity, condition, message, class: 'Security Officer', retention: 'long' });
  }
}

/** In quotes, so that no line looks like details of the record. */
function cut(line: string): string {
  return JSON.stringify(line.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?')).slice(0, LINE_MAX);
}
