/** The part that looks at the ports of this KMA: what the settings say beside what the kernel says. It opens and closes none. */
import { z } from 'zod';
import { PORT_TABLE, type PortSettings, type PortState, portStates } from '../../ports.ts';
import type { PlatformConfig } from '../config.ts';
import type { PartState, PlatformPart, PlatformTools } from '../part.ts';
import { kernelSockets } from './kernel.ts';
import { portSettings } from './port-settings.ts';
import type { Family } from './processes.ts';

const question = z.strictObject({ states: z.literal('now') });

const NOTHING_SET: PortSettings = { holding: new Map(), ports: {}, addresses: [] };
const LOOK_MS = 20_000;
/** What begins or ends takes a moment; only what is wrong twice in a row is. */
const LOOKS_MIN = 2;
const TROUBLES_MAX = 16;

export class PortsPart implements PlatformPart<PlatformConfig> {
  readonly #tools: PlatformTools;
  readonly #family: Family;
  readonly #timer: NodeJS.Timeout;
  #config: PlatformConfig | null = null;
  /** By the name of the row: how often in a row, and what. */
  #wrong: ReadonlyMap<string, { readonly looks: number; readonly text: string }> = new Map();
  #open = 0;

  constructor(tools: PlatformTools, family: Family = ownFamily()) {
    this.#tools = tools;
    this.#family = family;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  apply(config: PlatformConfig): void {
    const isFirst = this.#config === null;
    this.#config = config;
    if (isFirst) this.#look();
  }

  state(): PartState {
    const troubles = [...this.#wrong.values()].flatMap(({ looks, text }) =>
      looks >= LOOKS_MIN ? [text] : [],
    );
    return {
      summary:
        troubles.length === 0
          ? `${this.#open} open, as the settings say`
          : `${troubles.length} NOT as the settings say`,
      troubles: troubles.slice(0, TROUBLES_MAX),
      details: { open: this.#open, wrong: troubles.length },
    };
  }

  ask(asked: unknown): Promise<unknown> {
    question.parse(asked);
    return Promise.resolve({ ports: this.#states(), addresses: this.#tools.place.addresses });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  #states(): readonly PortState[] {
    if (this.#config === null) return portStates(PORT_TABLE, NOTHING_SET, null);
    const settings = portSettings(this.#config, this.#tools.place, this.#tools.nowMs());
    return portStates(PORT_TABLE, settings, kernelSockets(this.#family));
  }

  #look(): void {
    if (this.#config === null) return;
    const states = this.#states();
    this.#open = states.filter(({ state, wrong }) => state === 'listening' && wrong === '').length;
    const before = this.#wrong;
    // What another program has is its own affair where this KMA does not want it, and told by who wants it otherwise.
    const found = states.filter(({ wrong, state }) => wrong !== '' && state !== 'taken');
    this.#wrong = new Map(
      found.map((row) => [row.name, { looks: (before.get(row.name)?.looks ?? 0) + 1, text: textOf(row) }]),
    );
    for (const [name, { looks, text }] of this.#wrong)
      if (looks === LOOKS_MIN)
        this.#tools.note({
          severity: 'warning',
          condition: 'Port Not As Set',
          message: `port=${name} ${text}`,
        });
    this.#tools.changed();
  }
}

/** This process and the others of its KMA, as the supervisor has started them. */
function ownFamily(): Family {
  return { parent: process.ppid, instance: process.argv[3] ?? '' };
}

function textOf({ port, transport, what, wrong }: PortState): string {
  return `port ${port}/${transport} (${what}) ${wrong}: see "kma ports"`;
}
