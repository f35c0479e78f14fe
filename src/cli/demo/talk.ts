/** How the demonstration speaks: a line with its time for each step, or JSON lines for programs. Passphrases are shown once, at the end of the first start. */
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { ownName } from '../own-name.ts';
import { paragraph } from '../paragraph.ts';
import { originOf } from '../serve-command.ts';
import { shellWord } from '../shell-word.ts';
import type { State } from '../state-text.ts';
import { cut, terminalColumns } from '../width.ts';
import { profileOf } from './agent.ts';
import type { DemoKma } from './kma.ts';
import type { Cast } from './people.ts';
import { shownData } from './places.ts';

/** Where a step takes longer than this, it says that it is still at work: in a line that is drawn anew, or in a further one. */
const STILL_WORKING_MS = { terminal: 1000, otherwise: 5000 } as const;
/** As wide as the time of a step. */
const MARGIN = ' '.repeat(11);

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
    this.#say({ event: 'title', text }, indented(text, '', ''));
  }
  /** What the steps that follow are about. */
  chapter(text: string): void {
    this.#say({ event: 'chapter', text }, `\n${text}`);
  }
  note(text: string): void {
    this.#say({ event: 'note', text }, indented(`note: ${text}`));
  }
  log(text: string): void {
    this.#say({ event: 'log', text }, indented(text));
  }

  /** Runs a step and says what it was, how it ended and how long it took; `done`: in other words when it is known what came of it. */
  async step<T>(
    text: string,
    work: (progress: (detail: string) => void) => Promise<T>,
    done: (result: T) => string = () => text,
  ): Promise<T> {
    this.#interrupted.throwIfAborted();
    const beganMs = performance.now();
    let detail = '';
    const interactive = !this.#json && process.stdout.isTTY === true;
    const timer = setInterval(
      () => {
        const seconds = Math.round((performance.now() - beganMs) / 1000);
        const line = `  ... ${seconds} s  ${text} ${detail}`;
        if (interactive) process.stdout.write(`\r\u001b[K${cut(line, terminalColumns(process.stdout))}`);
        else if (!this.#json) process.stdout.write(`${line}\n`);
      },
      STILL_WORKING_MS[interactive ? 'terminal' : 'otherwise'],
    );
    let ms: number | null = null;
    let told = text;
    try {
      const result = await work((text) => {
        detail = text;
      });
      ms = Math.round(performance.now() - beganMs);
      told = done(result);
      return result;
    } finally {
      clearInterval(timer);
      if (interactive) process.stdout.write('\r\u001b[K');
      const time = ms === null ? '   FAILED  ' : `${`${ms}`.padStart(6)} ms  `;
      this.#say(
        { event: 'step', text: told, ...(ms !== null && { ms }), ok: ms !== null },
        indented(told, time),
      );
    }
  }

  /** The same of all, so that one sees it. */
  states(states: readonly State[]): void {
    const kmas = states.map(({ kma, stateHash }) => ({ kma, stateHash }));
    const width = Math.max(...kmas.map(({ kma }) => kma.length));
    const lines = kmas.map(({ kma, stateHash }) => `    ${kma.padEnd(width)}  ${stateHash}`).join('\n');
    const logs = states[0]?.logs ?? [];
    const entries = logs.reduce((sum, log) => sum + log.entries, 0);
    const text = `\nThe same ${entries} log entries, the same state of all (SHA-256):\n${lines}`;
    this.#say({ event: 'states', entries, kmas }, text);
  }

  secrets({ keyHolders, officer, compliance, operator, backup, auditor, quorumMember }: Cast): void {
    const people = [...keyHolders, officer, compliance, operator, backup, auditor, quorumMember];
    const width = Math.max(...people.map(({ name }) => name.length));
    const lines = people.map(({ name, passphrase }) => `    ${name.padEnd(width)}  ${passphrase}`).join('\n');
    this.#say({ event: 'passphrases', people }, `\nPassphrases, shown this once:\n${lines}`);
  }

  /** `again`: the options of this start, so that the command shown resumes the same. */
  ready(kmas: readonly DemoKma[], again: readonly string[]): void {
    const ms = Math.round(performance.now() - this.#startedMs);
    const told = kmas.map(({ place: { name, data }, locked, listens }) => ({
      kma: name,
      data,
      locked,
      listens,
    }));
    const text = `
ready after ${(ms / 1000).toFixed(1)} s: ${kmas.length === 1 ? 'a KMA' : `${kmas.length} KMAs`}
${linesOf(kmas)}
${portsText(kmas)}
${webText(kmas)}
Try next, in another terminal:
${commands(kmas)
  .map((line) => `    ${line}`)
  .join('\n')}

Ctrl-C ends ${kmas.length === 1 ? 'it' : 'them'}; "npm start${again.length === 0 ? '' : ` -- ${again.map(shellWord).join(' ')}`}" resumes the same data.
${leftText(kmas)}`;
    this.#say({ event: 'ready', ms, kmas: told, again }, text);
  }

  #say(record: object, text: string): void {
    process.stdout.write(this.#json ? `${JSON.stringify(record)}\n` : `${text}\n`);
  }
}

