/** Records each day which certificates expire soon, so that somebody renews them in time. It renews none, and looks at agents a page at a time, since they may be many. */
import { X509Certificate } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { isLive } from '../../core/live.ts';
import type { StateView } from '../../core/state.ts';
import type { TableName } from '../../core/tables.ts';
import { shownName } from '../../operations/entities.ts';
import type { Self } from '../../operations/operation.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_MS = 30 * DAY_MS;
/** Every certificate has to be issued anew after it. */
const ROOT_SOON_MS = 90 * DAY_MS;
const PAGE_ROWS = 100;
const NAMED_MAX = 20;
/** Of one agent: each enrolment adds one. */
const CERTIFICATES_MAX = 100;

interface Expiring {
  readonly of: string;
  readonly atMs: number;
}

export interface CertificateWatchParts {
  readonly state: StateView;
  readonly self: Self;
  /** False where nothing can be recorded now: it is tried again. */
  readonly note: (input: {
    readonly certificates: readonly { readonly of: string; readonly until: string }[];
    readonly more: number;
  }) => Promise<boolean>;
}

export class CertificateWatch {
  readonly #parts: CertificateWatchParts;
  #notedAtMs: number | null = null;

  constructor(parts: CertificateWatchParts) {
    this.#parts = parts;
  }

  async look(nowMs: number): Promise<void> {
    if (this.#notedAtMs !== null && nowMs - this.#notedAtMs < DAY_MS) return;
    const found = await this.#expiring(nowMs);
    if (found.length === 0) return;
    const sorted = found.sort((one, other) => one.atMs - other.atMs);
    const certificates = sorted
      .slice(0, NAMED_MAX)
      .map(({ of, atMs }) => ({ of, until: new Date(atMs).toISOString().slice(0, 10) }));
    const more = sorted.length - certificates.length;
    if (await this.#parts.note({ certificates, more })) this.#notedAtMs = nowMs;
  }

  async #expiring(nowMs: number): Promise<Expiring[]> {
    const { state, self } = this.#parts;
    const root = endOf(state.get('certificate_authority', 'root')?.certificatePem);
    const own = endOf(state.get('kma', self.kmaId)?.certificatePem);
    const found: Expiring[] = [];
    if (root !== null && root - nowMs < ROOT_SOON_MS) found.push({ of: 'root CA', atMs: root });
    if (own !== null && own - nowMs < SOON_MS) found.push({ of: `KMA ${self.kmaName}`, atMs: own });
    const isSoon = (atMs: number | null): atMs is number =>
      atMs !== null && atMs > nowMs && atMs - nowMs < SOON_MS;
    for await (const agent of rowsOf(state, 'agent')) {
      if (!isLive(agent) || agent.enrolled !== 1) continue;
      const ends = state
        .scan('agent_certificate', 'agent', { equals: [agent.id], limit: CERTIFICATES_MAX })
        .filter(({ revokedStamp }) => revokedStamp === null)
        .map(({ notAfter }) => notAfter ?? 0);
      // The newest is the one in use.
      const last = ends.length === 0 ? null : Math.max(...ends);
      if (isSoon(last)) found.push({ of: `agent ${shownName(state, 'agent', agent)}`, atMs: last });
    }
    for await (const { userId, notAfter, revokedStamp } of rowsOf(state, 'user_certificate')) {
      const user = userId === null ? undefined : state.get('user', userId);
      if (revokedStamp === null && isLive(user) && isSoon(notAfter))
        found.push({ of: `user ${shownName(state, 'user', user)}`, atMs: notAfter });
    }
    return found;
  }
}

async function* rowsOf<T extends TableName>(state: StateView, table: T) {
  for (let afterId = ''; ; ) {
    const page = state.page(table, afterId, PAGE_ROWS);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ROWS) return;
    afterId = last.id;
    await setImmediate();
  }
}

function endOf(pem: string | null | undefined): number | null {
  return pem == null ? null : new X509Certificate(pem).validToDate.getTime();
}
