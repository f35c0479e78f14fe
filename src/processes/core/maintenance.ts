/** The hourly and minutely housekeeping of a KMA: audit retention and signed heads, certificate renewal, counted refusals. It serves nobody. */
import { headText, RETENTION_TERMS } from '../../core/audit.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import { isDueForRenewal } from '../../security/certificates.ts';
import { signText } from '../../security/log-signing.ts';
import { readLogSeed } from '../../setup/local-identity.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';
import type { RefusedCounter } from './refused-counter.ts';
import type { StoreWatch } from './store-watch.ts';

const MINUTE_MS = 60_000;
/** Records cut in one transaction. */
const CUT_RECORDS = 1000;
const HOUR_MS = 60 * MINUTE_MS;

export class Maintenance {
  readonly #core: Core;
  readonly #refused: RefusedCounter;
  readonly #directory: DataDirectory;
  readonly #storeWatch: StoreWatch;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(core: Core, refused: RefusedCounter, directory: DataDirectory, storeWatch: StoreWatch) {
    this.#storeWatch = storeWatch;
    this.#directory = directory;
    this.#core = core;
    this.#refused = refused;
    this.#timers = [
      setInterval(() => this.#guard(() => this.minutely()), MINUTE_MS),
      setInterval(() => this.#guard(() => this.hourly()), HOUR_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  async minutely(): Promise<void> {
    await this.#storeWatch.keepReserve();
    await this.flushRefused();
    this.tidySessions();
    await this.cutAudit();
  }

  async flushRefused(): Promise<void> {
    for (const summary of this.#refused.take())
      await this.#core.callLocal('NoteFailuresBeforeAuthentication', summary);
  }

  /** Writes down when log-ins were last used, and removes those that are over. */
  tidySessions(): void {
    try {
      this.#core.parts.sessions.tidy(Date.now());
    } catch (error) {
      // A store that cannot be written must not keep the KMA from stopping; the rows are judged at each use anyway.
      logFailure(error, 'sessions');
    }
  }

  async hourly(): Promise<void> {
    await this.renewCertificate();
    await this.signHeads();
  }

  /** Cuts each term's chain, of earlier lives too, to its size and age, from the front, a bounded piece at a time. Often, so that a busy KMA is never far beyond them. */
  async cutAudit(): Promise<void> {
    const { store, self } = this.#core.parts;
    for (const { incarnationId, term } of store.audit.chains()) {
      if (store.state.get('incarnation', incarnationId)?.kmaId !== self.kmaId) continue;
      const limit = {
        records: readSetting(store.state, `${term}TermRecords`),
        oldestMs: Date.now() - readSetting(store.state, `${term}TermDays`) * 24 * HOUR_MS,
      };
      for (;;) {
        const seq = store.audit.dueCut(incarnationId, term, limit, CUT_RECORDS);
        if (seq === undefined) break;
        const hash = store.audit.hashAt(incarnationId, term, seq);
        const cut = { incarnationId, term, seq, hash };
        if (isRefusal(await this.#core.callLocal('CutAuditLog', cut))) break;
      }
    }
  }

  /** Signs the head of each chain, so that records cut off the end show (architecture, invariant of the audit). */
  async signHeads(): Promise<void> {
    const { store, self } = this.#core.parts;
    const seed = readLogSeed(this.#directory);
    const heads = RETENTION_TERMS.flatMap((term) => {
      const head = store.audit.head(self.incarnationId, term);
      if (head === undefined) return [];
      const text = headText({ incarnationId: self.incarnationId, term, ...head });
      return [{ term, ...head, signature: signText(seed, text) }];
    });
    seed.wipe();
    if (heads.length > 0) await this.#core.callLocal('SignAuditHeads', { heads });
  }

  async renewCertificate(): Promise<void> {
    const { store, self, memory } = this.#core.parts;
    const pem = store.state.get('kma', self.kmaId)?.certificatePem;
    if (pem == null || !memory.unlocked) return;
    if (isDueForRenewal(pem, Date.now())) await this.#core.callLocal('RenewKmaCertificate', {});
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #guard(work: () => Promise<void>): void {
    if (this.#core.parts.health.stopped) return;
    work().catch((error: unknown) => logFailure(error, 'maintenance'));
  }
}
