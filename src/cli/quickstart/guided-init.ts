/** "kma init" on a terminal: leads through the dialogue of QuickStart, then sets the KMA up. Until the summary is confirmed it makes nothing. */
import { networkInterfaces } from 'node:os';
import { assertFreePlace } from '../../setup/new-data-directory.ts';
import { EXIT } from '../exit-codes.ts';
import { setUp } from '../init-command.ts';
import { ask } from './ask.ts';
import { BEGINNING, type Dialogue, type OtherMode } from './moves.ts';
import type { Answers, Surroundings } from './questions.ts';
import { requestOf } from './request.ts';
import { Terminal } from './terminal.ts';
import { type Made, sayNextCommands, sayWhatToWriteDown } from './words.ts';

/** The exit code, or which of the other modes was wanted; nothing is made then. */
export async function guidedInit(dataDirectory: string): Promise<number | OtherMode> {
  // Before anybody has typed anything.
  const place = assertFreePlace(dataDirectory);
  const terminal = new Terminal(process.stdin, process.stdout);
  try {
    const dialogue = await converse(terminal, place);
    if (dialogue.place.at === 'left') {
      terminal.say('Left. Nothing was made.');
      return EXIT.left;
    }
    if (dialogue.place.at === 'join' || dialogue.place.at === 'restore') return dialogue.place.at;
    const made = await make(terminal, place, dialogue.answers);
    sayWhatToWriteDown(terminal, made);
    sayNextCommands(terminal, made);
    return EXIT.ok;
  } finally {
    terminal.close();
  }
}

const ENDS: ReadonlySet<string> = new Set(['confirmed', 'left', 'join', 'restore']);

async function converse(terminal: Terminal, dataDirectory: string): Promise<Dialogue> {
  let dialogue = BEGINNING;
  let before: Dialogue | null = null;
  while (!ENDS.has(dialogue.place.at)) {
    const asked: Dialogue = dialogue;
    dialogue = await ask(terminal, { dataDirectory, dialogue, before, surroundings: surroundings() });
    before = asked;
  }
  return dialogue;
}

function surroundings(): Surroundings {
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address);
  return { nowMs: Date.now(), machineAddresses: addresses };
}

async function make(terminal: Terminal, dataDirectory: string, answers: Answers): Promise<Made> {
  terminal.sayWhole('');
  terminal.say('Setting up the KMA:', 'bold');
  const startedMs = performance.now();
  const request = {
    ...requestOf(answers),
    dataDirectory,
    step: (text: string) => terminal.say(text, undefined, '  '),
  };
  const made = await terminal.whileWorking(
    () => setUp(request),
    () => leaveAtWork(terminal),
  );
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  terminal.say(`done in ${seconds} s: ${dataDirectory}`, undefined, '  ');
  return { ...made, dataDirectory, answers };
}

/** Ending the process removes what was begun; nothing is in its place yet. */
function leaveAtWork(terminal: Terminal): void {
  terminal.close();
  terminal.say('Left. Nothing was made.');
  process.exit(EXIT.left);
}
