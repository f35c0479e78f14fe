/** Carries out one act of the menu: says what it does and what is lost by it, asks for what it needs, and sends it as the user who is logged in. The KMA says whether he may. */
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import { inputFieldsOf } from '../../operations/input-fields.ts';
import type { Operation } from '../../operations/operation.ts';
import { awaitAftermath, startedAt } from './aftermath.ts';
import { type Desk, type Outcome, sayOutput, sayRefusal } from './desk.ts';
import { askInput, askQuorum, sayAdvice } from './form.ts';
import { isLeft, type Left } from './keyboard.ts';
import { type Act, type Aftermath, operationOf } from './menu.ts';

export async function runAct(desk: Desk, act: Act): Promise<Outcome> {
  const { keyboard, kma } = desk;
  const operation = operationOf(act);
  keyboard.terminal.say(operation.summary);
  if (act.loses !== undefined) keyboard.terminal.say(act.loses, 'yellow');
  const namesKma = inputFieldsOf(operation).some(({ name }) => name === 'kma');
  const input = await askInput(keyboard, operation, namesKma ? { kma } : {});
  if (isLeft(input)) return input;
  const confirmed = await confirm(desk, act, operation);
  if (isLeft(confirmed)) return confirmed;
  if (!confirmed) {
    sayAdvice(keyboard, 'that is not it: nothing was done');
    return 'menu';
  }
  const quorum = operation.quorum ? await askQuorum(keyboard) : [];
  if (isLeft(quorum)) return quorum;
  const before = act.after === undefined ? '' : await startedAt(desk.dataDirectory);
  const answer = await keyboard.terminal.whileWorking(
    () => desk.session.ask(operation.name, input, quorum),
    () => undefined,
  );
  if (isRefusal(answer)) return refused(desk, answer);
  sayOutput(desk, answer.output);
  return act.after === undefined ? 'menu' : afterwards(desk, act.after, before);
}

/** Of what loses something the KMA's name; of what asks for nothing else, and changes something, a word. */
async function confirm(
  { keyboard, kma }: Desk,
  { loses }: Act,
  operation: Operation,
): Promise<boolean | Left> {
  const isAsked = inputFieldsOf(operation).length > 0 || operation.http?.method === 'GET';
  if (loses === undefined && isAsked) return true;
  const wanted = loses === undefined ? 'yes' : kma;
  const typed = await keyboard.line(`Type ${wanted} to go on: `);
  return isLeft(typed) ? typed : typed.normalize('NFC') === wanted;
}

/** A passphrase that counts no more ends the log-in, and who may not any more sees another menu. */
export async function refused(desk: Desk, refusal: Refusal): Promise<Outcome> {
  sayRefusal(desk, refusal);
  if (refusal.refused === 'NOT_RUNNING') return 'logged-out';
  if (refusal.refused === 'AUTHENTICATION_FAILED') {
    desk.keyboard.terminal.say(
      'Your log-in counts no more: your passphrase was changed, or you may not log in.',
    );
    return 'logged-out';
  }
  if (refusal.refused !== 'ACCESS_DENIED') return 'menu';
  const again = await desk.session.lookAgain();
  return again === null ? 'menu' : 'logged-out';
}

const WAITING = {
  reboot: 'Rebooting; Ctrl-C waits no longer.',
  'shut-down': 'Shutting down; Ctrl-C waits no longer.',
  reset: 'Everything is being removed; Ctrl-C waits no longer, and stops nothing.',
} as const satisfies Record<Aftermath, string>;

const HAPPENED = {
  reboot: 'is back.',
  'shut-down': 'has shut down. At this machine "kma serve" starts it.',
  reset: 'is gone. "kma init" sets up a KMA here.',
} as const satisfies Record<Aftermath, string>;

async function afterwards(desk: Desk, after: Aftermath, before: string): Promise<Outcome> {
  const { keyboard, dataDirectory, kma, inOwnWords } = desk;
  const { terminal } = keyboard;
  terminal.say(WAITING[after]);
  const happened = await awaitAftermath(terminal, dataDirectory, { after, before });
  terminal.say(
    inOwnWords(
      `${kma} ${happened ? HAPPENED[after] : 'has not said that it is done: see the log of "kma serve".'}`,
    ),
    'bold',
  );
  return after === 'reboot' ? 'logged-out' : 'over';
}
