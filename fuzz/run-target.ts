/** The process that runs one target: makes inputs from the seed, runs each, and reports. It decides nothing about crashes beyond naming them. */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { keepCrash, keepInput, readCorpus } from './corpus.ts';
import { type Crash, type Order, order, type Report } from './messages.ts';
import { mutateBytes } from './mutate.ts';
import { Random } from './random.ts';
import type { FuzzTarget, OpenTarget } from './target.ts';
import { TARGETS } from './targets/index.ts';

const REPORT_MS = 500;
/** New crashes are counted by their text; more than this many kinds end the run. */
const CRASHES_MAX = 20;
const OUTCOMES_MAX = 1_000;
const POOL_MAX = 2_000;
const GENERATED_MAX = 64;
/** Memory is looked at after so many inputs, when the first so many have warmed everything up. */
const MEMORY_EVERY = 2_000;
const MEMORY_GROWTH_MAX = 128 * 1024 * 1024;

class TargetRun {
  readonly #target: FuzzTarget;
  readonly #open: OpenTarget;
  readonly #order: Order;
  readonly #current: number;
  readonly #corpus: readonly Uint8Array[];
  /** The corpus and what this run found. */
  readonly #pool: Uint8Array[];
  readonly #outcomes = new Map<string, number>();
  readonly #crashes = new Map<string, Crash>();
  readonly #startedMs = performance.now();
  #reportedMs = 0;
  #inputs = 0;
  #generated = 0;
  #memory = 0;
  /** Raised by what escapes into the event loop while an input runs. */
  #escaped: unknown = null;

  constructor(target: FuzzTarget, open: OpenTarget, given: Order) {
    this.#target = target;
    this.#open = open;
    this.#order = given;
    this.#current = openSync(given.currentPath, 'w');
    this.#corpus = readCorpus(target.name);
    this.#pool = [...this.#corpus];
    process.on('uncaughtException', (error) => {
      this.#escaped = error;
    });
  }

  async run(): Promise<void> {
    if (this.#order.replay !== null) await this.#one(readFileSync(this.#order.replay));
    else
      while (!this.#ended())
        await this.#one(this.#input(Random.of(`${this.#order.seed} ${this.#target.name} ${this.#inputs}`)));
    this.#report(true);
    closeSync(this.#current);
  }

  #ended(): boolean {
    const { inputs, milliseconds } = this.#order;
    if (this.#crashes.size >= CRASHES_MAX) return true;
    if (inputs !== null && this.#inputs >= inputs) return true;
    return milliseconds !== null && performance.now() - this.#startedMs >= milliseconds;
  }

  /** The corpus as it is, then one new input in five, the others changed from known ones. */
  #input(random: Random): Uint8Array {
    const kept = this.#corpus[this.#inputs];
    if (kept !== undefined) return kept;
    if (this.#pool.length === 0 || random.onceIn(5)) return this.#generate(random);
    const input = random.pick(this.#pool);
    const changed = random.onceIn(2) ? this.#open.mutate?.(random, input) : null;
    return changed ?? mutateBytes(random, input, random.pick(this.#pool), this.#target.words);
  }

  /** The first ones are changed later, so that there is something to change without a corpus. */
  #generate(random: Random): Uint8Array {
    const input = this.#open.generate(random);
    if (this.#generated < GENERATED_MAX) this.#pool.push(input);
    this.#generated += 1;
    return input;
  }

  async #one(input: Uint8Array): Promise<void> {
    this.#note(input);
    this.#escaped = null;
    try {
      const outcome = await this.#open.run(input);
      if (this.#target.steered === false || this.#inputs % 64 === 0) await turn();
      if (this.#escaped !== null) throw this.#escaped;
      this.#count(outcome, input);
    } catch (error) {
      this.#crash(error, input);
    }
    this.#inputs += 1;
    this.#checkMemory(input);
    if (performance.now() - this.#reportedMs > REPORT_MS) {
      this.#report(false);
      await turn();
    }
  }

  #note(input: Uint8Array): void {
    ftruncateSync(this.#current);
    writeSync(this.#current, input, 0, input.length, 0);
  }

  #count(outcome: string, input: Uint8Array): void {
    const known = this.#outcomes.get(outcome);
    if (known === undefined && this.#outcomes.size >= OUTCOMES_MAX) return;
    this.#outcomes.set(outcome, (known ?? 0) + 1);
    if (known !== undefined || this.#order.replay !== null) return;
    if (this.#target.steered && this.#pool.length < POOL_MAX) this.#pool.push(Uint8Array.from(input));
    if (this.#order.keep) keepInput(this.#target.name, input);
  }

  #crash(error: unknown, input: Uint8Array): void {
    const what = describe(error);
    if (this.#crashes.has(what)) return;
    this.#crashes.set(what, { what, file: keepCrash(this.#target.name, input), input: this.#inputs });
  }

  #checkMemory(input: Uint8Array): void {
    if (this.#inputs % MEMORY_EVERY !== 0) return;
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    if (this.#memory === 0) this.#memory = heapUsed + external;
    else if (heapUsed + external - this.#memory > MEMORY_GROWTH_MAX)
      this.#crash(new Error('memory grows'), input);
  }

  #report(done: boolean): void {
    this.#reportedMs = performance.now();
    const report: Report = {
      inputs: this.#inputs,
      outcomes: [...this.#outcomes],
      crashes: [...this.#crashes.values()],
      milliseconds: performance.now() - this.#startedMs,
      done,
    };
    process.send?.(report);
  }
}

/** The error with the place it came from, without what differs from input to input. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 200);
  const place = /\n\s+at .*?((?:src|protocol|fuzz|node_modules)\/[^)\n]*)/.exec(error.stack ?? '')?.[1] ?? '';
  return `${error.name}: ${error.message.replace(/\s+/g, ' ').slice(0, 160)} (${place})`;
}

process.once('disconnect', () => process.exit(1));
process.once('message', (raw) => {
  const given = order.parse(raw);
  const target = TARGETS.find(({ name }) => name === given.target);
  if (target === undefined) throw new Error(`no target ${given.target}`);
  target
    .open()
    .then(async (open) => {
      await new TargetRun(target, open, given).run();
      await open.close();
      process.exit(0);
    })
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    });
});
