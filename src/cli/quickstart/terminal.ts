/** The terminal of a dialogue: keys one by one without echo, lines that stay, and a region at the end that is drawn anew. It knows no question. */
import { emitKeypressEvents } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { stripVTControlCharacters, styleText } from 'node:util';
import { brokenBetween, paragraph } from '../paragraph.ts';
import { width } from '../width.ts';
import type { EntryView, Keypress } from './line-entry.ts';

type Style = Parameters<typeof styleText>[0];

/** Where the terminal does not say. */
const COLUMNS_DEFAULT = 80;
/** Longer lines are tiring to read. */
const COLUMNS_MAX = 80;
const INTERRUPT: Keypress = { character: undefined, name: 'c', ctrl: true, meta: false };
const CONTINUED = ' \\';
const CLEAR_BELOW = '\u001b[J';

export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #pressed: Keypress[] = [];
  #waiting: ((key: Keypress) => void) | null = null;
  #drawn: readonly string[] = [];
  #ended = false;

  /** Keys are not echoed from here until `close`, also between questions. */
  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input;
    this.#output = output;
    emitKeypressEvents(input);
    input.setRawMode(true);
    input.on('keypress', this.#onKey);
    // After the keys were taken from it: what was typed may be a passphrase.
    input.on('data', wipeChunk);
    input.once('end', this.#onEnd);
    input.resume();
  }

  close(): void {
    this.#input.off('keypress', this.#onKey);
    this.#input.off('data', wipeChunk);
    this.#input.off('end', this.#onEnd);
    this.#input.setRawMode(false);
    this.#input.pause();
  }

  readonly #onKey = (character: string | undefined, key: Omit<Keypress, 'character'>): void => {
    const pressed = { character, name: key.name, ctrl: key.ctrl, meta: key.meta };
    if (this.#waiting === null) this.#pressed.push(pressed);
    else this.#waiting(pressed);
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#waiting?.(INTERRUPT);
  };

  /** The terminal is gone: every key is Ctrl-C from here, as if somebody left. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next key; those typed ahead come first. */
  async key(): Promise<Keypress> {
    return (await this.#next(null)) ?? INTERRUPT;
  }

  /** The same; null where none comes for so long. */
  keyWithin(limitMs: number): Promise<Keypress | null> {
    return this.#next(limitMs);
  }

  async #next(limitMs: number | null): Promise<Keypress | null> {
    const ahead = this.#pressed.shift() ?? (this.#ended ? INTERRUPT : undefined);
    if (ahead !== undefined) return ahead;
    return new Promise((resolve) => {
      const end = (key: Keypress | null) => {
        clearTimeout(timer);
        this.#waiting = null;
        resolve(key);
      };
      const timer = limitMs === null ? undefined : setTimeout(() => end(null), limitMs);
      this.#waiting = end;
    });
  }

  dropTypedAhead(): void {
    this.#pressed.length = 0;
  }

  /** Meanwhile no key does anything but Ctrl-C, which calls `interrupted`. */
  async whileWorking<T>(work: () => Promise<T>, interrupted: () => void): Promise<T> {
    this.dropTypedAhead();
    this.#waiting = (key) => {
      if (isInterrupt(key)) interrupted();
    };
    return work().finally(() => {
      this.#waiting = null;
    });
  }

  /** How wide text may be. */
  get columns(): number {
    return Math.min(this.#columns, COLUMNS_MAX) - 1;
  }
  get #columns(): number {
    // A terminal that does not know its size says 0.
    return this.#output.columns > 0 ? this.#output.columns : COLUMNS_DEFAULT;
  }

  styled(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#output });
  }

  /** A paragraph that stays. */
  say(text: string, style?: Style, first = '', hanging?: string): void {
    for (const line of paragraph(text, this.columns, first, hanging))
      this.#output.write(`${style === undefined ? line : this.styled(style, line)}\n`);
  }
  /** A line that stays and is not broken, because it is to be copied. */
  sayWhole(line: string): void {
    this.#output.write(`${line}\n`);
  }

  /** A command for the shell, in lines that are one command where they are pasted. */
  sayCommand(words: readonly string[], indent: string): void {
    const lines = brokenBetween(words, this.columns - CONTINUED.length, indent, `${indent}  `);
    this.#output.write(`${lines.join(`${CONTINUED}\n`)}\n`);
  }

  /** Draws the region anew: these lines, and below them the prompt with what was typed, as much of it as fits. */
  draw(lines: readonly string[], prompt: string, { text, behind }: EntryView): void {
    const characters = [...text];
    const room = Math.max(1, this.#columns - 1 - width(prompt));
    const cursor = characters.length - behind;
    const start = Math.max(0, cursor - room);
    const shown = characters.slice(start, start + room);
    this.#redraw([...lines, `${prompt}${shown.join('')}`]);
    const back = width(shown.slice(cursor - start).join(''));
    if (back > 0) this.#output.write(`\u001b[${back}D`);
  }

  /** Replaces the region by a line that stays. */
  settle(line: string): void {
    this.#redraw([line]);
    this.#output.write('\n');
    this.#drawn = [];
  }

  #redraw(lines: readonly string[]): void {
    // The terminal may have become narrower since, and have broken the lines.
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(plainWidth(line) / this.#columns)),
      0,
    );
    const up = rows > 1 ? `\u001b[${rows - 1}A` : '';
    this.#output.write(`\r${up}${CLEAR_BELOW}${lines.join('\n')}`);
    this.#drawn = lines;
  }
}

export function isInterrupt({ name, ctrl }: Keypress): boolean {
  return ctrl && name === 'c';
}

function wipeChunk(chunk: Buffer): void {
  chunk.fill(0);
}

function plainWidth(line: string): number {
  return width(stripVTControlCharacters(line));
}
