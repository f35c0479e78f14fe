/** Keeps what technical support runs on while it is wanted: sshd, the socket of its shell, the pipe of the Primary Administrator. One at a time, begun again with growing pauses where it ends by itself. */
import { dirname } from 'node:path';
import type { SupportSetting } from '../../platform-settings/support.ts';
import type { PlatformTools } from '../part.ts';
import { CommandsPipe } from './commands-pipe.ts';
import type { HostKeys } from './host-keys.ts';
import type { SupportLimits } from './limits.ts';
import { type AnswerQuestion, QuestionSocket } from './question-socket.ts';
import { checkRequirements } from './requirements.ts';
import { endLeftSshd, Sshd } from './sshd.ts';
import { removeSshdFiles, writeSshdFiles } from './sshd-files.ts';

interface Wanted {
  readonly setting: SupportSetting;
  readonly kmaName: string;
}

interface KeeperPlan {
  readonly tools: Pick<PlatformTools, 'directory' | 'socketDirectory' | 'place' | 'log'>;
  readonly limits: SupportLimits;
  readonly hostKeys: HostKeys;
  readonly answer: AnswerQuestion;
  readonly rootTold: (from: string, line: string) => void;
  readonly onLine: (line: string) => void;
  /** What runs has ended, whyever; nothing of it is left. */
  readonly onEnd: (why: string) => void;
  /** "" where all is well again. */
  readonly onTrouble: (trouble: string) => void;
}

interface Running {
  readonly key: string;
  readonly setting: SupportSetting;
  readonly sshd: Sshd;
  readonly socket: QuestionSocket;
  readonly pipe: CommandsPipe | null;
}

const PAUSE_MS = { first: 1_000, last: 30_000 } as const;

export class SshdKeeper {
  readonly #plan: KeeperPlan;
  #wanted: Wanted | null = null;
  #running: Running | null = null;
  #pauseMs: number = PAUSE_MS.first;
  #retry: NodeJS.Timeout | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(plan: KeeperPlan) {
    this.#plan = plan;
    endLeftSshd(plan.tools.directory);
    removeSshdFiles(plan.tools.directory);
  }

  get pid(): number | undefined {
    return this.#running?.sshd.pid;
  }

  /** What runs is what is wanted. */
  get current(): boolean {
    return this.#running?.key === keyOf(this.#wanted);
  }
  /** Whether who logs in now would be root. */
  get primaryAdministrator(): boolean {
    return this.#running?.setting.primaryAdministrator === true;
  }

  /** Resolves when it is so, or was tried. */
  want(wanted: Wanted | null): Promise<void> {
    if (keyOf(wanted) !== keyOf(this.#wanted)) this.#forgetTrouble();
    this.#wanted = wanted;
    this.#work = this.#work.then(() => this.#bring()).catch((error: unknown) => this.#failed(error));
    return this.#work;
  }

  /** It listens: the next trouble is a new one. */
  listens(): void {
    this.#forgetTrouble();
  }

  async #bring(): Promise<void> {
    const key = keyOf(this.#wanted);
    if (this.#running !== null && this.#running.key !== key)
      await this.#end(this.#wanted === null ? 'disabled' : 'changed');
    if (this.#wanted !== null && this.#running === null && this.#retry === null)
      await this.#begin(this.#wanted, key);
  }

  async #begin({ setting, kmaName }: Wanted, key: string): Promise<void> {
    const { tools, limits, hostKeys, answer } = this.#plan;
    const { directory, socketDirectory, place } = tools;
    await checkRequirements();
    if (!hostKeys.has(setting.hostKeys)) await hostKeys.make(setting.hostKeys);
    hostKeys.keepOnly(setting.hostKeys);
    const listen = { address: place.address, port: place.ports.ssh };
    writeSshdFiles(directory, { setting, listen, limits, kmaName, hostKeys, socketDirectory });
    const socket = await QuestionSocket.listen(socketDirectory, answer);
    const { primaryAdministrator } = setting;
    let pipe: CommandsPipe | null = null;
    try {
      pipe = primaryAdministrator ? new CommandsPipe(socketDirectory, this.#plan.rootTold) : null;
      const dataDirectory = dirname(dirname(directory));
      const sshd: Sshd = new Sshd({
        directory,
        socketDirectory,
        dataDirectory,
        primaryAdministrator,
        onLine: this.#plan.onLine,
        onEnd: (how) => this.#over(sshd, how),
      });
      this.#running = { key, setting, sshd, socket, pipe };
    } catch (error) {
      socket.close();
      pipe?.close();
      throw error;
    }
  }

  async #end(why: string): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    await running.sshd.stop();
    this.#left(running, why);
  }

  /** By itself. */
  #over(sshd: Sshd, how: string): void {
    const running = this.#running;
    if (running === null || running.sshd !== sshd) return;
    this.#running = null;
    this.#left(running, how);
    this.#failed(`sshd ${how}`);
  }

  #left({ socket, pipe }: Running, why: string): void {
    socket.close();
    pipe?.close();
    removeSshdFiles(this.#plan.tools.directory);
    this.#plan.onEnd(why);
  }

  #failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#plan.tools.log(why);
    this.#plan.onTrouble(why);
    if (this.#wanted === null || this.#retry !== null) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.want(this.#wanted);
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS.last);
  }

  #forgetTrouble(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#pauseMs = PAUSE_MS.first;
    this.#plan.onTrouble('');
  }
}

const keyOf = (wanted: Wanted | null) => (wanted === null ? '' : JSON.stringify(wanted));
