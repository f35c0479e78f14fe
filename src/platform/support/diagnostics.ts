/** What the support shell can be asked: a closed list of words, each a look at this machine and this KMA. No command takes a path, changes anything, or shows what is in the store. */
import type { SupportAnswer } from './question-socket.ts';

export interface DiagnosticTools {
  /** By word. */
  readonly looks: Readonly<Record<string, Look>>;
  readonly welcome: string;
}
export interface Look {
  readonly summary: string;
  show(): Promise<string> | string;
}

/** `known`: what the audit is told of it; null for what is no command of anybody. */
export interface Judged {
  readonly known: string | null;
  readonly answer: () => Promise<SupportAnswer>;
}

const LEAVING = ['exit', 'quit', 'logout'];

export function judge(line: string, { looks, welcome }: DiagnosticTools): Judged {
  const word = line.trim();
  if (word === 'welcome')
    return { known: null, answer: async () => ({ text: `${welcome}\n${help(looks)}` }) };
  if (word === 'help' || word === '?') return { known: 'help', answer: async () => ({ text: help(looks) }) };
  if (LEAVING.includes(word)) return { known: 'exit', answer: async () => ({ text: '', end: true }) };
  const look = Object.hasOwn(looks, word) ? looks[word] : undefined;
  if (look === undefined) return { known: null, answer: async () => ({ text: UNKNOWN, failed: true }) };
  return { known: word, answer: () => shown(look) };
}

const UNKNOWN = 'No such command. Commands are single words; "help" lists them.\n';

async function shown(look: Look): Promise<SupportAnswer> {
  try {
    return { text: withoutControls(await look.show()) };
  } catch (error) {
    return { text: withoutControls(`Not to be seen: ${String(error)}\n`), failed: true };
  }
}

function help(looks: Readonly<Record<string, Look>>): string {
  const rows = [
    ...Object.entries(looks).map(([word, { summary }]) => [word, summary]),
    ['help', 'this list'],
    ['exit', 'ends the session'],
  ];
  return rows.map(([word = '', summary]) => `  ${word.padEnd(11)}${summary}\n`).join('');
}

/** Names in what is shown were chosen by others; they steer no terminal. */
function withoutControls(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
