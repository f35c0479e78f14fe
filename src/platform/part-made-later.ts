/** Stands for a part that cannot be made now, as on a full disk: says so, and tries again with each config. It does nothing of what the part does. */
import type { PlatformConfig } from './config.ts';
import type { PartState, PlatformPart, PlatformTools } from './part.ts';

type Part = PlatformPart<PlatformConfig>;

/** The part itself, or what stands for it. */
export function madePart(name: string, make: () => Part, note: PlatformTools['note']): Part {
  try {
    return make();
  } catch (error) {
    note({ severity: 'error', condition: 'Platform part cannot work', message: textOf(error) });
    return new PartMadeLater(name, make, textOf(error));
  }
}

class PartMadeLater implements Part {
  readonly #name: string;
  readonly #make: () => Part;
  #why: string;
  #made: Part | null = null;

  constructor(name: string, make: () => Part, why: string) {
    this.#name = name;
    this.#make = make;
    this.#why = why;
  }

  apply(config: PlatformConfig): void {
    try {
      this.#made ??= this.#make();
    } catch (error) {
      this.#why = textOf(error);
    }
    this.#made?.apply(config);
  }

  state(): PartState {
    if (this.#made !== null) return this.#made.state();
    const trouble = `${this.#name} cannot work: ${this.#why}; see to the data directory, then stop and start the KMA`;
    return { summary: `cannot work: ${this.#why}`, troubles: [trouble], details: {} };
  }

  async ask(question: unknown): Promise<unknown> {
    if (this.#made?.ask === undefined) throw new Error(this.#why);
    return this.#made.ask(question);
  }

  health(...told: Parameters<NonNullable<Part['health']>>): void {
    this.#made?.health?.(...told);
  }

  async stop(): Promise<void> {
    await this.#made?.stop();
  }
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 256);
}