function indented(text: string, first = MARGIN, hanging = MARGIN): string {
  return paragraph(text, terminalColumns(process.stdout), first, hanging).join('\n');
}

/** A line for each, in columns. */
function linesOf(kmas: readonly DemoKma[]): string {
  const rows = kmas.map(({ place: { name, data }, locked, listens }) => {
    const hosts = new Set(listens.map(({ host }) => (isIP(host) === 6 ? `[${host}]` : host)));
    return [
      name,
      [...hosts].join(' and '),
      `${shownData(data)}${locked ? '  LOCKED: it gives no keys' : ''}`,
    ];
  });
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `    ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

/** Where a browser finds the first of them. */
function webText([first]: readonly DemoKma[]): string {
  const place = first?.listens.find(({ service }) => service === 'web');
  if (place === undefined) return '';
  return `
The web Manager: ${originOf(place)}
    log in with a name and a passphrase from above, once the browser has been told to take the
    certificate of this cluster's own CA
`;
}

function portsText([first]: readonly DemoKma[]): string {
  const ports = new Map(first?.listens.map(({ service, port }) => [service, port]));
  const text = [...ports].map(([service, port]) => `${service} ${port}`).join(', ');
  return indented(text, '    ports  ', MARGIN);
}

/** `bin/kma` where the data is where it looks for it by itself. */
function kmaCommand(data: string): string {
  const at = data === `${process.cwd()}/kma-data` ? '' : ` --data ${shellWord(shownData(data))}`;
  return `${ownName('kma')}${at}`;
}

function commands(kmas: readonly DemoKma[]): string[] {
  const [first = '', ...others] = kmas.map(({ place }) => place.data);
  const kma = kmaCommand(first);
  const agent = `${ownName('okm-agent')} --profile ${shellWord(shownData(profileOf(first)))}`;
  return [
    `${kma} status`,
    ...(others.length === 0 ? [] : [`${kma} member list --user officer`]),
    ...(others.length === 0
      ? []
      : [
          `for d in ${kmas.map(({ place }) => shellWord(shownData(place.data))).join(' ')}; do ${ownName('kma')} --data $d state; done`,
        ]),
    `${kma} audit list --limit 10 --user officer`,
    `${agent} encrypt < README.md > README.age`,
    `${agent} decrypt < README.age | diff - README.md && echo equal`,
    `${kma} lock --user officer`,
    `${kma} unlock --user officer`,
  ];
}

/** What is there of all that a first start leaves. */
function leftText(kmas: readonly DemoKma[]): string {
  const all = kmas.map(({ place }) => place.data);
  const [first = ''] = all;
  const beside = [...all.map((data) => `${data}.unlock-key`), `${first}-agent`, `${first}-backup`];
  const agents = existsSync(`${first}-demo.md`) ? [`${shellWord(shownData(first))}-demo*`] : [];
  const names = [...all, ...beside.filter(existsSync)].map((path) => shellWord(shownData(path)));
  return `To start over: rm -r ${[...names, ...agents].join(' ')}`;
}
