/** "npm start": a demonstration KMA on this machine, from nothing to a decrypted file, which then stays and serves. It sets up nothing that "kma" could not. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { PORT_OFFSET_MAX } from '../ports.ts';
import type { RunningKma } from '../processes/supervisor.ts';
import { askOrThrow } from './admin-client.ts';
import { demonstrateAgent } from './demo-agent.ts';
import { isFirstStart, markFinished, markUnfinished } from './demo-first-start.ts';
import { makeCast, setUpDemonstration } from './demo-setup.ts';
import { DemoTalk } from './demo-talk.ts';
import { initialise } from './init-command.ts';
import { type Advise, runCommand } from './output.ts';
import { withOwnName } from './own-name.ts';
import { checkPorts, type ServeOptions, serve, untilSignal } from './serve-command.ts';
import { usageAdvice } from './usage-advice.ts';
import { integerOf } from './whole-number.ts';

interface Options extends Omit<ServeOptions, 'log'> {
  readonly json?: boolean;
  readonly once?: boolean;
  readonly portOffset: number;
}

const program = new Command('npm start --')
  .description('runs a demonstration KMA; the first start sets it up and shows its main job')
  .option('--data <directory>', 'data directory', './kma-data')
  .option('--listen <address>', 'address of both networks, IPv4 or IPv6', '127.0.0.1')
  .option('--management-address <address>', 'address of the management network')
  .option('--service-address <address>', 'address of the service network')
  .option('--fronts <n>', 'front processes (default: one for each CPU)', integerOf(1, 64))
  .option('--port-offset <n>', 'added to every port', integerOf(0, PORT_OFFSET_MAX), 0)
  .option('--once', 'end after the demonstration instead of serving on')
  .option('--json', 'one JSON object a line, for programs')
  .configureOutput({ outputError: () => undefined })
  .exitOverride()
  .addHelpText('after', '\nExample:\n  npm start -- --data /tmp/demo --listen ::1\n');

async function main(options: Options): Promise<void> {
  const interrupted = new AbortController();
  const signal = untilSignal();
  signal.then((name) =>
    interrupted.abort(
      new Error(`ended by ${name}; the next start begins anew, since this one was not complete`),
    ),
  );
  const talk = new DemoTalk(options.json === true, interrupted.signal);
  const data = resolve(options.data);
  const first = isFirstStart(data);
  talk.title(
    first
      ? `OpenKMA demonstration, first start: a new KMA in ${data}`
      : `OpenKMA demonstration, resuming ${data}`,
  );
  const cast = makeCast();
  if (first) {
    await checkPorts(options);
    await quickStart(talk, data, options, cast);
  }
  const served = async (demonstrate: () => Promise<void>): Promise<boolean> => {
    const kma = await talk.step('starting core, reader and fronts', () =>
      serve({ ...options, data, log: (line) => talk.log(line) }),
    );
    try {
      await demonstrate();
      await serveOn(talk, kma, data, options, signal);
    } finally {
      await kma.stop();
    }
    return kma.restored();
  };
  let restored = await served(async () => {
    if (!first) return;
    await setUpDemonstration(talk, data, cast);
    await demonstrateAgent(talk, data, cast, placeOf(options), interrupted.signal);
    talk.secrets(cast);
    markFinished(data);
  });
  // As "kma serve" does: what was restored over the network serves in the place of what it was restored by.
  while (restored && !interrupted.signal.aborted) restored = await served(async () => undefined);
  talk.log('stopped');
}

const placeOf = ({ serviceAddress, listen, portOffset }: Options) => ({
  serviceAddress: serviceAddress ?? listen ?? '127.0.0.1',
  portOffset,
});

async function quickStart(
  talk: DemoTalk,
  data: string,
  options: Options,
  cast: ReturnType<typeof makeCast>,
): Promise<void> {
  await talk.step('QuickStart: root key material split 3 ways, root CA, Security Officer', async () => {
    await initialise(data, {
      kmaName: 'demo-kma',
      managementAddress: options.managementAddress ?? options.listen ?? '127.0.0.1',
      serviceAddress: placeOf(options).serviceAddress,
      threshold: 2,
      credentials: cast.keyHolders,
      securityOfficer: cast.officer,
      autonomousUnlock: true,
    });
    markUnfinished(data);
  });
  talk.note(
    `autonomous unlocking is ON for this demonstration: its key is in ${data}.unlock-key, beside the data (0600). With "kma init" it is off unless asked for.`,
  );
}

async function serveOn(
  talk: DemoTalk,
  kma: RunningKma,
  data: string,
  { once }: Options,
  signal: Promise<NodeJS.Signals>,
): Promise<void> {
  const status = (await askOrThrow(data, { operation: 'ShowStatus', input: {} })) as { locked?: boolean };
  talk.ready(
    kma.listens,
    data,
    status.locked === true,
    process.argv.slice(2).filter((word) => word !== '--once'),
  );
  if (once === true) return;
  const why = await Promise.race([signal, kma.ended]);
  if (why !== undefined) talk.log(`${why}: stopping`);
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
