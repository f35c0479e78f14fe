/** The core's side of the platform process: sends it the config, asks it, and remembers what its parts said last. It waits for nothing of it but an answer that an operation wants, and not long. */
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { PlatformDesk, PlatformStates } from '../../operations/platform/desk.ts';
import type { PlatformConfig } from '../../platform/config.ts';
import type { KmaStanding } from '../../platform/hmp/kma-health.ts';
import type { PartState } from '../../platform/part.ts';
import type { CoreToPlatform, PlatformToCore } from '../platform/messages.ts';

type Send = (message: CoreToPlatform) => void;
type Answer = Extract<PlatformToCore, { t: 'answered' | 'refused' }>;

export interface PlatformLinkParts {
  readonly config: () => PlatformConfig;
  readonly newestAuditRow: () => number;
  /** How this KMA fares, for the SNMP agent. */
  readonly standing: () => KmaStanding;
  /** Whether there is anything to do for it. */
  readonly wanted: (config: PlatformConfig) => boolean;
  /** Again and again, if need be: the process is wanted from now on. */
  readonly begin: () => void;
  /** What there is to do cannot be read now. */
  readonly failed: (error: unknown) => void;
}

const ANSWER_MS = 15_000;
/** How long a question waits for a process that is being started. */
const START_MS = 10_000;
/** Operations that wait for it at a time. */
const ASKED_MAX = 64;
const PARTS_MAX = 32;
/** What changes without an operation of this KMA: members, and what other KMAs wrote. */
const COMPARE_MS = 5_000;

export class PlatformLink implements PlatformDesk {
  readonly #parts: PlatformLinkParts;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  readonly #states = new Map<string, PartState>();
  readonly #compare: NodeJS.Timeout;
  #sends: readonly Send[] = [];
  #send: Send | null = null;
  #goneAtMs = performance.now();
  #begun = false;
  #arrival = Promise.withResolvers<void>();
  #sentConfig = '';
  #nextId = 1;

  constructor(parts: PlatformLinkParts) {
    this.#parts = parts;
    this.#compare = setInterval(() => this.sendChanged(), COMPARE_MS);
  }

  /** The newest connection counts, while it lasts: the process before is gone, or about to be. */
  connected(send: Send): void {
    this.#sends = [...this.#sends, send];
    this.#turnTo(send);
  }

  disconnected(send: Send): void {
    this.#sends = this.#sends.filter((other) => other !== send);
    if (this.#send === send) this.#turnTo(this.#sends.at(-1) ?? null);
  }

  /** At the start, and after a commit that may have changed it; whatever is as it was is not sent again. A KMA that needs no such process has none. */
  sendChanged(): void {
    try {
      this.#sendChanged();
    } catch (error) {
      // A store that cannot be read: the process goes on with what it has, and the core with what it does.
      this.#parts.failed(error);
    }
  }

  #sendChanged(): void {
    const config = this.#parts.config();
    if (this.#parts.wanted(config)) this.#begin();
    if (this.#send === null) return;
    if (config.hmp.enabled) this.#send({ t: 'health', health: this.#parts.standing() });
    const text = JSON.stringify(config);
    if (text === this.#sentConfig) return;
    this.#send({ t: 'config', config, newestAuditRow: this.#parts.newestAuditRow() });
    this.#sentConfig = text;
  }

  told(part: string, state: PartState): void {
    if (this.#states.size < PARTS_MAX || this.#states.has(part)) this.#states.set(part, state);
  }

  answered(answer: Answer): void {
    const settle = this.#waiting.get(answer.id);
    settle?.(answer.t === 'answered' ? unrefused(answer.answer) : refuse(answer.code, answer.detail));
  }

  async ask(part: string, question: unknown, withinMs = ANSWER_MS): Promise<unknown> {
    if (this.#waiting.size >= ASKED_MAX) return refuse('SERVER_BUSY');
    const send = this.#send ?? (await this.#started());
    if (send === null) return refuse('PLATFORM_NOT_THERE');
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const timer = setTimeout(
      () => settle(refuse('PLATFORM_NOT_THERE', `no answer within ${withinMs / 1000} s`)),
      withinMs,
    );
    const settle = (answer: unknown) => {
      clearTimeout(timer);
      this.#waiting.delete(id);
      resolve(answer);
    };
    this.#waiting.set(id, settle);
    send({ t: 'ask', id, part, question });
    return promise;
  }

  states(): PlatformStates {
    const running = this.#send !== null;
    const goneForMs = running || !this.#begun ? 0 : performance.now() - this.#goneAtMs;
    return { running, wanted: this.#begun, goneForMs, parts: this.#states };
  }

  stop(): void {
    clearInterval(this.#compare);
    this.#turnTo(null);
  }

  #begin(): void {
    if (!this.#begun) this.#goneAtMs = performance.now();
    this.#begun = true;
    this.#parts.begin();
  }

  async #started(): Promise<Send | null> {
    this.#begin();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, START_MS);
    await Promise.race([this.#arrival.promise, promise]);
    clearTimeout(timer);
    return this.#send;
  }

  /** What another one said holds no more, and it answers nothing that it was asked. */
  #turnTo(send: Send | null): void {
    if (this.#send !== null) this.#goneAtMs = performance.now();
    this.#send = send;
    if (send !== null) {
      this.#arrival.resolve();
      this.#arrival = Promise.withResolvers();
    }
    this.#states.clear();
    for (const settle of [...this.#waiting.values()]) settle(refuse('PLATFORM_NOT_THERE'));
    this.#sentConfig = '';
    this.sendChanged();
  }
}

/** An answer that looks like a refusal would be taken for one. */
function unrefused(answer: unknown): unknown {
  return isRefusal(answer)
    ? refuse('SERVER_ERROR', 'the platform process answers what is no answer')
    : answer;
}
