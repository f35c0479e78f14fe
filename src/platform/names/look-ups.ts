/** Looks names up at given servers: bounded in time and number, each name once at a time, answers kept as long as they say. What a server answers is not believed to be right, only to be addresses. */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type DnsSetting, isDomainName, isLocalName, LOCAL_ADDRESSES } from '../../platform-settings/dns.ts';
import { PlatformRefusal } from '../refusal.ts';

export interface LookedUp {
  readonly addresses: readonly string[];
  /** Servers were asked for it now. */
  readonly asked: boolean;
  /** They did not answer, and this is what they said before. */
  readonly silent?: PlatformRefusal;
}

interface Kept {
  readonly addresses: readonly string[];
  readonly untilMs: number;
}

/** Of one server, doubled with the second try; and of all together. */
const TRY_MS = 1_500;
const TRIES = 2;
const ALL_MS = 8_000;
const UNDER_WAY_MAX = 32;
const KEPT_MAX = 256;
/** A server that says 0 would be asked at every connection, and one that says a year could not be mended. */
const KEPT_MIN_MS = 5_000;
const KEPT_MAX_MS = 10 * 60_000;
const ADDRESSES_MAX = 8;
/** The server said that there is no such name or no such address; all else is no answer. */
const UNKNOWN = new Set(['ENOTFOUND', 'ENODATA']);

export class LookUps {
  readonly #setting: DnsSetting;
  readonly #elapsedMs: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<readonly string[]>>();

  constructor(setting: DnsSetting, elapsedMs: () => number) {
    this.#setting = setting;
    this.#elapsedMs = elapsedMs;
  }

  async addressesOf(name: string): Promise<LookedUp> {
    const literal = name.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) !== 0) return { addresses: [literal], asked: false };
    if (isLocalName(name)) return { addresses: LOCAL_ADDRESSES, asked: false };
    const whole = this.#whole(name);
    if (this.#setting.servers.length === 0)
      throw new PlatformRefusal('DNS_NOT_CONFIGURED', `"${whole}" is a name, and no DNS server is set`);
    const kept = this.#kept.get(whole);
    if (kept !== undefined && kept.untilMs > this.#elapsedMs())
      return { addresses: kept.addresses, asked: false };
    try {
      return { addresses: await this.#once(whole), asked: true };
    } catch (error) {
      // Servers that are away for a while take nobody's receiver or clock away.
      if (kept !== undefined && isSilence(error))
        return { addresses: kept.addresses, asked: true, silent: error };
      throw error;
    }
  }

  /** A name without a dot is one of the domain; the dot at the end of a whole name says nothing more. */
  #whole(name: string): string {
    const { domain } = this.#setting;
    const given = name.toLowerCase();
    const whole = given.endsWith('.')
      ? given.slice(0, -1)
      : given.includes('.') || domain === ''
        ? given
        : `${given}.${domain.toLowerCase()}`;
    if (!isDomainName(whole))
      throw new PlatformRefusal('NAME_DOES_NOT_EXIST', 'it is no name that DNS can have');
    return whole;
  }

  #once(name: string): Promise<readonly string[]> {
    const same = this.#underWay.get(name);
    if (same !== undefined) return same;
    if (this.#underWay.size >= UNDER_WAY_MAX)
      return Promise.reject(
        new PlatformRefusal('DNS_NO_ANSWER', `${UNDER_WAY_MAX} look-ups wait for an answer`),
      );
    const found = this.#ask(name).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, found);
    return found;
  }

  async #ask(name: string): Promise<readonly string[]> {
    const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
    resolver.setServers(this.#setting.servers.map((server) => (isIP(server) === 6 ? `[${server}]` : server)));
    const timer = setTimeout(() => resolver.cancel(), ALL_MS);
    try {
      const both = await Promise.allSettled([
        resolver.resolve4(name, { ttl: true }),
        resolver.resolve6(name, { ttl: true }),
      ]);
      return this.#judged(name, both);
    } finally {
      clearTimeout(timer);
    }
  }

  #judged(
    name: string,
    both: readonly PromiseSettledResult<{ readonly address: string; readonly ttl: number }[]>[],
  ): readonly string[] {
    const found = both.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const usable = found.filter(({ address }) => isUsable(address)).slice(0, ADDRESSES_MAX);
    if (usable.length > 0) return this.#keep(name, usable);
    const codes = both.flatMap((one) => (one.status === 'rejected' ? [codeOf(one.reason)] : []));
    const silence = codes.find((code) => !UNKNOWN.has(code));
    if (silence !== undefined)
      throw new PlatformRefusal('DNS_NO_ANSWER', `${name}: ${WHY[silence] ?? silence}`);
    throw new PlatformRefusal(
      'NAME_DOES_NOT_EXIST',
      found.length > 0 ? `${name}: the answer is no address of a machine` : `${name} has no address`,
    );
  }

  #keep(
    name: string,
    found: readonly { readonly address: string; readonly ttl: number }[],
  ): readonly string[] {
    const addresses = [...new Set(found.map(({ address }) => address))];
    const ttlMs = Math.min(...found.map(({ ttl }) => ttl)) * 1000;
    this.#kept.delete(name);
    this.#kept.set(name, {
      addresses,
      untilMs: this.#elapsedMs() + Math.min(KEPT_MAX_MS, Math.max(KEPT_MIN_MS, ttlMs)),
    });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return addresses;
  }
}

const WHY: Readonly<Record<string, string>> = {
  ETIMEOUT: 'no answer in time',
  ECANCELLED: 'no answer in time',
  ECONNREFUSED: 'the servers refuse the question',
  EREFUSED: 'the servers refuse the question',
  ESERVFAIL: 'the servers could not find out',
  EBADRESP: 'the answer is malformed',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function isSilence(error: unknown): error is PlatformRefusal {
  return error instanceof PlatformRefusal && error.code === 'DNS_NO_ANSWER';
}

/** Nobody's address, or that of many. Which machine it is the caller has to find out anyway. */
function isUsable(address: string): boolean {
  if (isIP(address) === 6) return address !== '::' && !/^ff/i.test(address);
  const [first = 0] = address.split('.').map(Number);
  return first !== 0 && first < 224;
}
