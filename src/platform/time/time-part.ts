/** The time of a KMA: a chronyd of its own that follows the configured server and the other KMAs, serves the management network and is watched. Without a server nothing runs. It never sets the KMA's own time. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { judgeTime, type TimeJudgement } from '../../core/time-following.ts';
import type { PlatformConfig } from '../config.ts';
import { endLeftProcesses } from '../left-processes.ts';
import type { PartState, PlatformPart, PlatformTools } from '../part.ts';
import { writePrivate } from '../private-file.ts';
import { PlatformRefusal } from '../refusal.ts';
import { type ChronySettings, chronyConfig, type Polls, socketPathIn } from './chrony-config.ts';
import { type ChronyUser, findChronyUser, maySetClock, userArguments } from './chrony-user.ts';
import { askChronyd, type ChronyReport } from './chronyc.ts';
import { Chronyd } from './chronyd.ts';
import { whyNotServed } from './may-serve.ts';
import { probeServer } from './probe.ts';
import { RunDirectory, removeLeftRunDirectory } from './run-directory.ts';
import { TimeNotes } from './time-notes.ts';
import { type TimePlan, TimePlanner } from './time-plan.ts';
import { timeState } from './time-state.ts';

export type TimeConfig = Pick<PlatformConfig, 'members' | 'ntp'>;

export interface TimePace {
  readonly polls: Polls;
  /** Between two looks at chronyd. */
  readonly watchMs: number;
  /** A daemon that has just begun is given this long before anything is said of what does not answer. */
  readonly settleMs: number;
  /** Between two look-ups of names, and two tries to serve. */
  readonly renewMs: number;
}

const PACE: TimePace = {
  polls: { minimum: 4, maximum: 6 },
  watchMs: 5_000,
  settleMs: 60_000,
  renewMs: 5 * 60_000,
};
/** After what failed, such as a full disk. */
const RETRY_MS = 30_000;
const NO_PLAN: TimePlan = { servers: [], peers: [], trouble: '' };
const SILENT = { synchronised: false, sources: [] };
const UNKNOWN: TimeJudgement = { standing: 'starting', serverReachable: false, aheadSeconds: null };

const question = z.strictObject({
  ask: z.literal('probe'),
  server: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535),
});

export class TimePart implements PlatformPart<TimeConfig> {
  readonly #tools: PlatformTools;
  readonly #pace: TimePace;
  readonly #planner: TimePlanner;
  readonly #notes: TimeNotes;
  readonly #daemon: Chronyd;
  readonly #user = findChronyUser();
  readonly #setsClock: boolean;
  readonly #configPath: string;
  #wanted: TimeConfig | null = null;
  #plan: TimePlan = NO_PLAN;
  #run: RunDirectory | null = null;
  /** What the running daemon was told. */
  #applied = '';
  #notServing = '';
  #report: ChronyReport | null = null;
  #judgement = UNKNOWN;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #renewedMs = 0;
  /** Why what is wanted could not be begun. */
  #failure = '';
  #looking = false;

  constructor(tools: PlatformTools, pace: TimePace = PACE) {
    this.#tools = tools;
    this.#pace = pace;
    this.#planner = new TimePlanner(tools);
    this.#notes = new TimeNotes((note) => tools.note(note));
    this.#setsClock = tools.place.setClock === true && maySetClock();
    this.#configPath = join(tools.directory, 'chrony.conf');
    this.#daemon = new Chronyd({ ended: (why) => this.#daemonEnded(why) });
  }

  apply(config: TimeConfig): void {
    const before = this.#wanted?.ntp;
    this.#wanted = config;
    if (before?.server !== config.ntp.server || before.port !== config.ntp.port)
      this.#anew(config.ntp.server);
    this.#renewSoon();
    this.#timer ??= setInterval(() => this.#tick(), this.#pace.watchMs);
  }

  state(): PartState {
    return timeState({
      server: this.#wanted?.ntp.server ?? '',
      plan: this.#plan,
      setsClock: this.#setsClock,
      port: this.#tools.place.ports.ntp,
      notServing: this.#notServing,
      judgement: this.#judgement,
      report: this.#report,
      daemonTrouble: this.#failure || this.#daemon.trouble,
      pid: this.#daemon.pid,
    });
  }

