/** The doctor of this KMA: looks when it is asked, from the process that may connect to others, and remembers how it ended, as the core says, which knows more. It mends nothing. */
import type { Examination } from '@openkma/agent/doctor';
import { z } from 'zod';
import type { PlatformConfig } from '../config.ts';
import type { PartState, PlatformPart, PlatformTools } from '../part.ts';
import { PlatformRefusal } from '../refusal.ts';
import { examineAsKma } from './as-kma.ts';

const look = z.strictObject({
  caPem: z.string().min(1).max(16_384),
  /** IDs of the members that the replicator has a connection with. */
  connected: z.array(z.string().max(64)).max(256),
});
type Look = z.infer<typeof look>;
/** What the whole of it came to: whether the replicators are connected this process does not know. */
const ended = z.strictObject({ result: z.string().max(16), at: z.iso.datetime() });
const question = z.union([look, ended]);

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
  async ask(asked: unknown): Promise<Examination | null> {
    const about = question.parse(asked);
    if ('result' in about) {
      this.#summary = `${about.result} at ${about.at}`;
      this.#tools.changed();
      return null;
    }
    this.#running ??= this.#look(about).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  state(): PartState {
    return { summary: this.#summary, troubles: [], details: {} };
  }

  async stop(): Promise<void> {}

  async #look(about: Look): Promise<Examination> {
    if (this.#config === null) throw new PlatformRefusal('PLATFORM_NOT_THERE', 'it has just been started');
    return examineAsKma(this.#config, this.#tools, about);
  }
}
