/** How the demonstration speaks: a line with its time for each step, or JSON lines for programs. Passphrases are shown once, at the end of the first start. */
import type { Listen } from '../processes/messages.ts';
import type { Cast } from './demo-setup.ts';
import { ownName } from './own-name.ts';
import { listensText } from './serve-command.ts';
import { shellWord } from './shell-word.ts';
import { cut, terminalColumns } from './width.ts';

/** Where a step takes longer than this, it says that it is still at work. */
const STILL_WORKING_MS = 1000;

export class DemoTalk {
  readonly #json: boolean;
  readonly #interrupted: AbortSignal;
  readonly #startedMs = performance.now();

  /** After `interrupted` no further step begins. */
  constructor(json: boolean, interrupted: AbortSignal) {
    this.#json = json;
    this.#interrupted = interrupted;
  }

  title(text: string): void {
    this.#say({ event: 'title', text }, `${text}\n`);
  }
  note(text: string): void {
    this.#say({ event: 'note', text }, `         note: ${text}`);
  }
  log(text: string): void {
    this.#say({ event: 'log', text }, `         ${text}`);
  }

  /** Runs a step and says what it was, how it ended and how long it took. */
  async step<T>(text: string, work: (progress: (detail: string) => void) => Promise<T>): Promise<T> {
    this.#interrupted.throwIfAborted();
    const beganMs = performance.now();
    let detail = '';
    const interactive = !this.#json && process.stdout.isTTY === true;
    const timer = setInterval(() => {
      const seconds = Math.round((performance.now() - beganMs) / 1000);
      const line = `  ... ${seconds} s  ${text} ${detail}`;
      if (interactive) process.stdout.write(`\r\u001b[K${cut(line, terminalColumns(process.stdout))}`);
      else if (!this.#json) process.stdout.write(`${line}\n`);
    }, STILL_WORKING_MS);
    try {
      const result = await work((text) => {
        detail = text;
      });
      const ms = Math.round(performance.now() - beganMs);
      if (interactive) process.stdout.write('\r\u001b[K');
      this.#say({ event: 'step', text, ms, ok: true }, `${`${ms}`.padStart(6)} ms  ${text}`);
      return result;
    } catch (error) {
      this.#say({ event: 'step', text, ok: false }, `   FAILED  ${text}`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  secrets({ keyHolders, officer, compliance, operator, backup }: Cast): void {
    const people = [...keyHolders, officer, compliance, operator, backup];
    const width = Math.max(...people.map(({ name }) => name.length));
    const lines = people.map(({ name, passphrase }) => `    ${name.padEnd(width)}  ${passphrase}`).join('\n');
    this.#say({ event: 'passphrases', people }, `\nPassphrases, shown this once:\n${lines}`);
  }

  /** `again`: the options of this start, so that the command shown resumes the same. */
  ready(listens: readonly Listen[], data: string, locked: boolean, again: readonly string[]): void {
    const ms = Math.round(performance.now() - this.#startedMs);
    const at = data === `${process.cwd()}/kma-data` ? '' : ` --data ${shellWord(data)}`;
    const kma = `${ownName('kma')}${at}`;
    const agent = `${ownName('okm-agent')} --profile ${shellWord(`${data}-agent`)}`;
    const text = `
ready after ${(ms / 1000).toFixed(1)} s${locked ? `, LOCKED: agents get no keys until "${kma} unlock --user officer"` : ''}; listening on
${listensText(listens)}

Try next, in another terminal:
    ${kma} status
    ${kma} audit list --limit 10 --user officer
    ${kma} agent list --user operator
    ${agent} encrypt < README.md > README.age
    ${agent} decrypt < README.age | diff - README.md && echo equal
    ${kma} lock --user officer
    ${kma} unlock --user officer

Ctrl-C stops it; "npm start${again.length === 0 ? '' : ` -- ${again.map(shellWord).join(' ')}`}" resumes the same data.
To start over, stop it and remove ${data} with what lies beside it: ${data}.unlock-key, -agent, -backup and -demo.*`;
    this.#say({ event: 'ready', ms, locked, listens, data, again }, text);
  }

  #say(record: object, text: string): void {
    process.stdout.write(this.#json ? `${JSON.stringify(record)}\n` : `${text}\n`);
  }
}
