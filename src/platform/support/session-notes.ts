/** Who is logged in for technical support, and what the audit is told of it: each session, failures counted together. It judges nobody. */
import type { PlatformNote } from '../part.ts';
import type { SshdEvent } from './sshd-log.ts';

interface SupportSession {
  /** Address and port. */
  readonly from: string;
  readonly by: 'password' | 'publickey';
  readonly sinceMs: number;
}

/** As the failures of strangers elsewhere: a flood of them is one record a minute. */
const TOGETHER_MS = 60_000;
const SOURCES_MAX = 64;
const CONNECTIONS_MAX = 1_000;
const SOURCES_NAMED = 5;
const SESSIONS_MAX = 100;
const KEY_MAX = 100;

interface SessionNoteTools {
  note(note: PlatformNote): void;
  nowMs(): number;
}

export class SessionNotes {
  readonly #tools: SessionNoteTools;
  readonly #sessions = new Map<string, SupportSession>();
  #failed = new Map<string, number>();
  readonly #failedConnections = new Set<string>();
  #failures = 0;
  #failuresSinceMs: number | null = null;

  constructor(tools: SessionNoteTools) {
    this.#tools = tools;
  }

  sessions(): readonly SupportSession[] {
    return [...this.#sessions.values()];
  }

  has(from: string): boolean {
    return this.#sessions.has(from);
  }

  take(event: SshdEvent): void {
    if (event.event === 'begun') this.#begun(event);
    else if (event.event === 'ended') this.#ended(event.from, 'closed');
    else if (event.event === 'failed') this.#fail(event.from, event.what);
    else if (event.event === 'refused')
      this.#note('warning', 'Refused in a support session', `what=${event.what}`);
  }

  /** All that is open ends with sshd. */
  allEnded(why: string): void {
    for (const from of [...this.#sessions.keys()]) this.#ended(from, why);
    this.tellFailures(true);
  }

  /** The first failure waits for company, a minute at most. */
  tellFailures(atOnce = false): void {
    const sinceMs = this.#failuresSinceMs;
    if (sinceMs === null || (!atOnce && this.#tools.nowMs() - sinceMs < TOGETHER_MS)) return;
    const sources = [...this.#failed].sort(([, a], [, b]) => b - a);
    const named = sources.slice(0, SOURCES_NAMED).map(([source, count]) => `${source}*${count}`);
    const more = sources.length > SOURCES_NAMED ? ` sources=${sources.length}` : '';
    this.#tools.note({
      severity: 'warning',
      condition: 'Support log-in failed',
      message: `failures=${this.#failures} of=${named.join(',')}${more}`,
      class: 'Security Violation',
    });
    this.#failed = new Map();
    this.#failedConnections.clear();
    this.#failures = 0;
    this.#failuresSinceMs = null;
  }

  #begun({ from, by, key }: Extract<SshdEvent, { event: 'begun' }>): void {
    if (this.#sessions.size >= SESSIONS_MAX) this.#sessions.delete(this.#sessions.keys().next().value ?? '');
    this.#sessions.set(from, { from, by, sinceMs: this.#tools.nowMs() });
    const named = key === '' ? '' : ` key=${key.replace(' ', ':').slice(0, KEY_MAX)}`;
    // It worked, and whoever watches this KMA hears of it at once.
    this.#note('warning', 'Support session begun', `from=${from} by=${by}${named}`);
  }

  #ended(from: string, why: string): void {
    const session = this.#sessions.get(from);
    if (session === undefined) return;
    this.#sessions.delete(from);
    const seconds = Math.max(0, Math.round((this.#tools.nowMs() - session.sinceMs) / 1000));
    this.#note('success', 'Support session ended', `from=${from} seconds=${seconds} why=${why}`);
  }

  #fail(from: string, what: string): void {
    // The end of a connection that has failed already is no other failure.
    if (what === 'no log-in' && this.#failedConnections.has(from)) return;
    if (this.#failedConnections.size < CONNECTIONS_MAX) this.#failedConnections.add(from);
    this.#failuresSinceMs ??= this.#tools.nowMs();
    this.#failures += 1;
    const key = `${from.slice(0, from.lastIndexOf(':'))}/${what.replace(' ', '-')}`;
    const known = this.#failed.get(key);
    if (known !== undefined || this.#failed.size < SOURCES_MAX) this.#failed.set(key, (known ?? 0) + 1);
  }

  #note(severity: PlatformNote['severity'], condition: string, message: string): void {
    this.#tools.note({ severity, condition, message, class: 'Security Officer', retention: 'long' });
  }
}
