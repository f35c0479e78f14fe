/** `okm-agent enroll`: from a passphrase to a profile on disk; the passphrase never comes from the command line. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { enroll } from '../enroll.ts';
import { DEFAULT_PORTS, type Ports } from '../enrolment.ts';
import { legacyProof } from '../legacy-proof.ts';
import { modernProof } from '../modern-proof.ts';
import { DEFAULT_SETTINGS } from '../profile.ts';
import { TLS_MINIMUMS, type TlsMinimum } from '../transport.ts';
import { contextOf, exampleHelp, numberBetween } from './context.ts';
import { readPassphrase } from './passphrase.ts';
import { offsetPorts, PORT_MAX, portOffsetOption } from './ports-option.ts';

interface EnrollCommandOptions {
  readonly kma: string;
  readonly agent: string;
  readonly passphraseFile?: string;
  readonly replace?: boolean;
  readonly legacy?: boolean;
  readonly caKey?: string;
  readonly minimumTls: TlsMinimum;
  readonly discoveryFrequency: number;
  readonly portOffset: number;
  readonly caPort?: number;
  readonly certificatePort?: number;
  readonly agentPort?: number;
  readonly discoveryPort?: number;
}

const port = numberBetween(1, PORT_MAX, true);

export function addEnrollCommand(program: Command): void {
  program
    .command('enroll')
    .description('prove the passphrase to a KMA and keep the certificate it gives in the profile')
    .requiredOption('--kma <host>', 'a KMA: name, IPv4 address, or IPv6 address in brackets')
    .requiredOption('--agent <id>', 'the agent ID that the operator created')
    .option(
      '--passphrase-file <file>',
      'its first line is the passphrase; "-" or no terminal: standard input',
    )
    .option('--replace', 'take the place of the agent enrolled in this profile')
    .option('--legacy', 'prove the passphrase with SHA-1, to KMAs that do not know the modern proof')
    .option(
      '--ca-key <sha256>',
      'the SHA-256 of the root CA\'s public key, from "kma root-ca show"; without it the first one seen is pinned',
    )
    .addOption(
      new Option('--minimum-tls <version>', 'below 1.2 for old KMAs only: weak ciphers and SHA-1')
        .choices([...TLS_MINIMUMS])
        .default(DEFAULT_SETTINGS.minimumTls),
    )
    .option(
      '--discovery-frequency <seconds>',
      'ask for the members of the cluster again after this time; 0: never, and keys come unwrapped inside TLS',
      numberBetween(0, 86_400, false),
      DEFAULT_SETTINGS.discoveryFrequencyMs / 1000,
    )
    .option('--port-offset <n>', 'added to every default port, as "kma serve" has it', portOffsetOption, 0)
    .option('--ca-port <port>', `CA service (default: ${DEFAULT_PORTS.ca})`, port)
    .option('--certificate-port <port>', `Certificate service (default: ${DEFAULT_PORTS.certificate})`, port)
    .option('--agent-port <port>', `Agent service (default: ${DEFAULT_PORTS.agent})`, port)
    .option('--discovery-port <port>', `Discovery service (default: ${DEFAULT_PORTS.discovery})`, port)
    .addHelpText(
      'after',
      `\nThe ports and the settings, --timeout and --failover-limit too, are kept in the profile.\n${exampleHelp(
        'okm-agent enroll --kma 192.0.2.10 --agent backup-server --ca-key SHA256 --passphrase-file passphrase.txt',
      )}`,
    )
    .action(async (options: EnrollCommandOptions, command: Command) => await run(options, command));
}

async function run(options: EnrollCommandOptions, command: Command): Promise<void> {
  const { directory, output, settings } = contextOf(command);
  const passphrase = await readPassphrase(options.passphraseFile);
  try {
    const profile = await enroll({
      directory,
      agentId: options.agent,
      address: options.kma,
      passphrase,
      replace: options.replace ?? false,
      proof: options.legacy === true ? legacyProof : modernProof,
      ...(options.caKey === undefined ? {} : { caKeySha256: options.caKey }),
      ports: portsOf(options),
      settings: {
        ...settings,
        minimumTls: options.minimumTls,
        discoveryFrequencyMs: Math.round(options.discoveryFrequency * 1000),
      },
    });
    output.record({
      agentId: profile.agentId,
      kma: profile.address,
      profile: profile.directory,
      caKeySha256: profile.caKeySha256,
    });
    if (options.caKey === undefined)
      output.say('compare caKeySha256, which is pinned now, with what "kma root-ca show" says at the KMA');
  } finally {
    passphrase.fill(0);
  }
}

/** A single port that was given goes before the offset. */
function portsOf(options: EnrollCommandOptions): Ports {
  const ports = offsetPorts(options.portOffset);
  return {
    ca: options.caPort ?? ports.ca,
    certificate: options.certificatePort ?? ports.certificate,
    agent: options.agentPort ?? ports.agent,
    discovery: options.discoveryPort ?? ports.discovery,
  };
}
