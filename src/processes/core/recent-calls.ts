/** Counts the calls of the last minute by kind, and who called, for the current load. It keeps nothing longer, and no name. */
import { kindOf as kindOfAgents } from '../../core/agent-performance.ts';
import type { Fingerprint } from '../../core/ids.ts';
import type { CallKind, RecentLoad } from '../../operations/contexts.ts';
import type { Origin } from '../../operations/operation.ts';
import type { Outcome } from './call-meter.ts';

const WINDOW_SECONDS = 60;
/** Who holds more keys than this is counted as so many callers. */
const CALLERS_MAX = 100_000;

interface Second {
  second: number;
  readonly calls: Map<CallKind, number>;
  refused: number;
  failed: number;
  totalMs: number;
}

export interface RecentCall {
  readonly operation: string;
  readonly origin: Pick<Origin, 'service' | 'fingerprint'>;
  readonly outcome: Outcome;
  readonly durationMs: number;
}

export class RecentCalls {
  readonly #startedMs: number;
  readonly #seconds: readonly Second[];
  /** By key, in the order of the last call. */
  readonly #callers = new Map<Fingerprint, { readonly kind: 'agent' | 'manager'; readonly second: number }>();

  /** All times are of one clock that nobody sets. */
  constructor(nowMs: number) {
    this.#startedMs = nowMs;
    this.#seconds = Array.from({ length: WINDOW_SECONDS }, () => ({
      second: Number.NEGATIVE_INFINITY,
      calls: new Map<CallKind, number>(),
      refused: 0,
      failed: 0,
      totalMs: 0,
    }));
  }

  note({ operation, origin, outcome, durationMs }: RecentCall, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const counted = this.#at(second);
    const kind = kindOf(origin.service, operation);
    counted.calls.set(kind, (counted.calls.get(kind) ?? 0) + 1);
    if (outcome === 'refused') counted.refused += 1;
    if (outcome === 'failed') counted.failed += 1;
    counted.totalMs += durationMs;
    if (outcome === 'done') this.#noteCaller(origin, second);
  }

  report(nowMs: number): RecentLoad {
    const second = Math.floor(nowMs / 1000);
    const since = second - WINDOW_SECONDS;
    const recent = this.#seconds.filter((counted) => counted.second > since);
    const calls = new Map<CallKind, number>();
    for (const counted of recent)
      for (const [kind, count] of counted.calls) calls.set(kind, (calls.get(kind) ?? 0) + count);
    const callers = [...this.#callers.values()].filter((caller) => caller.second > since);
    return {
      seconds: Math.min(WINDOW_SECONDS, Math.max(1, (nowMs - this.#startedMs) / 1000)),
      calls,
      refused: recent.reduce((sum, { refused }) => sum + refused, 0),
      failed: recent.reduce((sum, { failed }) => sum + failed, 0),
      totalMs: recent.reduce((sum, { totalMs }) => sum + totalMs, 0),
      agents: callers.filter(({ kind }) => kind === 'agent').length,
      managers: callers.filter(({ kind }) => kind === 'manager').length,
    };
  }

  #at(second: number): Second {
    const counted = this.#seconds[second % WINDOW_SECONDS];
    if (counted === undefined) throw new Error(`no place for second ${second}`);
    if (counted.second !== second)
      Object.assign(counted, { second, refused: 0, failed: 0, totalMs: 0 }).calls.clear();
    return counted;
  }

  /** A key that was let in: those of strangers are without number. */
  #noteCaller({ service, fingerprint }: RecentCall['origin'], second: number): void {
    if (fingerprint === null || (service !== 'agent' && service !== 'management')) return;
    this.#callers.delete(fingerprint);
    this.#callers.set(fingerprint, { kind: service === 'agent' ? 'agent' : 'manager', second });
    for (const [key, caller] of this.#callers) {
      if (caller.second > second - WINDOW_SECONDS && this.#callers.size <= CALLERS_MAX) break;
      this.#callers.delete(key);
    }
  }
}

function kindOf(service: Origin['service'], operation: string): CallKind {
  if (service === 'agent') {
    const kind = kindOfAgents(operation);
    return kind === 'other' ? 'otherOfAgents' : kind;
  }
  if (service === 'ca' || service === 'certificate') return 'enrolment';
  return service === 'local' ? 'appliance' : service;
}
