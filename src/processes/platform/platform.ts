/** The host of the parts: makes each, hands it the config, tells the core what it says, and ends all. It does nothing of what a part does. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { logEvent } from '../../log-line.ts';
import type { PlatformConfig } from '../../platform/config.ts';
import { NamesPart } from '../../platform/names/names-part.ts';
import type { PlatformNote, PlatformPart, PlatformTools } from '../../platform/part.ts';
import { madePart } from '../../platform/part-made-later.ts';
import { PARTS } from '../../platform/parts.ts';
import { PlatformRefusal } from '../../platform/refusal.ts';
import { KeptConnection } from '../kept-connection.ts';
import { expectMessage } from '../messages.ts';
import { AuditLink } from './audit-link.ts';
import { boundedState } from './bounded-state.ts';
import {
  type CoreToPlatform,
  coreToPlatform,
  NOTE_CHARACTERS_MAX,
  type PlatformToCore,
  partState,
  platformNote,
  type SupervisorToPlatform,
} from './messages.ts';

type Start = Extract<SupervisorToPlatform, { t: 'start' }>;
type Part = PlatformPart<PlatformConfig>;

/** A state that changes all the time is told this often. */
const STATES_MS = 1_000;
/** Less than the supervisor waits for all of them. */
const STOP_MS = 8_000;
/** What is noted while the core is replaced waits for the next one. */
const NOTES_WAITING_MAX = 200;

export class Platform {
  readonly #start: Start;
  readonly #audit: AuditLink;
  readonly #core: KeptConnection;
  readonly #names: NamesPart;
  readonly #parts: ReadonlyMap<string, Part>;
  readonly #changed = new Set<string>();
  readonly #states: NodeJS.Timeout;
  #waiting: PlatformToCore[] = [];
  #clockOffsetMs = 0;

  constructor(start: Start) {
    this.#start = start;
    this.#audit = new AuditLink(start.auditSocketPath);
    // First: parts may have something to say while they are made.
    this.#core = new KeptConnection({
      path: start.platformSocketPath,
      onOpened: () => this.#connected(),
      onMessage: (raw) => this.#receive(expectMessage(coreToPlatform, raw)),
      onLost: (error) => {
        if (error !== null) logEvent('platform: core', error.message);
      },
    });
    this.#names = new NamesPart(this.#toolsOf('names'));
    const others = Object.entries(PARTS).map(([name, make]) => {
      const made = madePart(
        name,
        () => make(this.#withDirectory(name)),
        (note) => this.#note(name, note),
      );
      return [name, made] as const;
    });
    this.#parts = new Map<string, Part>([['names', this.#names], ...others]);
    this.#states = setInterval(() => this.#tellStates(), STATES_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#states);
    await Promise.all(
      [...this.#parts].map(([name, part]) =>
        Promise.race([part.stop(), pause(STOP_MS, undefined, { ref: false })]).catch((error) =>
          this.#log(name, error),
        ),
      ),
    );
    this.#tellStates();
    this.#audit.close();
    this.#core.close();
  }

  /** Throws on a full disk, or where something is in the way. */
  #withDirectory(name: string): PlatformTools {
    const tools = this.#toolsOf(name);
    mkdirSync(tools.directory, { recursive: true, mode: 0o700 });
    return tools;
  }

  #toolsOf(name: string): PlatformTools {
    return {
      directory: join(this.#start.directory, name),
      socketDirectory: join(dirname(this.#start.platformSocketPath), name),
      place: this.#start.place,
      resolve: (wanted) => this.#names.resolve(wanted),
      audit: this.#audit,
      states: () => new Map([...this.#parts].map(([part, made]) => [part, made.state()])),
      note: (note) => this.#note(name, note),
      changed: () => this.#changed.add(name),
      log: (line) => logEvent(`platform: ${name}`, line),
      nowMs: () => Date.now() + this.#clockOffsetMs,
    };
  }

  #note(part: string, note: PlatformNote): void {
    const message = note.message.slice(0, NOTE_CHARACTERS_MAX);
    const { data } = platformNote.safeParse({ ...note, message });
    if (data === undefined) return this.#log(part, new Error(`no note: ${note.condition}`));
    this.#tell({ t: 'note', part, note: data });
  }

  #connected(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) this.#core.send(message);
    for (const name of this.#parts.keys()) this.#changed.add(name);
  }

  #receive(message: CoreToPlatform): void {
    if (message.t === 'ask') return void this.#answer(message);
    if (message.t === 'health') {
      for (const part of this.#parts.values()) part.health?.(message.health);
      return;
    }
    const { config, newestAuditRow } = message;
    this.#clockOffsetMs = config.clockOffsetMs;
    this.#audit.told(newestAuditRow);
    for (const [name, part] of this.#parts) {
      try {
        part.apply(config);
      } catch (error) {
        this.#log(name, error);
      }
      this.#changed.add(name);
    }
    this.#tellStates();
  }

  async #answer({ id, part: name, question }: Extract<CoreToPlatform, { t: 'ask' }>): Promise<void> {
    const part = this.#parts.get(name);
    try {
      if (part?.ask === undefined)
        throw new PlatformRefusal('PLATFORM_NOT_THERE', `no part "${name}" answers`);
      this.#core.send({ t: 'answered', id, answer: await part.ask(question) } satisfies PlatformToCore);
    } catch (error) {
      const code = error instanceof PlatformRefusal ? error.code : 'SERVER_ERROR';
      if (code === 'SERVER_ERROR') this.#log(name, error);
      const detail = textOf(error).slice(0, 1024);
      this.#core.send({ t: 'refused', id, code, detail } satisfies PlatformToCore);
    }
  }

  #tellStates(): void {
    if (!this.#core.connected) return;
    for (const name of this.#changed) {
      const part = this.#parts.get(name);
      if (part === undefined) continue;
      try {
        this.#tell({ t: 'state', part: name, state: expectMessage(partState, boundedState(part.state())) });
      } catch (error) {
        this.#log(name, error);
      }
    }
    this.#changed.clear();
  }

  #tell(message: PlatformToCore): void {
    if (this.#core.connected) this.#core.send(message);
    else if (message.t === 'note' && this.#waiting.length < NOTES_WAITING_MAX) this.#waiting.push(message);
  }

  #log(part: string, error: unknown): void {
    logEvent(`platform: ${part}`, (error instanceof Error ? error.stack : null) ?? String(error));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
