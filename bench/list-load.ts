/** The calling side of lists, in a process of its own: a manager's computer, which asks one list after the other until told to stop. It measures nothing. */
import { constants, setPriority } from 'node:os';
import type { Session } from '../src/client/log-in.ts';
import { Manager } from '../src/client/manager.ts';
import { ask, type Question, questions } from './list-questions.ts';
import type { HeldKey } from './population.ts';

const TIMEOUT_MS = 120_000;

/** What the questions are made from. */
export interface ListOrder {
  readonly session: Session;
  readonly rows: number;
  readonly held: readonly HeldKey[];
  readonly oldestId: string;
}
export interface ListsAsked {
  readonly lists: number;
}
/** An order is answered when it is understood, `go` when it was stopped. */
export type ToListLoad = ListOrder | { readonly go: true } | { readonly stop: true };

/** That computer is another one: what its work takes here is not to be taken from the agents whose calls are measured. */
setPriority(constants.priority.PRIORITY_LOW);

let stopped = false;
let manager: Manager | null = null;
let asked: readonly Question[] = [];
/** Goes on where it was stopped, so that every question comes up. */
let number = 0;

async function run(asker: Manager): Promise<ListsAsked> {
  let lists = 0;
  for (stopped = false; !stopped; number += 1) {
    const question = asked[number % asked.length];
    if (question === undefined) throw new Error('there is nothing to ask');
    await ask(asker, question, 1);
    lists += 1;
  }
  return { lists };
}

process.on('message', async (message: ToListLoad) => {
  if ('stop' in message) stopped = true;
  else if ('go' in message) {
    if (manager !== null) process.send?.(await run(manager));
  } else {
    manager = new Manager(message.session, { timeoutMs: TIMEOUT_MS, retries: 0, waitMs: 0 });
    asked = questions(message.rows, message.held, message.oldestId);
    process.send?.({ lists: 0 } satisfies ListsAsked);
  }
});
process.on('disconnect', () => process.exit(0));
