/** `okm-agent doctor`: which hop between this machine and each KMA is broken, and what to change. It changes nothing. */
import type { Command } from 'commander';
import { examineAsAgent } from '../doctor/as-agent.ts';
import { DOCTOR_EXIT_CODES, DOCTOR_EXIT_HELP } from '../doctor/examination.ts';
import { examinationText } from '../doctor/examination-text.ts';
import { AgentError } from '../errors.ts';
import { isEnrolled, loadProfile } from '../profile.ts';
import { contextOf, exampleHelp } from './context.ts';
import { offsetPorts, portOffsetOption } from './ports-option.ts';

interface DoctorOptions {
  readonly kma?: string;
  readonly caKey?: string;
  readonly portOffset?: number;
  readonly verbose?: boolean;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'look at each KMA and each port an agent needs, and say which hop is broken and what to change',
    )
    .option('--kma <host>', 'this KMA alone; also where nobody is enrolled')
    .option('--ca-key <sha256>', "the SHA-256 of the root CA's public key, where nobody is enrolled")
    .option(
      '--port-offset <n>',
      'added to every default port; otherwise the ports of the profile',
      portOffsetOption,
    )
    .option('--verbose', 'every step at every port')
    .addHelpText('after', DOCTOR_EXIT_HELP)
    .addHelpText('after', exampleHelp('okm-agent doctor', 'okm-agent doctor --kma 192.0.2.10 --verbose'))
    .action(async (options: DoctorOptions, command: Command) => {
      const { directory, json } = contextOf(command);
      const { kma, caKey, portOffset, verbose = false } = options;
      const enrolled = await isEnrolled(directory);
      if (!enrolled && kma === undefined)
        throw new AgentError('usage', `no agent is enrolled in ${directory}; give --kma`);
      const examined = await examineAsAgent({
        profile: enrolled ? await loadProfile(directory) : null,
        kma,
        caKeySha256: caKey?.toUpperCase(),
        ports: portOffset === undefined ? undefined : offsetPorts(portOffset),
      });
      process.stdout.write(json ? `${JSON.stringify(examined)}\n` : examinationText(examined, verbose));
      process.exitCode = DOCTOR_EXIT_CODES[examined.result];
    });
}
