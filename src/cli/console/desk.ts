/** What all of the console shares: who sits there, at which KMA, and how answers and refusals are shown. It decides nothing. */
import type { Refusal } from '../../core/refusal.ts';
import { printableLines } from '../cell-text.ts';
import { type Advise, refusalText } from '../output.ts';
import { asText } from '../text-layout.ts';
import type { Keyboard, Left } from './keyboard.ts';
import type { ConsoleSession } from './session.ts';

export interface Desk {
  readonly keyboard: Keyboard;
  readonly dataDirectory: string;
  /** Name of the KMA. */
  readonly kma: string;
  readonly session: ConsoleSession;
  readonly advise: Advise;
  /** Commands in a text, as they can be typed here. */
  readonly inOwnWords: (text: string) => string;
}

/** What follows an entry of the menu: the menu again; the end of the log-in, by whom it is or of which he knows; the end of the console. */
export type Outcome = 'menu' | 'log-out' | 'logged-out' | 'over' | Left;

export function sayRefusal(
  { keyboard: { terminal }, advise }: Pick<Desk, 'keyboard' | 'advise'>,
  { refused, detail }: Refusal,
): void {
  terminal.dropTypedAhead();
  for (const line of printableLines(refusalText(refused, detail, advise)).split('\n'))
    terminal.say(line.trim(), line.startsWith(' ') ? undefined : 'red', line.startsWith(' ') ? '  ' : '');
}

/** As a command prints it. */
export function sayOutput({ keyboard: { terminal } }: Pick<Desk, 'keyboard'>, output: unknown): void {
  for (const line of asText(output, terminal.columns).trimEnd().split('\n')) terminal.sayWhole(line);
}
