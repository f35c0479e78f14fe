/** "npm start": a demonstration cluster on this machine, from nothing to a file that is read though the KMA which gave its key was killed; the KMAs then stay and serve. It sets up nothing that "kma" could not. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { PORT_OFFSET_MAX } from '../ports.ts';
import { listItems } from './choice.ts';
import { ADMITTERS_EXAMPLE, admittersOf, askAdmitters } from './demo/admitters.ts';
import { DemoCluster } from './demo/cluster.ts';
import { firstStart } from './demo/first-start.ts';
import type { Admitters } from './demo/people.ts';
import { everyData, KMAS_MAX, type PlaceOptions, placesOf } from './demo/places.ts';
import { resume } from './demo/resume.ts';
import { DemoTalk } from './demo/talk.ts';
import { isFirstStart } from './demo/unfinished.ts';
import { type Advise, runCommand } from './output.ts';
import { withOwnName } from './own-name.ts';
import { untilSignal } from './serve-command.ts';
import { shellWord } from './shell-word.ts';
import { usageAdvice } from './usage-advice.ts';
import { integerOf } from './whole-number.ts';

interface Options extends PlaceOptions {
  readonly data: string;
  readonly fronts?: number;
  readonly portOffset: number;
  readonly answers?: string;
  readonly json?: boolean;
  readonly once?: boolean;
}

const program = new Command('npm start --')
  .description('runs a demonstration cluster; the first start sets it up and shows its main job')
  .option('--kmas <n>', `how many KMAs: 1 to ${KMAS_MAX} (default: ${KMAS_MAX})`, integerOf(1, KMAS_MAX))
  .option(
    '--data <directory>',
    'data directory of the first; those of the others lie beside it',
    './kma-data',
  )
  .option(
    '--listen <addresses>',
    'an address for each KMA, with commas, IPv4 or IPv6 (default: 127.0.0.11,127.0.0.12,127.0.0.13)',
    listItems,
  )
  .option('--management-address <address>', 'address of the first on the management network')
  .option('--service-address <address>', 'address of the first on the service network')
  .option('--fronts <n>', 'front processes of each (default: the CPUs, divided)', integerOf(1, 64))
  .option('--port-offset <n>', 'added to every port', integerOf(0, PORT_OFFSET_MAX), 0)
  .option('--answers <file>', 'who lets further KMAs into a cluster that is there; asked for otherwise')
  .option('--once', 'end after the demonstration instead of serving on')
  .option('--json', 'one JSON object a line, for programs')
  .configureOutput({ outputError: () => undefined })
  .exitOverride()
  .addHelpText(
    'after',
    `\nExample:\n  npm start -- --data /tmp/demo --listen ::1\n\nThe answers file:\n${JSON.stringify(ADMITTERS_EXAMPLE, null, 2)}\n`,
  );

async function main(options: Options): Promise<void> {
  const interrupted = new AbortController();
  const signal = untilSignal();
  const data = resolve(options.data);
  const isFirst = isFirstStart(everyData(data));
  const after = isFirst ? '; the next start begins anew, since this one was not complete' : '';
  signal.then((name) => interrupted.abort(new Error(`ended by ${name}${after}`)));
  const talk = new DemoTalk(options.json === true, interrupted.signal);
  const [first, ...others] = placesOf(data, options);
  if (first === undefined) throw new Error('there is no place for a KMA');
  const { portOffset, fronts = Math.max(1, Math.floor(availableParallelism() / (1 + others.length))) } =
    options;
  const cluster = new DemoCluster({ portOffset, fronts, log: (line) => talk.log(line) });
  const run = { talk, cluster, first, others, portOffset, interrupted: interrupted.signal };
  try {
    if (isFirst) await firstStart(run);
    else await resume(run, (what) => admitters(options, what), laterCommand());
    talk.ready(cluster.kmas, optionsAgain());
    if (options.once !== true) await serveOn(talk, cluster, signal);
  } catch (error) {
    // What was under way says only that it was broken off.
    throw interrupted.signal.aborted ? interrupted.signal.reason : error;
  } finally {
    await cluster.stop();
  }
  talk.log('ended');
}

/** Until a signal comes, or none of the KMAs runs any more. */
async function serveOn(talk: DemoTalk, cluster: DemoCluster, signal: Promise<NodeJS.Signals>): Promise<void> {
  let over = false;
  for (const { place, ended } of cluster.kmas)
    ended.then((how) => {
      if (!over) talk.log(`${place.name} ${how}; the next start has it again`);
    });
  const name = await Promise.race([signal, cluster.ended()]);
  over = true;
  if (name === undefined) throw new Error('none of the KMAs runs any more');
  talk.log(`${name}: ending`);
}

async function admitters({ answers, json }: Options, what: string): Promise<Admitters | null> {
  if (answers !== undefined) return admittersOf(answers);
  return json !== true && process.stdin.isTTY === true ? askAdmitters(what) : null;
}

/** The options of this start that another one needs, too. */
function optionsAgain(): string[] {
  const words = process.argv.slice(2);
  return words.filter(
    (word, index) =>
      word !== '--once' &&
      word !== '--answers' &&
      words[index - 1] !== '--answers' &&
      !word.startsWith('--answers='),
  );
}

function laterCommand(): string {
  return `npm start -- ${[...optionsAgain().map(shellWord), '--answers FILE'].join(' ')} ("npm start -- --help" shows the file)`;
}

program.action(main);
const advise: Advise = (code, advice) => {
  if (code === 'USAGE') return usageAdvice(program, process.argv.slice(2));
  return withOwnName(
    advice,
    program.getOptionValueSource('data') === 'cli' ? resolve(program.opts<Options>().data) : null,
  );
};
await runCommand(process.argv.includes('--json'), () => program.parseAsync(), advise, 0);
