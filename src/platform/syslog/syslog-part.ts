/** The part of the platform process that sends the audit to syslog servers, each on its own. It knows no store and no operation, and opens no port. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SyslogServer, SyslogSetting } from '../../platform-settings/syslog.ts';
import type { PartState, PlatformPart, PlatformTools } from '../part.ts';
import { CursorFile } from './cursor-file.ts';
import { type DeliveryLimits, type DeliveryState, SyslogDelivery } from './delivery.ts';
import { Position } from './position.ts';
import type { Kma } from './sent-event.ts';

export interface SyslogConfig {
  readonly kma: Kma & { readonly version: string };
  readonly syslog: SyslogSetting;
}

const LIMITS: DeliveryLimits = {
  connectMs: 10_000,
  stallMs: 60_000,
  graceMs: 1_000,
  endMs: 2_000,
  settleMs: 10_000,
  lookMs: 1_000,
  breathMs: 10,
  provenMs: 10_000,
  notedAfterMs: 10_000,
  notesApartMs: 60_000,
  retryMs: [1_000, 30_000],
  keptWithinMs: 5_000,
  // As much as the audit has of one term at most; its retention bounds it before.
  behindMax: 1_000_000,
};

/** Of a certificate that is about to expire people are told so long before. */
const EXPIRY_MS = 30 * 24 * 60 * 60 * 1000;

interface Served {
  readonly server: SyslogServer;
  readonly delivery: SyslogDelivery;
  readonly position: Position;
  /** What it was made from. */
  readonly text: string;
}

const CURSOR_FILE = /^([0-9A-F]{32})\.row$/;

export class SyslogPart implements PlatformPart<SyslogConfig> {
  readonly #tools: PlatformTools;
  readonly #limits: DeliveryLimits;
  readonly #served = new Map<string, Served>();
  /** Changes are carried out one after the other. */
  #changes: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(tools: PlatformTools, limits: Partial<DeliveryLimits> = {}) {
    this.#tools = tools;
    this.#limits = { ...LIMITS, ...limits };
    tools.audit.onNew(() => {
      for (const { delivery } of this.#served.values()) delivery.nudge();
    });
  }

  apply(config: SyslogConfig): void {
    this.#changes = this.#changes
      .then(() => this.#change(config))
      .catch((error: unknown) => this.#tools.log(`syslog servers cannot be changed: ${String(error)}`));
  }

  state(): PartState {
    const servers = [...this.#served.values()].map(({ delivery }) => delivery.state());
    const down = servers.filter(({ state }) => state === 'down');
    const unkept = servers.filter(({ positionNotKept }) => positionNotKept);
    return {
      summary: summaryOf(servers),
      troubles: [
        ...down.map(
          ({ server, trouble, waiting }) =>
            `syslog server ${server} gets nothing, ${waiting} records wait: ${trouble}`,
        ),
        ...this.#expiring(),
        ...unkept.map(
          ({ server }) => `what syslog server ${server} has received is not kept on disk: make space there`,
        ),
      ],
      details: { servers },
    };
  }

  #expiring(): string[] {
    const soonMs = this.#tools.nowMs() + EXPIRY_MS;
    return [...this.#served.values()].flatMap(({ server: { name, caAbout, clientAbout } }) =>
      [...caAbout, ...clientAbout]
        .filter(({ notAfterMs }) => notAfterMs < soonMs)
        .map(
          ({ subject, notAfterMs }) =>
            `the certificate of ${subject} for syslog server ${name} counts until ${new Date(notAfterMs).toISOString()}: load another`,
        ),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#changes;
    await Promise.all([...this.#served.values()].map(({ delivery }) => delivery.stop()));
  }

  async #change({ kma, syslog: { servers } }: SyslogConfig): Promise<void> {
    if (this.#stopped) return;
    const wanted = new Map(servers.map((server) => [server.id, JSON.stringify([kma, server])]));
    await Promise.all(
      [...this.#served].map(async ([id, { delivery, position, text }]) => {
        if (wanted.get(id) === text) return;
        await delivery.stop();
        if (!wanted.has(id)) await position.forget();
        this.#served.delete(id);
      }),
    );
    this.#forgetOthers(wanted);
    for (const server of servers) if (!this.#served.has(server.id)) this.#serve(kma, server);
    this.#tools.changed();
  }

  #serve(kma: SyslogConfig['kma'], server: SyslogServer): void {
    const file = new CursorFile(join(this.#tools.directory, `${server.id}.row`));
    const position = new Position(file, server.name, this.#tools, this.#limits.keptWithinMs);
    const delivery = new SyslogDelivery(server, kma, position, this.#tools, this.#limits);
    this.#served.set(server.id, { server, delivery, position, text: JSON.stringify([kma, server]) });
  }

  /** Of servers that were deleted while this process did not run. */
  #forgetOthers(wanted: ReadonlyMap<string, string>): void {
    try {
      for (const name of readdirSync(this.#tools.directory)) {
        const id = CURSOR_FILE.exec(name)?.[1];
        if (id !== undefined && !wanted.has(id)) rmSync(join(this.#tools.directory, name), { force: true });
      }
    } catch (error) {
      this.#tools.log(`places of deleted syslog servers stay: ${String(error)}`);
    }
  }
}

/** "2 connected, 1 down". */
function summaryOf(servers: readonly DeliveryState[]): string {
  if (servers.length === 0) return 'no server';
  return (['connected', 'connecting', 'down'] as const)
    .map((wanted) => ({ wanted, count: servers.filter(({ state }) => state === wanted).length }))
    .filter(({ count }) => count > 0)
    .map(({ wanted, count }) => `${count} ${wanted}`)
    .join(', ');
}
