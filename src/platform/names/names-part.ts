/** Names become addresses by the configured DNS servers and nothing else: no file, no resolver of the system. Without servers no query leaves. */
import { z } from 'zod';
import type { DnsSetting } from '../../platform-settings/dns.ts';
import type { PlatformConfig } from '../config.ts';
import type { PartState, PlatformPart, PlatformTools } from '../part.ts';
import { PlatformRefusal } from '../refusal.ts';
import { LookUps } from './look-ups.ts';

const question = z.strictObject({ name: z.string().min(1).max(255) });
/** So many look-ups in a row without an answer are worth a record. */
const SILENT_MIN = 3;

export class NamesPart implements PlatformPart<PlatformConfig> {
  readonly #tools: PlatformTools;
  #setting: DnsSetting = { servers: [], domain: '' };
  #lookUps = new LookUps({ servers: [], domain: '' }, () => 0);
  #answered = 0;
  #unknown = 0;
  /** In a row, and all of them. */
  #silent = 0;
  #unanswered = 0;
  #lastTrouble = '';

  constructor(tools: PlatformTools) {
    this.#tools = tools;
  }

  apply({ dns }: PlatformConfig): void {
    if (JSON.stringify(dns) === JSON.stringify(this.#setting)) return;
    this.#setting = dns;
    this.#lookUps = new LookUps(dns, () => performance.now());
    this.#silent = 0;
    this.#lastTrouble = '';
  }

  async resolve(name: string): Promise<readonly string[]> {
    try {
      const { addresses, asked, silent } = await this.#lookUps.addressesOf(name);
      if (silent !== undefined) this.#noteSilence(silent.message);
      else if (asked) this.#noteAnswer(() => this.#answered++);
      return addresses;
    } catch (error) {
      if (!(error instanceof PlatformRefusal)) throw error;
      if (error.code === 'NAME_DOES_NOT_EXIST') this.#noteAnswer(() => this.#unknown++);
      if (error.code === 'DNS_NO_ANSWER') this.#noteSilence(error.message);
      throw error;
    }
  }

  async ask(asked: unknown): Promise<unknown> {
    const { name } = question.parse(asked);
    return { addresses: await this.resolve(name) };
  }

  state(): PartState {
    const { servers, domain } = this.#setting;
    const isSilent = this.#silent >= SILENT_MIN;
    return {
      summary: servers.length === 0 ? 'no DNS server: no name is looked up' : this.#summary(),
      troubles: isSilent
        ? [
            `no DNS server answers (${this.#lastTrouble}): see that port 53 of ${servers.join(', ')} can be reached`,
          ]
        : [],
      details: {
        servers,
        domain,
        answered: this.#answered,
        unknownNames: this.#unknown,
        unanswered: this.#unanswered,
        answering: !isSilent,
      },
    };
  }

  async stop(): Promise<void> {
    this.#lookUps = new LookUps({ servers: [], domain: '' }, () => 0);
  }

  #summary(): string {
    const { servers, domain } = this.#setting;
    const of = `${servers.join(', ')}${domain === '' ? '' : `, domain ${domain}`}`;
    if (this.#silent > 0) return `${of}: no answer (${this.#lastTrouble})`;
    return `${of}: ${this.#answered + this.#unknown === 0 ? 'nothing asked yet' : 'answering'}`;
  }

  #noteAnswer(count: () => void): void {
    count();
    if (this.#silent >= SILENT_MIN)
      this.#tools.note({
        severity: 'success',
        condition: 'DNS answers again',
        message: `servers=${this.#setting.servers.join(',')} unanswered=${this.#silent}`,
      });
    this.#silent = 0;
    this.#tools.changed();
  }

  #noteSilence(why: string): void {
    this.#silent += 1;
    this.#unanswered += 1;
    this.#lastTrouble = why;
    if (this.#silent === SILENT_MIN)
      this.#tools.note({
        severity: 'warning',
        condition: 'DNS does not answer',
        message: `servers=${this.#setting.servers.join(',')} ${why}`,
      });
    this.#tools.changed();
  }
}
