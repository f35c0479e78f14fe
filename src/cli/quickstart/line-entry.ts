/** A line of text or a passphrase while it is typed, key by key. It draws nothing; a passphrase is kept as bytes that can be wiped and is shown as stars. */
import { SecretBytes } from '../../security/secret-bytes.ts';

/** As node:readline tells of a key. */
export interface Keypress {
  /** The character, where the key is one. */
  readonly character: string | undefined;
  readonly name: string | undefined;
  readonly ctrl: boolean;
  readonly meta: boolean;
}

/** `behind`: how many characters of the text stand behind the cursor. */
export interface EntryView {
  readonly text: string;
  readonly behind: number;
}

export interface LineEntry {
  press(key: Keypress): void;
  view(): EntryView;
}

const NOT_PRINTABLE = /\p{C}/u;

function printed({ character, ctrl, meta }: Keypress): string | null {
  return character === undefined || ctrl || meta || NOT_PRINTABLE.test(character) ? null : character;
}

const isRubout = ({ name }: Keypress) => name === 'backspace';
const isClear = ({ name, ctrl }: Keypress) => ctrl && name === 'u';

const TEXT_MAX = 256;

export class TextEntry implements LineEntry {
  #before: readonly string[] = [];
  #behind: readonly string[] = [];

  press(key: Keypress): void {
    const character = printed(key);
    if (character !== null && this.#before.length + this.#behind.length < TEXT_MAX)
      this.#before = [...this.#before, character];
    else if (isClear(key)) this.#before = this.#behind = [];
    else if (isRubout(key)) this.#before = this.#before.slice(0, -1);
    else if (key.name === 'delete') this.#behind = this.#behind.slice(1);
    else this.#moveCursor(key);
  }

  #moveCursor({ name, ctrl }: Keypress): void {
    const all = [...this.#before, ...this.#behind];
    const at = this.#before.length;
    const to =
      name === 'left'
        ? at - 1
        : name === 'right'
          ? at + 1
          : name === 'home' || (ctrl && name === 'a')
            ? 0
            : name === 'end' || (ctrl && name === 'e')
              ? all.length
              : at;
    this.#before = all.slice(0, Math.max(0, to));
    this.#behind = all.slice(Math.max(0, to));
  }

  view(): EntryView {
    return { text: this.take(), behind: this.#behind.length };
  }
  take(): string {
    return [...this.#before, ...this.#behind].join('');
  }
}

/** More than any passphrase may have, so that the rule on length can tell. */
const PASSPHRASE_BYTES_MAX = 1024;
/** The bits of a byte of UTF-8 that is not the first of its character. */
const CONTINUATION_MASK = 0xc0;
const CONTINUATION = 0x80;

export class PassphraseEntry implements LineEntry {
  readonly #bytes = Buffer.alloc(PASSPHRASE_BYTES_MAX);
  #length = 0;

  press(key: Keypress): void {
    const character = printed(key);
    if (character !== null) this.#append(character);
    else if (isClear(key)) this.#cut(0);
    else if (isRubout(key)) this.#rubOut();
  }

  #append(character: string): void {
    if (this.#length + Buffer.byteLength(character) > PASSPHRASE_BYTES_MAX) return;
    this.#length += this.#bytes.write(character, this.#length);
  }

  #rubOut(): void {
    let to = this.#length - 1;
    while (to > 0 && ((this.#bytes[to] ?? 0) & CONTINUATION_MASK) === CONTINUATION) to -= 1;
    this.#cut(Math.max(0, to));
  }

  #cut(length: number): void {
    this.#bytes.fill(0, length);
    this.#length = length;
  }

  /** For the rules alone: text cannot be wiped. */
  reveal(): string {
    return this.#bytes.toString('utf8', 0, this.#length);
  }
  view(): EntryView {
    const stars = '*'.repeat([...this.reveal()].length);
    return { text: stars, behind: 0 };
  }

  /** Hands the passphrase over and keeps nothing. */
  take(): SecretBytes {
    const taken = new SecretBytes(Uint8Array.from(this.#bytes.subarray(0, this.#length)));
    this.#cut(0);
    return taken;
  }
}
