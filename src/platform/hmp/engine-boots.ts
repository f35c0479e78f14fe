/** How often the SNMP engine has started, in a file: it never goes back, so that nothing recorded before a start is taken after it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from '../private-file.ts';
import { ID_MAX } from '../snmp/message.ts';

export class EngineBoots {
  readonly #path: string;
  readonly #log: (line: string) => void;
  #boots: number;

  constructor(directory: string, log: (line: string) => void) {
    this.#path = join(directory, 'engine-boots');
    this.#log = log;
    this.#boots = readBoots(this.#path);
  }

  /** Counted on in memory where the file cannot be written. */
  next(): number {
    this.#boots = Math.min(ID_MAX, this.#boots + 1);
    try {
      writePrivate(this.#path, String(this.#boots));
    } catch (error) {
      this.#log(`${this.#path} cannot be written: ${String(error)}`);
    }
    return this.#boots;
  }
}

function readBoots(path: string): number {
  try {
    const [digits] = /^\d{1,10}$/.exec(readFileSync(path, 'utf8')) ?? [];
    return Math.min(ID_MAX, Number(digits ?? 0));
  } catch {
    return 0;
  }
}
