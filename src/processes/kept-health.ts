/** How the supervisor keeps the health socket: the processes that agents need, a core that is asked each time, and a KMA that goes on where the socket cannot be opened. */
import type { Server } from 'node:http';
import { CoreProbe } from './core-probe.ts';
import { listenForHealth } from './health-socket.ts';
import type { Obstacle, SupervisorToCore } from './messages.ts';

export interface HealthPlan {
  readonly dataDirectory: string;
  /** Names of processes that agents need and that do not run. */
  readonly missing: () => readonly string[];
  readonly sendToCore: (message: SupervisorToCore) => void;
  readonly report: (line: string) => void;
}

export class KeptHealth {
  readonly #plan: HealthPlan;
  readonly #probe: CoreProbe;
  #server: Server | null = null;

  constructor(plan: HealthPlan) {
    this.#plan = plan;
    this.#probe = new CoreProbe(plan.sendToCore);
  }

  /** Once the core has the lock of the data directory: the socket of another KMA is not taken away. */
  async begin(): Promise<void> {
    const { dataDirectory, missing, report } = this.#plan;
    try {
      this.#server = await listenForHealth(dataDirectory, { missing, askCore: () => this.#probe.ask() });
    } catch (error) {
      report(`no /livez and /readyz: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  answered(obstacles: readonly Obstacle[]): void {
    this.#probe.answered(obstacles);
  }

  stop(): void {
    this.#server?.close();
  }
}
