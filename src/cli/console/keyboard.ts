/** Lines typed at the console: text, or a secret of which nothing is shown; or that somebody went back, typed nothing for too long, or is gone. It knows no question. */
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { type Keypress, type LineEntry, PassphraseEntry, TextEntry } from '../quickstart/line-entry.ts';
import { isInterrupt, type Terminal } from '../quickstart/terminal.ts';

/** Why no line came: Ctrl-C or Ctrl-D, no key for too long, no terminal any more. */
export interface Left {
  readonly left: 'back' | 'expired' | 'gone';
}

export function isLeft(value: unknown): value is Left {
  return typeof value === 'object' && value !== null && 'left' in value;
}

const BACK: Left = { left: 'back' };
const EXPIRED: Left = { left: 'expired' };
const GONE: Left = { left: 'gone' };
const NOTHING_SHOWN = { text: '', behind: 0 };

export class Keyboard {
  readonly terminal: Terminal;
  /** When nobody is logged in any more, by the clock of the process; null while nobody is. */
  #limits: { readonly idleMs: number; readonly endMs: number } | null = null;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  /** From a log-in on: so long without a key, and so long in all. */
  limit(limits: { readonly idleMs: number; readonly endMs: number } | null): void {
    this.#limits = limits;
  }

  async line(prompt: string): Promise<string | Left> {
    const entry = new TextEntry();
    return (await this.#enter(entry, prompt, () => entry.view())) ?? entry.take().trim();
  }

  async secret(prompt: string): Promise<SecretBytes | Left> {
    const entry = new PassphraseEntry();
    const left = await this.#enter(entry, prompt, () => NOTHING_SHOWN);
    const typed = entry.take();
    if (left === null) return typed;
    typed.wipe();
    return left;
  }

  /** Null once Enter was pressed. */
  async #enter(entry: LineEntry, prompt: string, shown: () => typeof NOTHING_SHOWN): Promise<Left | null> {
    for (;;) {
      this.terminal.draw([], prompt, shown());
      const key = await this.#key();
      const left = key === null ? EXPIRED : this.terminal.ended ? GONE : isLeaving(key) ? BACK : null;
      if (key !== null && left === null && !isEnd(key)) {
        entry.press(key);
        continue;
      }
      this.terminal.settle(`${prompt}${left === BACK ? '^C' : shown().text}`);
      // What was typed ahead was meant for another question, and may be a passphrase.
      if (left !== null) this.terminal.dropTypedAhead();
      return left;
    }
  }

  async #key(): Promise<Keypress | null> {
    if (this.#limits === null) return this.terminal.key();
    const { idleMs, endMs } = this.#limits;
    const leftMs = Math.min(idleMs, endMs - performance.now());
    return leftMs <= 0 ? null : this.terminal.keyWithin(leftMs);
  }
}

function isLeaving(key: Keypress): boolean {
  return isInterrupt(key) || (key.ctrl && key.name === 'd');
}

function isEnd({ name }: Keypress): boolean {
  return name === 'return' || name === 'enter';
}
