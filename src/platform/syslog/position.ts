/** Up to which audit record one server has everything: in memory at once, on disk some seconds later. Where there is no space for it the audit says so once, and memory goes on. */

import type { PlatformTools } from '../part.ts';
import { quoted } from '../quoted.ts';
import type { CursorFile } from './cursor-file.ts';

const NOT_KEPT_CONDITION = 'Place of a receiver not kept';

export class Position {
  readonly #file: CursorFile;
  readonly #tools: Pick<PlatformTools, 'note'>;
  readonly #server: string;
  readonly #keptWithinMs: number;
  #row: number | null;
  #timer: NodeJS.Timeout | null = null;
  #failed = false;
  #begun = false;

  constructor(file: CursorFile, server: string, tools: Pick<PlatformTools, 'note'>, keptWithinMs: number) {
    this.#file = file;
    this.#server = server;
    this.#tools = tools;
    this.#keptWithinMs = keptWithinMs;
    this.#row = file.row;
  }

  /** Where to go on: with what is new where the server is, or where its place is of another audit, such as an older one that was put back. */
  async begin(newestRow: number): Promise<number> {
    if (this.#begun && this.#row !== null) return this.#row;
    this.#begun = true;
    const known = this.#row;
    const row = Math.min(known ?? newestRow, newestRow);
    if (known !== null && known > newestRow)
      this.#tools.note({
        severity: 'warning',
        condition: 'Receiver begins anew',
        message: `receiver=${quoted(`syslog server ${this.#server}`)} its place is not in this audit: it gets what comes from now on`,
      });
    this.#row = row;
    // Else a crash within seconds would begin with what is newest then.
    await this.keep();
    return row;
  }

  get row(): number | null {
    return this.#row;
  }
  /** It is in memory alone. */
  get notKept(): boolean {
    return this.#failed;
  }

  moveTo(row: number): void {
    if (row === this.#row && row === this.#file.row) return;
    this.#row = row;
    this.#timer ??= setTimeout(() => void this.keep(), this.#keptWithinMs);
  }

  async keep(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#row === null) return;
    try {
      await this.#file.save(this.#row);
      this.#failed = false;
    } catch (error) {
      const reason = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : '';
      if (!this.#failed)
        this.#tools.note({
          severity: 'error',
          condition: NOT_KEPT_CONDITION,
          message: `receiver=${quoted(`syslog server ${this.#server}`)} why=${reason}`,
        });
      this.#failed = true;
    }
  }

  async forget(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#file.remove();
  }
}
