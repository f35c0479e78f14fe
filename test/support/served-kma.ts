/** "kma serve" as a process of its own, on ports that are free, with a directory of its own for temporary files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PORTS, type ServiceName, type SoapService } from '../../src/ports.ts';
import { childrenOf } from '../../src/processes/child-processes.ts';
import { NODE_OPTIONS } from '../../src/processes/kept-process.ts';
import { drawnPort } from './free-port.ts';
import { KMA_PROGRAM } from './kma-command.ts';
import { openedPrograms } from './opened-programs.ts';
import { until, within } from './until.ts';

const ATTEMPTS = 5;
/** Beside other work this takes what it takes. */
const READY_MS = 180_000;

const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** A data directory, and a folder for what belongs to it. */
interface Place {
  readonly folder: string;
  readonly data: string;
}

export class ServedKma {
  readonly pid: number;
  readonly temporary: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  stdout = '';
  stderr = '';

  readonly portOffset: number;

  private constructor(child: ChildProcess, temporary: string, portOffset: number) {
    this.#child = child;
    this.portOffset = portOffset;
    this.temporary = temporary;
    this.pid = child.pid ?? 0;
    this.#ended = once(child, 'exit').then(([code]) => code);
    child.stdout?.on('data', (text) => {
      this.stdout += text;
    });
    child.stderr?.on('data', (text) => {
      this.stderr += text;
    });
  }

  /** Serves the directory of a KMA that was set up and does not run; `more` are further options. */
  static start(kma: Place, ...more: string[]): Promise<ServedKma> {
    return ServedKma.#start(kma, more, '');
  }

  /** With its log, standard error, in this file. */
  static startLoggingTo(log: string, kma: Place, ...more: string[]): Promise<ServedKma> {
    return ServedKma.#start(kma, ['--json', ...more], `exec 2>>'${log}'; `);
  }

  /** With processes that may open no more than so many files each. */
  static startWithFiles(kma: Place, openFiles: number, ...more: string[]): Promise<ServedKma> {
    return ServedKma.#start(kma, more, `ulimit -n ${openFiles}; `);
  }

  /** As an ordinary user, whose the data directory then is; only where the test itself is root. */
  static startAs(userId: number, kma: Place, ...more: string[]): Promise<ServedKma> {
    const become = `setpriv --reuid=${userId} --regid=${userId} --clear-groups`;
    return ServedKma.#start(
      kma,
      more,
      `chown -R ${userId}:${userId} '${kma.folder}'; set -- ${become} "$@"; ${openedPrograms(ROOT, kma.folder)}`,
    );
  }

  /** As one of a cluster, whose KMAs have addresses of their own and one offset of ports. */
  static startAt(kma: Place, host: string, portOffset: number, ...more: string[]): Promise<ServedKma> {
    return ServedKma.#start(kma, ['--listen', host, ...more], '', portOffset);
  }

  /** With this before its command, such as what enters a network namespace; at the usual ports. */
  static startBehind(prefix: readonly string[], kma: Place, ...more: string[]): Promise<ServedKma> {
    return ServedKma.#start(kma, more, `set -- ${prefix.join(' ')} "$@"; `, 0);
  }

  /** `first` is for the shell. */
  static async #start(
    kma: Place,
    more: readonly string[],
    first: string,
    portOffset?: number,
  ): Promise<ServedKma> {
    for (let attempt = 1; ; attempt++) {
      const served = ServedKma.#spawn(kma, more, first, portOffset ?? drawnPort());
      const ended = served.#ended.then(() => 'ended' as const);
      const ready = until('the KMA is ready', () => served.#said('ready'), READY_MS);
      const outcome = await Promise.race([ended, ready]);
      if (outcome !== 'ended') return served;
      ready.catch(() => undefined);
      if (attempt === ATTEMPTS || !served.#said('PORT_TAKEN')) throw new Error(served.stderr + served.stdout);
    }
  }

  static #spawn(kma: Place, more: readonly string[], first: string, portOffset: number): ServedKma {
    const temporary = mkdtempSync(join(kma.folder, 'tmp-'));
    // Fronts of a KMA started as root are another user, who has to pass here to the socket of the core.
    for (const path of [kma.folder, temporary]) chmodSync(path, 0o711);
    const options = ['--port-offset', String(portOffset), '--fronts', '2', ...more];
    const command = [process.execPath, ...NODE_OPTIONS, KMA_PROGRAM, '--data', kma.data, 'serve', ...options];
    const child = spawn('/bin/sh', ['-c', `${first}exec "$@"`, 'sh', ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: temporary },
    });
    return new ServedKma(child, temporary, portOffset);
  }

  #said(word: string): boolean {
    return this.stderr.includes(word) || this.stdout.includes(word);
  }

  /** Of the services for agents. */
  get ports(): Record<SoapService, number> {
    const {
      management: _,
      replication: __,
      web: ___,
      ...ports
    } = Object.fromEntries(PORTS.map(({ service, port }) => [service, port + this.portOffset])) as Record<
      ServiceName,
      number
    >;
    return ports;
  }

  /** Core, reader and fronts. */
  children(): readonly number[] {
    return childrenOf(this.pid);
  }

  /** The child that runs this program, such as "core". */
  childNamed(name: string): number {
    const found = this.children().find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`/processes/${name}/main.ts`),
    );
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  }

  /** Sends the signal and resolves with the exit code, null where the signal itself ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.ended();
  }
  ended(): Promise<number | null> {
    return within(() => `the end of the KMA; it wrote:\n${this.stdout}${this.stderr}`, this.#ended);
  }

  /** Takes all processes down, where a test has not done so. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }

  /** What is left in the directory for temporary files. */
  leftovers(): string[] {
    return readdirSync(this.temporary);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
