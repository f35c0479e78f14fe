/** One SNMP manager as this KMA serves it: its place in the audit, its address looked up anew after each failure, its INFORMs one after the other. It waits for no other manager. */
import { join } from 'node:path';
import { isAlarmEvent } from '../../core/alarm-events.ts';
import { AuditFollower, type FollowerStanding } from '../audit-follower.ts';
import type { PlatformTools } from '../part.ts';
import { type AlarmRecord, alarmVarbinds } from './alarm-varbinds.ts';
import { type Informs, informsTo } from './informs.ts';
import { informSecurity, type ServedManager } from './manager-config.ts';

export interface ManagerTimes {
  /** How long an INFORM waits for its acknowledgement. */
  readonly timeoutMs: number;
  readonly retries: number;
  /** Between two tries of a manager that cannot be reached. */
  readonly retryMs: number;
}
/** Events that wait for one manager (product reference 11.1). */
const EVENTS_MAX = 10_000;

export class SnmpManager {
  readonly config: ServedManager;
  readonly #kmaName: string;
  readonly #tools: PlatformTools;
  readonly #times: ManagerTimes;
  readonly #follower: AuditFollower;
  readonly #startedAtMs = performance.now();
  #informs: Informs | null = null;
  /** Which of several addresses is tried next. */
  #tried = 0;
  #stopped = false;

  constructor(
    tools: PlatformTools,
    config: ServedManager,
    kmaName: string,
    times: ManagerTimes,
    eventsMax = EVENTS_MAX,
  ) {
    this.config = config;
    this.#kmaName = kmaName;
    this.#tools = tools;
    this.#times = times;
    this.#follower = new AuditFollower({
      tools,
      name: `SNMP manager ${config.name}`,
      cursorPath: join(tools.directory, `${config.id}.json`),
      wanted: isAlarmEvent,
      eventsMax,
      retryMs: times.retryMs,
      send: (record) => this.#send(record),
      sendDropped: (count) => this.#send(this.#droppedRecord(count)),
    });
  }

  auditGrew(): void {
    this.#follower.auditGrew();
  }
  standing(): FollowerStanding {
    return this.#follower.standing();
  }

  /** Its place is kept. */
  stop(): Promise<void> {
    this.#giveUp();
    return this.#follower.stop();
  }
  forget(): Promise<void> {
    this.#giveUp();
    return this.#follower.forget();
  }

  async #send(record: AlarmRecord): Promise<string | null> {
    try {
      this.#informs ??= await this.#connected();
      const why = await this.#informs.send(alarmVarbinds(record, performance.now() - this.#startedAtMs));
      if (why !== null) this.#close();
      return why;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #connected(): Promise<Informs> {
    const { address, port } = this.config;
    const addresses = await this.#tools.resolve(address);
    const one = addresses[this.#tried % Math.max(1, addresses.length)];
    if (one === undefined || this.#stopped) throw new Error(`${address} has no address`);
    this.#tried += 1;
    return informsTo(one, port, informSecurity(this.config), this.#times);
  }

  #giveUp(): void {
    this.#stopped = true;
    this.#close();
  }
  #close(): void {
    this.#informs?.close();
    this.#informs = null;
  }

  #droppedRecord(count: number): AlarmRecord {
    return {
      kmaName: this.#kmaName,
      createdAt: this.#tools.nowMs(),
      class: 'System',
      operation: 'SendAlarms',
      condition: 'Events left out',
      severity: 'warning',
      entityId: '',
      entityAddress: '',
      message: `events=${count} waiting at most ${EVENTS_MAX}`,
      solution: 'Look them up in the audit of this KMA ("okm audit list").',
    };
  }
}
