/** Technical support as a part of the platform: wants sshd exactly while it is enabled and not expired, answers the support shell, and tells the audit who came and what he asked. It opens no way to a key. */
import { join } from 'node:path';
import { z } from 'zod';
import type { SupportSetting } from '../../platform-settings/support.ts';
import type { PlatformConfig } from '../config.ts';
import type { PartState, PlatformPart, PlatformTools } from '../part.ts';
import { CommandNotes } from './command-notes.ts';
import { judge } from './diagnostics.ts';
import { HostKeys } from './host-keys.ts';
import { diagnosticsOf } from './kma-looks.ts';
import { SUPPORT_LIMITS, type SupportLimits } from './limits.ts';
import type { SupportAnswer, SupportQuestion } from './question-socket.ts';
import { checkRequirements } from './requirements.ts';
import { SessionNotes } from './session-notes.ts';
import { SshdKeeper } from './sshd-keeper.ts';
import { sshdEvent } from './sshd-log.ts';
import { standing, Term } from './term.ts';

const question = z.discriminatedUnion('ask', [
  /** Whether it could be enabled. */
  z.strictObject({ ask: z.literal('ready') }),
  /** New host keys, which count once a setting names them. */
  z.strictObject({ ask: z.literal('make-host-keys') }),
]);

const TROUBLE_MAX = 400;

export class SupportPart implements PlatformPart<PlatformConfig> {
  readonly #tools: PlatformTools;
  readonly #hostKeys: HostKeys;
  readonly #sessions: SessionNotes;
  readonly #commands: CommandNotes;
  readonly #term: Term;
  readonly #keeper: SshdKeeper;
  readonly #tick: NodeJS.Timeout;
  #config: PlatformConfig | null = null;
  #listening = false;
  #trouble = '';

  constructor(tools: PlatformTools, limits: SupportLimits = SUPPORT_LIMITS) {
    this.#tools = tools;
    this.#hostKeys = new HostKeys(join(tools.directory, 'host-keys'));
    this.#sessions = new SessionNotes(tools);
    this.#commands = new CommandNotes(tools, (from) => this.#sessions.has(from));
    this.#term = new Term(tools);
    this.#keeper = new SshdKeeper({
      tools,
      limits,
      hostKeys: this.#hostKeys,
      answer: (asked) => this.#answer(asked),
      rootTold: (from, line) => this.#commands.ofRoot(from, line),
      onLine: (line) => this.#line(line),
      onEnd: (why) => this.#ended(why),
      onTrouble: (trouble) => this.#troubled(trouble),
    });
    this.#tick = setInterval(() => this.#look(), limits.tickMs);
  }

  apply(config: PlatformConfig): void {
    this.#config = config;
    this.#look();
  }

  state(): PartState {
    const setting = this.#config?.support;
    const { address, ports } = this.#tools.place;
    const hostKeys = setting?.hostKeys ?? '';
    return {
      summary: this.#summary(setting),
      troubles: this.#trouble === '' ? [] : [`technical support cannot be given: ${this.#trouble}`],
      details: {
        listening: this.#listening ? { address, port: ports.ssh } : null,
        pid: this.#keeper.pid ?? null,
        primaryAdministrator: this.#keeper.primaryAdministrator,
        sessions: this.#sessions.sessions(),
        fingerprints: this.#hostKeys.has(hostKeys) ? this.#hostKeys.read(hostKeys).fingerprints : [],
      },
    };
  }

  async ask(asked: unknown): Promise<unknown> {
    const { ask } = question.parse(asked);
    await checkRequirements();
    return ask === 'ready' ? {} : this.#hostKeys.make();
  }

  async stop(): Promise<void> {
    clearInterval(this.#tick);
    await this.#keeper.want(null);
    this.#sessions.tellFailures(true);
  }

  /** At each change, and now and then for what time alone changes. */
  #look(): void {
    if (this.#config === null) return;
    const { support, kma } = this.#config;
    this.#term.look(support);
    this.#sessions.tellFailures();
    this.#commands.tellRest();
    const expired = standing(support, this.#tools.nowMs()) === 'over';
    void this.#keeper.want(support.enabled && !expired ? { setting: support, kmaName: kma.name } : null);
    this.#tools.changed();
  }

  #line(line: string): void {
    const event = sshdEvent(line);
    if (event === null) return;
    if (event.event === 'listening') {
      this.#listening = true;
      this.#keeper.listens();
    } else this.#sessions.take(event);
    this.#tools.changed();
  }

  async #answer({ from, line }: SupportQuestion): Promise<SupportAnswer> {
    const config = this.#config;
    if (config === null) return { text: '', end: true };
    const { known, answer } = judge(line, diagnosticsOf(config, this.#tools));
    if (line.trim() !== 'welcome') this.#commands.ofShell(from, known ?? line, known !== null);
    return answer();
  }

  #ended(why: string): void {
    this.#listening = false;
    this.#sessions.allEnded(why);
    this.#tools.changed();
  }

  #troubled(told: string): void {
    // What a program says of itself may go on and on.
    const trouble = told.slice(0, TROUBLE_MAX);
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#tools.changed();
    if (trouble !== '')
      this.#tools.note({
        severity: 'warning',
        condition: 'Technical support not available',
        message: trouble,
      });
  }

  #summary(setting: SupportSetting | undefined): string {
    if (setting === undefined || !setting.enabled) return 'off';
    const until = new Date(setting.expiresAtMs).toISOString();
    const stands = standing(setting, this.#tools.nowMs());
    if (stands === 'over') return `expired ${until}; the port is closed`;
    if (!this.#listening || !this.#keeper.current) return 'enabled, and not there yet';
    const { address, ports } = this.#tools.place;
    const who = setting.primaryAdministrator ? 'primary administrator' : 'support shell';
    const soon = stands === 'soon' ? ', which is soon' : '';
    return `${who} on ${address} port ${ports.ssh} until ${until}${soon}; sessions: ${this.#sessions.sessions().length}`;
  }
}
