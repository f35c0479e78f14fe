/** The SNMP agent's own process: started, told what it needs, started again after a pause that grows. It never runs twice at a time. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { KmaHealth } from './kma-health.ts';
import { type FromAgent, fromAgent, type Serve, type ToAgent } from './messages.ts';

const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url));
const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 30_000;
const END_MS = 2_000;
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken; end what listens there, such as the machine’s own snmpd',
  EACCES: 'ports under 1024 need root: start the KMA as root, or with --port-offset',
  EADDRNOTAVAIL: 'this machine does not have the address',
};

export interface AgentProcessParts {
  /** The one before has ended then. */
  readonly after: Promise<void>;
  readonly serve: () => Serve;
  readonly changed: () => void;
  readonly log: (line: string) => void;
  readonly counted: (counted: Extract<FromAgent, { t: 'counted' }>) => void;
}

export class AgentProcess {
  readonly #parts: AgentProcessParts;
  #child: ChildProcess | null = null;
  #health: KmaHealth | null = null;
  #listening = false;
  #trouble = '';
  #pauseMs = PAUSE_FIRST_MS;
  #again: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(parts: AgentProcessParts) {
    this.#parts = parts;
    void parts.after.then(() => this.#start());
  }

  get listening(): boolean {
    return this.#listening;
  }
  /** Why it is not there; "" while it is or begins. */
  get trouble(): string {
    return this.#trouble;
  }

  tell(health: KmaHealth): void {
    this.#health = health;
    if (this.#listening) this.#send({ t: 'health', health });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#again !== null) clearTimeout(this.#again);
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await ended;
    clearTimeout(timer);
  }

  #start(): void {
    if (this.#stopped) return;
    const child = fork(ENTRY, {
      execArgv: confined(process.execArgv),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('message', (raw) => this.#told(raw));
    child.on('error', (error) => {
      this.#parts.log(error.message);
      // What could not be started at all never tells of its end.
      if (child.pid === undefined) this.#ended(error.message);
    });
    child.once('exit', (code, signal) => this.#ended(signal ?? `code ${code}`));
    this.#send(this.#parts.serve());
  }

  #send(message: ToAgent): void {
    if (this.#child?.connected === true) this.#child.send(message, () => undefined);
  }

  /** It is taken over, or broken: what it says is checked, and its end is no harm. */
  #told(raw: unknown): void {
    const message = fromAgent.safeParse(raw).data;
    if (message === undefined) return void this.#child?.kill('SIGKILL');
    if (message.t === 'counted') return this.#parts.counted(message);
    this.#listening = message.t === 'listening';
    this.#trouble = message.t === 'failed' ? (REASONS[message.why] ?? message.why) : '';
    if (this.#listening) {
      this.#pauseMs = PAUSE_FIRST_MS;
      if (this.#health !== null) this.#send({ t: 'health', health: this.#health });
    } else this.#child?.kill('SIGKILL');
    this.#parts.changed();
  }

  #ended(how: string): void {
    this.#child = null;
    this.#listening = false;
    if (this.#stopped) return;
    if (this.#trouble === '') this.#trouble = `its process ended (${how})`;
    this.#parts.changed();
    this.#again = setTimeout(() => this.#start(), this.#pauseMs);
    this.#pauseMs = Math.min(PAUSE_MAX_MS, this.#pauseMs * 2);
  }
}

/** What its parent may, without starting processes and writing files. */
function confined(options: readonly string[]): string[] {
  return options.filter((option) => !/^--allow-(child-process|fs-write)/.test(option));
}
