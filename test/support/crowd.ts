/** Thousands of strangers' connections, held by processes of their own because one process has not enough files for both ends. It asks nothing of the KMA. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Ports } from './raw-agent.ts';
import { until, within } from './until.ts';

export const crowdOrder = z.strictObject({
  ports: z.array(z.int()),
  sources: z.array(z.string()),
  connections: z.int(),
});
const crowdCount = z.strictObject({ open: z.int(), opened: z.int() });
/** Open now, and opened since the start. */
export type CrowdCount = z.infer<typeof crowdCount>;

/** Each holds fewer than the thousand files that a process may usually open. */
const PROCESSES = 6;
const PROGRAM = fileURLToPath(new URL('./crowd-process.ts', import.meta.url));

export class Crowd {
  readonly #children: readonly ChildProcess[];
  readonly #counts = new Map<ChildProcess, CrowdCount>();

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
    for (const child of children)
      child.on('message', (raw) => this.#counts.set(child, crowdCount.parse(raw)));
  }

  /** Resolves when each connection was open once. */
  static async gather(ports: Ports, connections: number, sources: readonly string[]): Promise<Crowd> {
    const children = Array.from({ length: PROCESSES }, () => fork(PROGRAM));
    const crowd = new Crowd(children);
    for (const [index, child] of children.entries())
      child.send({
        ports: [ports.ca, ports.certificate, ports.agent, ports.discovery],
        sources: sources.slice(index % sources.length).concat(sources.slice(0, index % sources.length)),
        connections: Math.ceil(connections / PROCESSES),
      } satisfies z.infer<typeof crowdOrder>);
    await until(`${connections} connections were opened`, () => crowd.count().opened >= connections, 120_000);
    return crowd;
  }

  count(): CrowdCount {
    const counts = [...this.#counts.values()];
    const sum = (of: keyof CrowdCount) => counts.reduce((total, count) => total + count[of], 0);
    return { open: sum('open'), opened: sum('opened') };
  }

  async disperse(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        const ended = once(child, 'exit');
        child.disconnect();
        await within('the end of a process of the crowd', ended).finally(() => child.kill('SIGKILL'));
      }),
    );
  }
}
