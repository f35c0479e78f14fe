/** Tells when technical support is about to end by its age, and when it has: each once, also over restarts. It ends nothing itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { SupportSetting } from '../../platform-settings/support.ts';
import type { PlatformTools } from '../part.ts';
import { writePrivate } from '../private-file.ts';

const AHEAD_MS = 24 * 60 * 60 * 1000;

const told = z.strictObject({ expiresAtMs: z.number(), what: z.enum(['nothing', 'soon', 'over']) });
type Told = z.infer<typeof told>;

export class Term {
  readonly #tools: Pick<PlatformTools, 'directory' | 'note' | 'nowMs' | 'log'>;
  #told: Told;

  constructor(tools: Pick<PlatformTools, 'directory' | 'note' | 'nowMs' | 'log'>) {
    this.#tools = tools;
    this.#told = this.#read();
  }

  look(setting: SupportSetting): void {
    if (!setting.enabled) return;
    const what = standing(setting, this.#tools.nowMs());
    const { expiresAtMs } = setting;
    if (this.#told.expiresAtMs !== expiresAtMs) this.#told = { expiresAtMs, what: 'nothing' };
    if (this.#told.what === what || what === 'nothing') return;
    this.#told = { expiresAtMs, what };
    this.#keep();
    const at = new Date(expiresAtMs).toISOString();
    this.#tools.note({
      severity: 'warning',
      condition: what === 'over' ? 'Technical support expired' : 'Technical support expires soon',
      message:
        what === 'over'
          ? `expired=${at}; nobody logs in, and the port is closed, until it is enabled anew`
          : `expires=${at}; enable it anew with another password if it is still needed`,
      class: 'Security Officer',
      retention: 'long',
    });
  }

  #path(): string {
    return join(this.#tools.directory, 'told.json');
  }

  #read(): Told {
    try {
      return told.parse(JSON.parse(readFileSync(this.#path(), 'utf8')));
    } catch {
      return { expiresAtMs: 0, what: 'nothing' };
    }
  }

  /** On a full disk it may be told twice. */
  #keep(): void {
    try {
      writePrivate(this.#path(), JSON.stringify(this.#told));
    } catch (error) {
      this.#tools.log(String(error));
    }
  }
}

/** One that was enabled for a day at most is not told of at its beginning. */
export function standing({ enabledAtMs, expiresAtMs }: SupportSetting, nowMs: number): Told['what'] {
  if (nowMs >= expiresAtMs) return 'over';
  const soon = expiresAtMs - nowMs <= AHEAD_MS && expiresAtMs - enabledAtMs > AHEAD_MS;
  return soon ? 'soon' : 'nothing';
}
