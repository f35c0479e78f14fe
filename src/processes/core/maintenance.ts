/** The hourly and minutely housekeeping of a KMA: audit retention and signed heads, certificate renewal, counted refusals. It serves nobody. */
import { X509Certificate } from 'node:crypto';
import { RETENTION_TERMS } from '../../core/audit.ts';
import { readSetting } from '../../core/settings.ts';
import { retentionCut } from '../../store/audit-chain.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';
import type { RefusedCounter } from './refused-counter.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A server certificate is renewed when less than this is left. */
const RENEW_BEFORE_MS = 60 * 24 * HOUR_MS;

export class Maintenance {
  readonly #core: Core;
  readonly #refused: RefusedCounter;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(core: Core, refused: RefusedCounter) {
    this.#core = core;
    this.#refused = refused;
    this.#timers = [
      setInterval(() => this.#guard(() => this.flushRefused()), MINUTE_MS),
      setInterval(() => this.#guard(() => this.hourly()), HOUR_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  async flushRefused(): Promise<void> {
    for (const summary of this.#refused.take())
      await this.#core.callLocal('NoteFailuresBeforeAuthentication', summary);
  }

  async hourly(): Promise<void> {
    await this.renewCertificate();
    await this.cutAudit();
    await this.#core.callLocal('SignAuditHeads', {});
  }

  /** Cuts each term's chain to its size and age, from the front, a bounded piece at a time. */
  async cutAudit(): Promise<void> {
    const { store, self } = this.#core.parts;
    for (const term of RETENTION_TERMS) {
      const limits = {
        records: readSetting(store.state, `${term}TermRecords`),
        ageMs: readSetting(store.state, `${term}TermDays`) * 24 * HOUR_MS,
        nowMs: Date.now(),
      };
      for (;;) {
        const seq = retentionCut(store, self.incarnationId, term, limits);
        if (seq === null) break;
        await this.#core.callLocal('CutAuditLog', { term, seq });
      }
    }
  }

  async renewCertificate(): Promise<void> {
    const { store, self, memory } = this.#core.parts;
    const pem = store.state.get('kma', self.kmaId)?.certificatePem;
    if (pem == null || !memory.unlocked) return;
    const leftMs = new X509Certificate(pem).validToDate.getTime() - Date.now();
    if (leftMs < RENEW_BEFORE_MS) await this.#core.callLocal('RenewKmaCertificate', {});
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #guard(work: () => Promise<void>): void {
    work().catch((error: unknown) => logFailure(error, 'maintenance'));
  }
}
