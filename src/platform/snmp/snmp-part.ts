/** The part of the platform process that sends alarms to SNMP managers, each by itself. It answers no question of the network. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PartState, PlatformPart, PlatformTools } from '../part.ts';
import { type ManagerTimes, SnmpManager } from './manager.ts';
import { isServed, type SnmpManagerConfig } from './manager-config.ts';

/** The product's: ten seconds, one try more. */
const TIMES: ManagerTimes = { timeoutMs: 10_000, retries: 1, retryMs: 10_000 };

interface SnmpConfig {
  readonly kma: { readonly name: string };
  readonly snmpManagers: readonly SnmpManagerConfig[];
}

export class SnmpPart implements PlatformPart<SnmpConfig> {
  readonly #tools: PlatformTools;
  readonly #times: ManagerTimes;
  readonly #managers = new Map<string, SnmpManager>();
  #wanted: readonly SnmpManagerConfig[] = [];
  #kmaName = '';
  /** One change after the other: the place of a manager is written before it begins again. */
  #settling: Promise<void> = Promise.resolve();

  constructor(tools: PlatformTools, times: ManagerTimes = TIMES) {
    this.#tools = tools;
    this.#times = times;
    tools.audit.onNew(() => {
      for (const manager of this.#managers.values()) manager.auditGrew();
    });
  }

  apply({ kma, snmpManagers }: SnmpConfig): void {
    this.#kmaName = kma.name;
    this.#wanted = snmpManagers;
    this.#settling = this.#settling
      .then(() => this.#settle())
      .catch((error: unknown) => this.#tools.log(`SNMP managers cannot be changed: ${String(error)}`));
  }

  async stop(): Promise<void> {
    this.#settling = this.#settling.then(async () => {
      await Promise.all([...this.#managers.values()].map((manager) => manager.stop()));
    });
    await this.#settling;
  }

  state(): PartState {
    const managers = [...this.#managers.values()].map((manager) => {
      const { name, address, port, security } = manager.config;
      return { name, address, port, protocol: security.protocol, ...manager.standing() };
    });
    const away = managers.filter(({ trouble }) => trouble !== '');
    return {
      summary: summaryOf(managers.length, away.length),
      troubles: away.map(
        ({ name, address, port, trouble, waiting }) =>
          `SNMP manager ${name} (${address}, UDP ${port}) gets nothing: ${trouble}; ${waiting} events wait`,
      ),
      details: { managers },
    };
  }

  async #settle(): Promise<void> {
    const wanted = new Map(this.#wanted.map((config) => [config.id, config]));
    for (const [id, manager] of this.#managers) {
      const config = wanted.get(id);
      if (JSON.stringify(config) === JSON.stringify(manager.config)) continue;
      this.#managers.delete(id);
      await (config === undefined ? manager.forget() : manager.stop());
    }
    this.#removeLeftPlaces(wanted);
    for (const [id, config] of wanted)
      if (isServed(config) && !this.#managers.has(id))
        this.#managers.set(id, new SnmpManager(this.#tools, config, this.#kmaName, this.#times));
    this.#tools.changed();
  }

  /** Of managers that were deleted while nothing ran here. */
  #removeLeftPlaces(wanted: ReadonlyMap<string, unknown>): void {
    try {
      for (const file of readdirSync(this.#tools.directory)) {
        const [, id] = /^([0-9A-F]{32})\.json$/.exec(file) ?? [];
        if (id !== undefined && !wanted.has(id)) rmSync(join(this.#tools.directory, file), { force: true });
      }
    } catch (error) {
      this.#tools.log(`places of deleted SNMP managers stay: ${String(error)}`);
    }
  }
}

function summaryOf(count: number, away: number): string {
  const managers = count === 1 ? '1 manager' : `${count} managers`;
  if (count === 0) return 'no managers';
  return away === 0 ? managers : `${managers}, ${away} not reached`;
}
