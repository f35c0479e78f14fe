/** One run of a real OpenSSH sshd in namespaces of its own: with its end all its sessions are gone, however it ends. It decides nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const SSHD_PROGRAM = '/usr/sbin/sshd';
const ENTER = fileURLToPath(new URL('./enter-sandbox.sh', import.meta.url));
const SHELL = fileURLToPath(new URL('./support-shell.ts', import.meta.url));
/** A line of a log that goes on and on is cut. */
const LINE_MAX = 1_000;

interface SshdPlan {
  /** Of the part; files for this run are in `etc` below. */
  readonly directory: string;
  readonly socketDirectory: string;
  readonly dataDirectory: string;
  readonly primaryAdministrator: boolean;
  readonly onLine: (line: string) => void;
  /** Also after `stop`; when nothing of it is left. */
  readonly onEnd: (how: string) => void;
}

/** Daemons of ours run with these variables and no others. */
export const DAEMON_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' } as const;

export class Sshd {
  readonly #child: ChildProcess;
  readonly #pidPath: string;
  readonly #ended = Promise.withResolvers<void>();

  constructor(plan: SshdPlan) {
    this.#pidPath = join(plan.directory, 'sshd.pid');
    // A parent that is killed takes it along, and so does the first process of the namespaces.
    // Agents come first: each guess at a password takes a processor for a while.
    const held = [
      '--pdeathsig',
      'KILL',
      'nice',
      '-n',
      '10',
      'unshare',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child=KILL',
    ];
    this.#child = spawn('setpriv', [...held, '/bin/sh', ENTER, ...placesOf(plan)], {
      cwd: '/',
      env: DAEMON_ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    this.#keepPid();
    this.#listen(plan);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** At once: the kernel ends every process in there. Resolves when none is left, and the port closed. */
  stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    return this.#ended.promise;
  }

  /** For the case alone that the kernel did not take it along; a full disk is no reason to end it. */
  #keepPid(): void {
    if (this.#child.pid === undefined) return;
    try {
      writeFileSync(this.#pidPath, `${this.#child.pid}\n`, { mode: 0o600 });
    } catch {
      rmSync(this.#pidPath, { recursive: true, force: true });
    }
  }

  #listen({ onLine, onEnd }: SshdPlan): void {
    let failure = '';
    let said: readonly string[] = [];
    const stderr = this.#child.stderr;
    if (stderr !== null)
      createInterface({ input: stderr }).on('line', (line) => {
        const told = line.trim().slice(0, LINE_MAX);
        said = [...said, told].slice(-2);
        onLine(told);
      });
    this.#child.on('error', (error) => {
      failure = error.message;
      if (this.#child.pid === undefined) finish(null, null);
    });
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      rmSync(this.#pidPath, { force: true });
      this.#ended.resolve();
      onEnd(
        failure ||
          `${signal === null ? `ended with code ${code}` : `was ended by ${signal}`}: ${said.join(' ')}`,
      );
    };
    // "close", not "exit": every process in there holds this end of the pipe.
    this.#child.once('close', finish);
  }
}

function placesOf({ directory, socketDirectory, dataDirectory, primaryAdministrator }: SshdPlan): string[] {
  const primary = primaryAdministrator ? 'yes' : 'no';
  return [
    join(directory, 'etc'),
    socketDirectory,
    process.execPath,
    SHELL,
    dataDirectory,
    SSHD_PROGRAM,
    primary,
  ];
}

/** Ends what a platform process before this one may have left; the number may be another process's by now. */
export function endLeftSshd(directory: string): void {
  const pidPath = join(directory, 'sshd.pid');
  try {
    const pid = Number(readFileSync(pidPath, 'utf8'));
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (pid > 1 && words.includes(join(directory, 'etc'))) process.kill(pid, 'SIGKILL');
  } catch {
    // There is no such file, or no such process.
  }
  rmSync(pidPath, { recursive: true, force: true });
}
