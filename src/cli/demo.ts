/** "npm start": a demonstration KMA on this machine, from nothing to a decrypted file, which then stays and serves. It sets up nothing that "kma" could not. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { askOrThrow } from './admin-client.ts';
import { demonstrateAgent } from './demo-agent.ts';
import { makeCast, setUpDemonstration } from './demo-setup.ts';
import { DemoTalk } from './demo-talk.ts';
import { initialise } from './init-command.ts';
import { runCommand } from './output.ts';
import { type ServeOptions, serve, untilSignal } from './serve-command.ts';

interface Options extends Omit<ServeOptions, 'log'> {
  readonly json?: boolean;
  readonly once?: boolean;
}

const program = new Command('npm start --')
  .description('runs a demonstration KMA; the first start sets it up and shows its main job')
  .option('--data <directory>', 'data directory', './kma-data')
  .option('--listen <address>', 'address of both networks, IPv4 or IPv6', '127.0.0.1')
  .option('--management-address <address>', 'address of the management network')
  .option('--service-address <address>', 'address of the service network')
  .option('--fronts <n>', 'front processes (default: one for each CPU)', Number)
  .option('--port-offset <n>', 'added to every port', Number, 0)
  .option('--once', 'end after the demonstration instead of serving on')
  .option('--json', 'one JSON object a line, for programs')
  .addHelpText('after', '\nExample:\n  npm start -- --data /tmp/demo --listen ::1\n');

async function main(options: Options): Promise<number> {
  const talk = new DemoTalk(options.json === true);
  const data = resolve(options.data);
  const serviceAddress = options.serviceAddress ?? options.listen ?? '127.0.0.1';
  const first = !existsSync(`${data}/kma.db`);
  talk.title(
    first
      ? `OpenKMA demonstration, first start: a new KMA in ${data}`
      : `OpenKMA demonstration, resuming ${data}`,
  );
  const cast = makeCast();
  if (first)
    await talk.step('QuickStart: root key material split 3 ways, root CA, Security Officer', () =>
      initialise(data, {
        kmaName: 'demo-kma',
        managementAddress: options.managementAddress ?? options.listen ?? '127.0.0.1',
        serviceAddress,
        threshold: 2,
        credentials: cast.keyHolders,
        securityOfficer: cast.officer,
        autonomousUnlock: true,
      }),
    );
  const kma = await talk.step('starting core, reader and fronts', () =>
    serve({ ...options, data, log: (line) => talk.log(line) }),
  );
  let failed = false;
  try {
    if (first) {
      talk.note(
        `autonomous unlocking is ON for this demonstration: its key is in ${data}.unlock-key, beside the data (0600). "kma init" asks, default off.`,
      );
      await setUpDemonstration(talk, data, cast);
      await demonstrateAgent(talk, data, cast, { serviceAddress, portOffset: options.portOffset ?? 0 });
      talk.secrets(cast);
    }
    const status = (await askOrThrow(data, { operation: 'ShowStatus', input: {} })) as { locked?: boolean };
    talk.ready(kma.listens, data, status.locked === true, options.portOffset ?? 0);
    if (options.once !== true)
      talk.log(`${await Promise.race([untilSignal(), kma.ended.then(() => 'end')])}: stopping`);
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    await kma.stop();
    if (!failed) talk.log('stopped');
  }
  return 0;
}

program.action((options: Options) =>
  runCommand(
    () => options.json === true,
    () => main(options),
  ),
);
await program.parseAsync();
