/** The doctor of this KMA: looks when it is asked, from the process that may connect to others, and remembers how it ended. It mends nothing. */
import type { Examination } from '@openkma/agent/doctor';
import { z } from 'zod';
import type { PlatformConfig } from '../config.ts';
import type { PartState, PlatformPart, PlatformTools } from '../part.ts';
import { PlatformRefusal } from '../refusal.ts';
import { examineAsKma } from './as-kma.ts';

const question = z.strictObject({
  caPem: z.string().min(1).max(16_384),
  /** IDs of the members that the replicator has a connection with. */
  connected: z.array(z.string().max(64)).max(256),
});
type Question = z.infer<typeof question>;

export class DoctorPart implements PlatformPart<PlatformConfig> {
  readonly #tools: PlatformTools;
  #config: PlatformConfig | null = null;
  #running: Promise<Examination> | null = null;
  #summary = 'not asked yet';

  constructor(tools: PlatformTools) {
    this.#tools = tools;
  }

  apply(config: PlatformConfig): void {
    this.#config = config;
  }

  /** Who asks while it is looking gets what it finds. */
  ask(asked: unknown): Promise<Examination> {
    const about = question.parse(asked);
    this.#running ??= this.#look(about).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  state(): PartState {
    return { summary: this.#summary, troubles: [], details: {} };
  }

  async stop(): Promise<void> {}

  async #look(about: Question): Promise<Examination> {
    if (this.#config === null) throw new PlatformRefusal('PLATFORM_NOT_THERE', 'it has just been started');
    const examined = await examineAsKma(this.#config, this.#tools, about);
    this.#summary = `${examined.result} at ${examined.at}`;
    this.#tools.changed();
    return examined;
  }
}
