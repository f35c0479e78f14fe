/** One KMA of the cluster: "kma serve" with all its processes, started again whenever it ends unasked, as the machine's service manager would. It knows nothing of what the KMA holds. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { askOrThrow } from '../../src/cli/admin-client.ts';
import type { Page } from '../../src/operations/pages.ts';
import { childrenOf } from '../../src/processes/child-processes.ts';
import type { Person } from '../support/kma.ts';
import { until } from '../support/until.ts';
import type { Network } from './network.ts';
import type { PoweredDisk } from './power.ts';
import { THIS_RELEASE } from './releases.ts';

const LINES_KEPT = 2_000;
const LINES_SHOWN = 20;
const RESTART_PAUSE_MS = 200;
export const LONG_MS = 180_000;

export interface MemberPlan {
  readonly name: string;
  readonly host: string;
  readonly portOffset: number;
  /** Of this KMA alone. */
  readonly folder: string;
  readonly network: Network;
  readonly disk: PoweredDisk | null;
}

export class Member {
  readonly plan: MemberPlan;
  readonly data: string;
  readonly lines: string[] = [];
  /** Of the software that it starts with next. */
  release = THIS_RELEASE;
  #child: ChildProcess | null = null;
  #wanted = false;
  #ready = false;

  constructor(plan: MemberPlan) {
    this.plan = plan;
    this.data = join(plan.folder, 'data');
  }

  get host(): string {
    return this.plan.host;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    this.#wanted = true;
    await this.#spawn();
    await this.serving();
  }

  async #spawn(): Promise<void> {
    const { folder, host, portOffset, network } = this.plan;
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    // Fronts of a KMA started as root are another user, who has to pass here to the socket of the core.
    for (const path of [folder, temporary]) await chmod(path, 0o711);
    const options = ['--listen', host, '--port-offset', String(portOffset), '--fronts', '1'];
    const kma = [process.execPath, this.release.program, '--data', this.data, 'serve', ...options];
    const [command = '', ...argv] = [...network.at(host), ...kma];
    this.#ready = false;
    const child = spawn(command, argv, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: temporary },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => this.#said(text));
    child.once('exit', () => {
      this.#ready = false;
      this.#child = null;
      if (this.#wanted) setTimeout(() => void this.#again(), RESTART_PAUSE_MS);
    });
  }

  async #again(): Promise<void> {
    if (this.#wanted && this.#child === null) await this.#spawn();
  }

  #said(text: string): void {
    this.lines.push(...text.split('\n').filter((line) => line !== ''));
    this.lines.splice(0, this.lines.length - LINES_KEPT);
    if (/^ready/m.test(text)) this.#ready = true;
  }

  async serving(): Promise<void> {
    await until(`${this.plan.name} serves`, () => this.#ready, LONG_MS).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.lines.slice(-LINES_SHOWN).join('\n')}`);
    });
  }

  /** In order, as for an upgrade. */
  async stop(): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (child === null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  /** By role: supervisor, core, reader, replicator, front, management-front. A process that is just ending or beginning may be missing. */
  processes(): ReadonlyMap<string, number> {
    const supervisor = this.#child?.pid;
    if (supervisor === undefined) return new Map();
    const found = new Map([['supervisor', supervisor]]);
    for (const pid of childrenOf(supervisor)) {
      const role = roleOf(pid);
      if (role !== null) found.set(role, pid);
    }
    return found;
  }

  /** All of it at once, by signal 9; the service manager brings it back unless `forGood`. */
  async killAll(forGood = false): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    if (forGood) this.#wanted = false;
    const pids = [...this.processes().values()];
    const gone = once(child, 'exit');
    for (const pid of pids) signal(pid, 'SIGKILL');
    await gone;
    await until(`${this.plan.name} is gone`, () => pids.every((pid) => !existsSync(`/proc/${pid}`)));
  }

  async losePower(): Promise<void> {
    const { disk } = this.plan;
    if (disk === null) throw new Error('this KMA has no disk of its own');
    disk.losePower();
    await this.killAll(true);
    await disk.comeBack();
    await this.start();
  }

  ask<T = unknown>(
    operation: string,
    input: object,
    user: Person | null = null,
    quorum: readonly Person[] = [],
  ): Promise<T> {
    return askOrThrow(this.data, { operation, input, user, quorum }) as Promise<T>;
  }

  /** All pages. */
  async rows<T>(operation: string, user: Person, input: object = {}): Promise<T[]> {
    const all: T[] = [];
    for (let after: string | null = null; ; ) {
      const page: Page<T> = await this.ask(
        operation,
        { ...input, limit: 500, ...(after === null ? {} : { after }) },
        user,
      );
      all.push(...page.rows);
      if (page.next === null) return all;
      after = page.next;
    }
  }
}

/** To one that is gone it is nothing. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}

function roleOf(pid: number): string | null {
  try {
    const [, role = null] =
      /\/processes\/([\w-]+)\/main\.ts/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? [];
    return role;
  } catch {
    return null;
  }
}

/** Of memory that it has now, in MB; 0 where it is gone. */
export function residentMb(pid: number): number {
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return 0;
  }
}
