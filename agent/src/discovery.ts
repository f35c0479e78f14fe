/** What this process knows of its cluster and when it asks again (protocol 10); it never chooses a KMA for a call. */
import type { ClusterMember, Responses } from '@openkma/protocol';
import { isIpv6Address } from './address.ts';
import { bestKmas, type Kma, kmaOf } from './balancing.ts';
import { contentOf, type KnownCluster, loadCluster, saveCluster } from './cluster-file.ts';
import { type KmaAnswer, KmsUnavailableError } from './errors.ts';
import { failsOver, wasReached } from './faults.ts';
import type { Profile } from './profile.ts';
import { OVERLAP_MS, RunningAttempts } from './running-attempts.ts';

export type DiscoverAt = (address: string) => Promise<Responses['DiscoverCluster']>;

/** Between those that are asked while the first is silent: the question costs little, and its answer is waited for (as RFC 8305 has it for addresses, section 8). */
const NEXT_MS = 250;

/** The only member when discovery is off: the start address, asked for plain keys (protocol 7). */
const START_ID = 'start';

interface Answered {
  readonly response: Responses['DiscoverCluster'];
  readonly address: string;
  /** Asked before, and without an answer yet. */
  readonly silent: readonly string[];
}

export class Discovery {
  readonly #profile: Profile;
  readonly #discoverAt: DiscoverAt;
  readonly #now: () => number;
  #known: KnownCluster | null = null;
  #kmas: readonly Kma[] = [];
  #discoveredAtMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;
  #unanswered: readonly KmaAnswer[] = [];

  /** `now` is a clock in milliseconds that never runs backwards. */
  constructor(profile: Profile, discoverAt: DiscoverAt, now: () => number) {
    this.#profile = profile;
    this.#discoverAt = discoverAt;
    this.#now = now;
  }

  get kmas(): readonly Kma[] {
    return this.#kmas;
  }
  get siteId(): string {
    return this.#known?.siteId ?? '';
  }
  get members(): readonly ClusterMember[] {
    return this.#known?.members ?? [];
  }
  get startAddress(): string {
    return this.#known?.startAddress ?? this.#profile.address;
  }

  /** What each KMA said when the last question was answered by none; else empty. */
  get unanswered(): readonly KmaAnswer[] {
    return this.#unanswered;
  }

  /** What was told last, to this process or one before it; nobody is asked. */
  async lastKnown(): Promise<KnownCluster | null> {
    const { directory, address } = this.#profile;
    return this.#known ?? (await loadCluster(directory, address));
  }

  /** Asks when nothing is known yet or the last answer is too old; callers at the same time share one question. */
  async refreshIfDue(): Promise<void> {
    const { discoveryFrequencyMs } = this.#profile.settings;
    if (discoveryFrequencyMs === 0) {
      if (this.#kmas.length === 0) this.#kmas = [startOnly(this.#profile.address)];
    } else if (this.#now() - this.#discoveredAtMs > discoveryFrequencyMs) await this.refresh();
  }

  async refresh(): Promise<void> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  mark(kmaId: string, responding: boolean): void {
    this.#kmas = this.#kmas.map((kma) => (kma.id === kmaId ? { ...kma, responding } : kma));
  }

  async #refresh(): Promise<void> {
    const { directory, address: givenAddress } = this.#profile;
    this.#known = await this.lastKnown();
    const answered = await this.#askAll();
    // A question that nobody answers is not repeated before each call either.
    this.#discoveredAtMs = this.#now();
    if (answered === null) return this.#useLastKnown();
    const { response, address, silent } = answered;
    const found = {
      givenAddress,
      startAddress: address,
      siteId: response.entitySiteId,
      members: response.clusterMembers,
    };
    const changed = this.#known === null || contentOf(this.#known) !== contentOf(found);
    this.#use(found);
    this.#markAll(silent, false);
    if (changed) await saveCluster(directory, found);
  }

  /**
   * Where none of those that are known can be reached, one that was restored may serve at the address of the enrolment. A KMA
   * that refuses was reached, and is of today's cluster: one of a backup must not take its place.
   */
  async #askAll(): Promise<Answered | null> {
    const failed: KmaAnswer[] = [];
    const { address: given } = this.#profile;
    const known = this.#addressesToAsk();
    let answered = await this.#askInTurn(known, failed);
    if (answered === null && !known.includes(given) && !failed.some(({ error }) => wasReached(error)))
      answered = await this.#askInTurn([given], failed);
    this.#unanswered = answered === null ? failed : [];
    if (answered === null && this.#known === null) throw new KmsUnavailableError(failed.length, failed);
    return answered;
  }

  #addressesToAsk(): string[] {
    const members = (this.#known?.members ?? []).map((member) => this.#kmaOf(member));
    const enabled = members.filter((kma) => kma.enabled).map((kma) => kma.address);
    return [...new Set([this.startAddress, ...enabled])];
  }

  /** The first that answers, in this order but for those that are slow; a numbered refusal is an answer, and is thrown. */
  async #askInTurn(addresses: readonly string[], failed: KmaAnswer[]): Promise<Answered | null> {
    const running = new RunningAttempts<{ readonly id: string }, Responses['DiscoverCluster']>(
      ({ id }) => this.#discoverAt(id),
      'same',
    );
    const asked: string[] = [];
    const unasked = [...addresses];
    let patienceMs = OVERLAP_MS;
    while (unasked.length > 0 || running.size > 0) {
      const address = unasked.shift();
      if (address !== undefined) {
        asked.push(address);
        running.begin({ id: address });
      }
      const ended = await running.next(unasked.length > 0 ? patienceMs : Number.POSITIVE_INFINITY);
      patienceMs = ended === null ? NEXT_MS : OVERLAP_MS;
      if (ended === null) continue;
      if ('result' in ended) {
        running.leave((late) => this.#markAll([late.at.id], 'result' in late || !failsOver(late.error)));
        const silent = asked.slice(0, asked.indexOf(ended.at.id)).filter((one) => running.has(one));
        return { response: ended.result, address: ended.at.id, silent };
      }
      if (!failsOver(ended.error)) throw ended.error;
      failed.push({ address: ended.at.id, error: ended.error });
    }
    return null;
  }

  #markAll(addresses: readonly string[], responding: boolean): void {
    for (const { id, address } of this.#kmas) if (addresses.includes(address)) this.mark(id, responding);
  }

  #useLastKnown(): void {
    const known = this.#known;
    if (known === null)
      throw new TypeError('without a known cluster an unanswered discovery has failed already');
    this.#use({ ...known, members: known.members.map((member) => ({ ...member, responding: true })) });
  }

  #use(cluster: KnownCluster): void {
    this.#known = cluster;
    this.#kmas = bestKmas(
      cluster.members.map((member) => this.#kmaOf(member)),
      cluster.siteId,
    );
  }

  #kmaOf(member: ClusterMember): Kma {
    return kmaOf(member, isIpv6Address(this.#profile.address));
  }
}

function startOnly(address: string): Kma {
  return {
    id: START_ID,
    name: address,
    siteId: '',
    address,
    enabled: true,
    responding: true,
    locked: false,
    load: 0,
    wrapsKeys: false,
  };
}