  /** How far the clock of the machine is ahead of a server, and where that is. */
  async ask(raw: unknown): Promise<unknown> {
    const { server, port } = question.parse(raw);
    const [address] = await this.#tools.resolve(server);
    if (address === undefined)
      throw new PlatformRefusal('NTP_SERVER_UNREACHABLE', `${server} has no address`);
    return { address, aheadSeconds: await probeServer(address, port, this.#knownUser()) };
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#wanted = null;
    await this.#work;
    await this.#end();
  }

  #anew(server: string): void {
    this.#notes.begin(server);
    this.#judgement = UNKNOWN;
    this.#report = null;
  }

  /** One after the other; what is wanted meanwhile counts in the next. */
  #renewSoon(): void {
    this.#renewedMs = performance.now();
    this.#work = this.#work
      .then(() => this.#renew())
      .then(
        () => this.#failed(''),
        (error: unknown) => this.#failed(error instanceof Error ? error.message : String(error)),
      );
  }

  #failed(why: string): void {
    if (why !== '' && why !== this.#failure) this.#notes.daemonEnded(why);
    this.#failure = why;
    this.#tools.changed();
  }

  async #renew(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === null) return;
    const { server, port } = wanted.ntp;
    if (server === '') {
      this.#plan = NO_PLAN;
      return this.#end();
    }
    this.#plan = await this.#planner.plan({ server, members: wanted.members });
    const told = JSON.stringify([this.#plan.servers, port, this.#plan.peers]);
    if (told === this.#applied && !(await this.#couldServeNow())) return;
    await this.#begin(port);
    this.#applied = told;
  }

  #knownUser(): ChronyUser {
    if (this.#user !== null) return this.#user;
    throw new Error('chronyd has no user in /etc/passwd that it could run as');
  }

  /** What kept it from serving is gone. */
  async #couldServeNow(): Promise<boolean> {
    const { address, ports } = this.#tools.place;
    return this.#notServing !== '' && (await whyNotServed(address, ports.ntp)) === '';
  }

  async #begin(serverPort: number): Promise<void> {
    await this.#daemon.stop();
    if (this.#run === null) await this.#endLeft();
    const user = this.#knownUser();
    this.#run ??= new RunDirectory(this.#tools.directory, user);
    const { address, ports } = this.#tools.place;
    this.#notServing = await whyNotServed(address, ports.ntp);
    const settings: ChronySettings = {
      address,
      port: this.#notServing === '' ? ports.ntp : 0,
      servers: this.#plan.servers,
      serverPort,
      peers: this.#plan.peers.map((peer) => peer.address),
      peerPort: ports.ntp,
      polls: this.#pace.polls,
      setsClock: this.#setsClock,
      runDirectory: this.#run.path,
    };
    writePrivate(this.#configPath, chronyConfig(settings));
    this.#report = null;
    await this.#daemon.start(this.#argumentsFor(address, user));
  }

  /** In the foreground, with its lines on standard error. */
  #argumentsFor(address: string, user: ChronyUser): string[] {
    const family = address === '0.0.0.0' || address === '::' ? [] : [address.includes(':') ? '-6' : '-4'];
    return [
      '-d',
      '-f',
      this.#configPath,
      ...(this.#setsClock ? [] : ['-x']),
      ...userArguments(user),
      ...family,
    ];
  }

  async #end(): Promise<void> {
    await this.#daemon.stop();
    if (this.#run === null) await this.#endLeft();
    this.#run?.keepDrift();
    this.#run?.remove();
    this.#run = null;
    this.#applied = '';
    this.#notServing = '';
    this.#report = null;
    this.#judgement = UNKNOWN;
    rmSync(this.#configPath, { force: true });
  }

  /** What a KMA that was killed has left. */
  async #endLeft(): Promise<void> {
    await endLeftProcesses(this.#tools.directory);
    removeLeftRunDirectory(this.#tools.directory);
  }

  #tick(): void {
    const pauseMs = this.#failure === '' ? this.#pace.renewMs : Math.min(RETRY_MS, this.#pace.renewMs);
    if (performance.now() - this.#renewedMs > pauseMs) this.#renewSoon();
    this.#look().catch((error: unknown) => this.#tools.log(`time: ${String(error)}`));
  }

  /** What a daemon that does not answer would say is not known: nothing is kept of it. */
  async #look(): Promise<void> {
    const run = this.#run;
    if (this.#looking || run === null || this.#daemon.pid === null) return;
    this.#looking = true;
    try {
      const report = await askChronyd(socketPathIn(run.path)).catch(() => null);
      if (this.#run === run) this.#heard(report);
    } finally {
      this.#looking = false;
    }
    this.#tools.changed();
  }

  /** A daemon that hangs is ended, and with that begun again. */
  #heard(report: ChronyReport | null): void {
    const settling = this.#daemon.runningMs < this.#pace.settleMs;
    this.#report = report;
    this.#judgement = judgeTime({ settling, ...(report ?? SILENT) });
    this.#notes.measured(this.#judgement);
    if (report === null && !settling) this.#daemon.kill();
  }

  #daemonEnded(why: string): void {
    this.#report = null;
    this.#judgement = { ...UNKNOWN, standing: 'not synchronised' };
    this.#notes.daemonEnded(why);
    this.#tools.changed();
  }
}
