/** The part of the platform process that keeps the SNMP agent (the Hardware Management Pack): its process where it is enabled, started again when it ends. It hears nobody from the network itself. */
import { statfsSync } from 'node:fs';
import { engineIdOf } from '../../core/snmp-engine-id.ts';
import type { HmpSetting } from '../../platform-settings/hmp.ts';
import type { PartState, PlatformPart, PlatformTools } from '../part.ts';
import { AgentProcess } from './agent-process.ts';
import { EngineBoots } from './engine-boots.ts';
import type { KmaHealth, KmaStanding } from './kma-health.ts';
import type { FromAgent, Serve } from './messages.ts';

interface HmpConfig {
  readonly kma: { readonly id: string; readonly name: string; readonly version: string };
  readonly hmp: HmpSetting;
}
type Counted = Extract<FromAgent, { t: 'counted' }>;

/** Of questions that were refused people are told this often at most. */
const NOTES_APART_MS = 10 * 60_000;

export class HmpPart implements PlatformPart<HmpConfig> {
  readonly #tools: PlatformTools;
  readonly #boots: EngineBoots;
  readonly #noted = { atMs: Number.NEGATIVE_INFINITY, unknownUser: 0, wrongDigest: 0 };
  #answered = 0;
  #refused = 0;
  #serving = '';
  #agent: AgentProcess | null = null;
  #ending: Promise<void> = Promise.resolve();

  constructor(tools: PlatformTools) {
    this.#tools = tools;
    this.#boots = new EngineBoots(tools.directory, (line) => tools.log(line));
  }

  apply({ kma, hmp }: HmpConfig): void {
    const wanted = JSON.stringify([kma.id, kma.name, kma.version, hmp]);
    if (wanted === this.#serving) return;
    this.#serving = wanted;
    this.#end();
    if (hmp.enabled) this.#agent = this.#begun(kma, hmp);
  }

  /** What the agent shows of the KMA from now on. */
  health(standing: KmaStanding): void {
    this.#agent?.tell({ ...standing, storage: storageOf(this.#tools.directory) });
  }

  state(): PartState {
    const { address, ports } = this.#tools.place;
    const place = `${address} UDP ${ports.snmp}`;
    const agent = this.#agent;
    const details = {
      enabled: agent !== null,
      listening: agent?.listening ?? false,
      answered: this.#answered,
      refused: this.#refused,
    };
    if (agent === null) return { summary: 'off', troubles: [], details };
    if (agent.listening) return { summary: `answers on ${place}`, troubles: [], details };
    const troubles =
      agent.trouble === '' ? [] : [`the SNMP agent on ${place} is not there: ${agent.trouble}`];
    return { summary: `not there yet on ${place}`, troubles, details };
  }

  async stop(): Promise<void> {
    this.#end();
    await this.#ending;
  }

  #end(): void {
    const agent = this.#agent;
    this.#agent = null;
    if (agent !== null) this.#ending = this.#ending.then(() => agent.stop());
    this.#tools.changed();
  }

  #begun(kma: HmpConfig['kma'], hmp: HmpSetting): AgentProcess {
    const { enabled: _enabled, ...user } = hmp;
    const { address, ports, becomes } = this.#tools.place;
    return new AgentProcess({
      after: this.#ending,
      serve: (): Serve => ({
        ...{ t: 'serve', address, port: ports.snmp, becomes, ...user },
        ...{ engineId: engineIdOf(kma.id), boots: this.#boots.next() },
        ...{ name: kma.name, version: kma.version },
      }),
      changed: () => this.#tools.changed(),
      log: (line) => this.#tools.log(line),
      counted: (counted) => this.#counted(counted),
    });
  }

  #counted({ answered, unknownUser, wrongDigest, other }: Counted): void {
    this.#answered += answered;
    this.#refused += unknownUser + wrongDigest + other;
    this.#noted.unknownUser += unknownUser;
    this.#noted.wrongDigest += wrongDigest;
    this.#tools.changed();
    const nowMs = performance.now();
    const since = this.#noted;
    if (since.unknownUser + since.wrongDigest === 0 || nowMs - since.atMs < NOTES_APART_MS) return;
    this.#tools.note({
      severity: 'warning',
      condition: 'SNMP questions refused',
      message: `unknownUser=${since.unknownUser} wrongPassphrase=${since.wrongDigest}`,
      class: 'Security Violation',
    });
    Object.assign(since, { atMs: nowMs, unknownUser: 0, wrongDigest: 0 });
  }
}

/** Of the file system that the data directory lies in. */
function storageOf(directory: string): KmaHealth['storage'] {
  try {
    const { bsize, blocks, bavail } = statfsSync(directory);
    return { totalBytes: bsize * blocks, freeBytes: bsize * bavail };
  } catch {
    return { totalBytes: 0, freeBytes: 0 };
  }
}
