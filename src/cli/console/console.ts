/** The OKM Console on a terminal: banner, log-in, numbered menu, until somebody leaves it. It has no right of its own: whatever is chosen is asked of the KMA as the user who is logged in. */
import { z } from 'zod';
import { isRefusal } from '../../core/refusal.ts';
import { SESSION_MS } from '../../core/user-session.ts';
import { OpenKmaError } from '../../errors.ts';
import type { Role } from '../../operations/operation.ts';
import { VERSION } from '../../version.ts';
import { EXIT } from '../exit-codes.ts';
import { sayChoices } from '../quickstart/words.ts';
import { refused, runAct } from './act.ts';
import { type Desk, type Outcome, sayOutput, sayRefusal } from './desk.ts';
import { sayAdvice } from './form.ts';
import { isLeft, type Left } from './keyboard.ts';
import { logBackIn, sayAddresses } from './log-back-in.ts';
import { type Entry, isSubmenu, menuFor } from './menu.ts';
import { asked, ConsoleSession } from './session.ts';

/** The desk before anybody sits there. */
export type Room = Pick<Desk, 'keyboard' | 'dataDirectory' | 'advise' | 'inOwnWords'>;

const PASSPHRASE_CHARACTERS_MAX = 256;

/** The exit code. Throws where no KMA runs. */
export async function runConsole(room: Room): Promise<number> {
  const { terminal } = room.keyboard;
  for (;;) {
    const kma = await sayBanner(room);
    const session = await logIn(room);
    if (isLeft(session)) return EXIT.left;
    room.keyboard.limit({ idleMs: session.idleMs, endMs: performance.now() + SESSION_MS });
    const outcome = await serve({ ...room, kma, session });
    session.end();
    room.keyboard.limit(null);
    terminal.dropTypedAhead();
    if (outcome === 'over') return EXIT.ok;
    if (isLeft(outcome) && outcome.left === 'gone') return EXIT.left;
    if (outcome === 'log-out') terminal.say(`${session.user} has logged out.`);
    if (isLeft(outcome)) terminal.say(`${session.user} was logged out: no key for too long.`);
  }
}

const bannered = z.looseObject({
  kma: z.string(),
  locked: z.boolean(),
  errorState: z.string(),
  cluster: z.string(),
});

/** Gives the name of the KMA. */
async function sayBanner({ keyboard: { terminal }, dataDirectory, inOwnWords }: Room): Promise<string> {
  const answer = await asked(dataDirectory, { operation: 'ShowStatus', input: {} });
  if (isRefusal(answer)) throw new OpenKmaError(answer.refused, answer.detail);
  const { kma, locked, errorState, cluster } = bannered.parse(answer.output);
  terminal.sayWhole('');
  terminal.say(`OpenKMA ${VERSION}, console of ${kma}`, 'bold');
  const standing = {
    'STOPPED: nobody can log in until the KMA is started again; "kma status" says why.': errorState !== '',
    'LOCKED: agents get no keys until a quorum unlocks it ("kma unlock --user NAME").': locked,
    'LOGGED OUT of its cluster: a Security Officer logs it back in here.': cluster === 'logged-out',
    'REMOVED from its cluster: a Security Officer resets it here.':
      cluster === 'retired' || cluster === 'lost',
  };
  for (const [text, applies] of Object.entries(standing))
    if (applies) terminal.say(inOwnWords(text), 'yellow');
  return kma;
}

/** Until it succeeds or somebody leaves. Wrong passphrases count at the KMA, as everywhere. */
async function logIn(room: Room): Promise<ConsoleSession | Left> {
  const { keyboard, dataDirectory } = room;
  for (;;) {
    const name = await keyboard.line('User ID: ');
    if (isLeft(name)) return name;
    if (name === '') continue;
    const passphrase = await keyboard.secret('Passphrase: ');
    // Back to the name: who typed a wrong one need not leave.
    if (isLeft(passphrase) && passphrase.left === 'back') continue;
    if (isLeft(passphrase)) return passphrase;
    if (passphrase.length === 0 || passphrase.length > PASSPHRASE_CHARACTERS_MAX) {
      passphrase.wipe();
      sayAdvice(keyboard, `a passphrase has 1 to ${PASSPHRASE_CHARACTERS_MAX} characters`);
      continue;
    }
    const session = await keyboard.terminal.whileWorking(
      () => ConsoleSession.logIn(dataDirectory, name, passphrase),
      () => undefined,
    );
    if (!isRefusal(session)) return session;
    if (session.refused === 'NOT_RUNNING') throw new OpenKmaError(session.refused, session.detail);
    sayRefusal(room, session);
  }
}

async function serve(desk: Desk): Promise<Outcome> {
  const { keyboard, session } = desk;
  for (;;) {
    const entries = menuFor(session.roles);
    keyboard.terminal.sayWhole('');
    keyboard.terminal.say(`${session.user} (${session.roles.map(roleText).join(', ')})`, 'bold');
    const entry = await choose(desk, entries);
    if (isLeft(entry)) return entry.left === 'back' ? 'log-out' : entry;
    const outcome = await runEntry(desk, entry);
    if (isLeft(outcome) && outcome.left === 'back') keyboard.terminal.say('Nothing was done.');
    else if (outcome !== 'menu') return outcome;
  }
}

/** A wrong choice is asked for again. */
async function choose<T extends { readonly label: string }>(
  { keyboard }: Desk,
  choices: readonly T[],
): Promise<T | Left> {
  sayChoices(
    keyboard.terminal,
    choices.map(({ label }) => label),
  );
  for (;;) {
    const line = await keyboard.line('Enter your choice: ');
    if (isLeft(line)) return line;
    const chosen = /^\d{1,3}$/.test(line) ? choices[Number(line) - 1] : undefined;
    if (chosen !== undefined) return chosen;
    sayAdvice(keyboard, `a number from 1 to ${choices.length} is needed; Ctrl-C goes back`);
  }
}

async function runEntry(desk: Desk, entry: Entry): Promise<Outcome> {
  if ('does' in entry && entry.does === 'log-out') return 'log-out';
  desk.keyboard.terminal.sayWhole('');
  desk.keyboard.terminal.say(entry.label, 'bold');
  if (!('acts' in entry)) {
    if (entry.does === 'log-back-in') return logBackIn(desk);
    sayAddresses(desk);
    return 'menu';
  }
  if (entry.shows !== undefined) {
    const answer = await desk.session.ask(entry.shows, {});
    if (isRefusal(answer)) return refused(desk, answer);
    sayOutput(desk, answer.output);
  }
  const act = isSubmenu(entry) ? await choose(desk, entry.acts) : entry.acts[0];
  if (act === undefined) return 'menu';
  return isLeft(act) ? act : runAct(desk, act);
}

function roleText(role: Role): string {
  return role
    .split('_')
    .map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`)
    .join(' ');
}
