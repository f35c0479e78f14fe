/** The files of an enrolled agent: who it is, where its KMAs are, its certificate; it never talks to a KMA. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { AGENT_ID_BYTES, caKeySha256 } from '@openkma/protocol';
import { z } from 'zod';
import { normalAddress } from './address.ts';
import type { Credentials, Ports } from './enrolment.ts';
import { AgentError } from './errors.ts';
import {
  exists,
  makePrivateDirectory,
  readPrivateFile,
  replaceDirectory,
  requirePrivateDirectory,
  writePrivateFile,
} from './private-files.ts';
import { TLS_MINIMUMS, type TlsMinimum } from './transport.ts';

export interface Settings {
  readonly timeoutMs: number;
  /** How many more attempts follow a failed one: 0 none, -1 without limit. */
  readonly failoverLimit: number;
  /** Discovery is repeated before a call after this time; 0: no discovery, no balancing, keys not wrapped (protocol 7). */
  readonly discoveryFrequencyMs: number;
  readonly minimumTls: TlsMinimum;
}
export const DEFAULT_SETTINGS: Settings = {
  timeoutMs: 10_000,
  failoverLimit: 3,
  discoveryFrequencyMs: 10_000,
  minimumTls: '1.2',
};

export interface ProfileData {
  readonly agentId: string;
  /** The address that was given at enrolment. */
  readonly address: string;
  readonly ports: Ports;
  readonly settings: Settings;
}
export interface Profile extends ProfileData, Credentials {
  readonly directory: string;
  /** SHA-256 of the root CA's public key, upper-case hex: a later enrolment refuses another one. It survives a renewed certificate. */
  readonly caKeySha256: string;
}

const FORMAT = 1;
const TIMEOUT_MS_MAX = 3_600_000;
const port = z.int().min(1).max(65_535);
const profileSchema = z.strictObject({
  format: z.literal(FORMAT),
  agentId: z.string().refine(isAgentId),
  address: z.string().refine((address) => normalAddress(address) === address),
  ports: z.strictObject({ ca: port, certificate: port, agent: port, discovery: port }),
  settings: z.strictObject({
    timeoutMs: z.int().min(1).max(TIMEOUT_MS_MAX),
    failoverLimit: z.int().min(-1).max(1_000_000),
    discoveryFrequencyMs: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
    minimumTls: z.enum(TLS_MINIMUMS),
  }),
  /** Missing in profiles of before it was kept: then it is that of their root CA. */
  caKeySha256: z
    .string()
    .regex(/^[0-9A-F]{64}$/)
    .optional(),
});

const FILES = {
  profile: 'profile.json',
  ca: 'ca.pem',
  certificate: 'agent.pem',
  privateKey: 'agent.key',
} as const;
/** The last discovery; see cluster-file.ts. */
export const CLUSTER_FILE = 'cluster.json';

/** A name means a directory where profiles are kept; anything with a slash, and ".", is the directory itself. */
export function profileDirectory(nameOrDirectory: string): string {
  if (nameOrDirectory.includes('/') || nameOrDirectory === '.' || nameOrDirectory === '..')
    return resolve(nameOrDirectory);
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(nameOrDirectory))
    throw new AgentError(
      'usage',
      `"${nameOrDirectory}" is neither a profile name nor a directory (with a slash)`,
    );
  return namedProfile(nameOrDirectory);
}

/** Below $XDG_CONFIG_HOME where that is set, unless the profile is below home already, where it was made before. */
function namedProfile(name: string): string {
  const atHome = join(homedir(), '.okm-agent', name);
  const base = process.env['XDG_CONFIG_HOME'];
  if (base === undefined || base === '' || existsSync(atHome)) return atHome;
  return join(base, 'okm-agent', name);
}

export function isAgentId(text: string): boolean {
  const bytes = Buffer.byteLength(text, 'utf8');
  return bytes > 0 && bytes <= AGENT_ID_BYTES;
}

export async function isEnrolled(directory: string): Promise<boolean> {
  return await exists(join(directory, FILES.profile));
}

export async function loadProfile(directory: string): Promise<Profile> {
  if (!(await isEnrolled(directory)))
    throw new AgentError('failure', `no agent is enrolled in ${directory}; begin with: okm-agent enroll`);
  await requirePrivateDirectory(directory);
  const file = (name: string) => readPrivateFile(join(directory, name));
  const { format: _, ...data } = parsed(await file(FILES.profile), join(directory, FILES.profile));
  const [caPem, certificatePem, privateKeyPem] = await Promise.all(
    [FILES.ca, FILES.certificate, FILES.privateKey].map(file),
  );
  if (caPem === undefined || certificatePem === undefined || privateKeyPem === undefined)
    throw new TypeError('three files give three texts');
  const pinned = data.caKeySha256 ?? caKeySha256(caPem);
  return { ...data, caKeySha256: pinned, directory, caPem, certificatePem, privateKeyPem };
}

/** The key that an enrolment in this directory has to find again; null where nobody is enrolled. */
export async function pinnedCaKey(directory: string): Promise<string | null> {
  return (await isEnrolled(directory)) ? (await loadProfile(directory)).caKeySha256 : null;
}

function parsed(text: string, path: string): z.infer<typeof profileSchema> {
  try {
    return profileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new AgentError('failure', `${path} is damaged`, error);
  }
}

/**
 * A place for a profile, made before the passphrase is spent, so that a directory that cannot be written does not cost
 * a one-time passphrase.
 */
export interface StagedProfile {
  save(data: ProfileData, credentials: Credentials): Promise<Profile>;
  discard(): Promise<void>;
}

export async function stageProfile(directory: string): Promise<StagedProfile> {
  await refuseForeignFiles(directory);
  const parent = dirname(directory);
  const staged = join(parent, `.${basename(directory)}-${randomBytes(6).toString('hex')}`);
  await makePrivateDirectory(parent);
  await makePrivateDirectory(staged);
  return {
    async save(data, credentials) {
      const write = (name: string, content: string) => writePrivateFile(join(staged, name), content);
      await write(FILES.ca, credentials.caPem);
      await write(FILES.certificate, credentials.certificatePem);
      await write(FILES.privateKey, credentials.privateKeyPem);
      const kept = { ...data, caKeySha256: caKeySha256(credentials.caPem) };
      await write(FILES.profile, `${JSON.stringify({ format: FORMAT, ...kept }, null, 2)}\n`);
      await replaceDirectory(staged, directory);
      return { ...kept, ...credentials, directory };
    },
    discard: () => rm(staged, { recursive: true, force: true }),
  };
}

/** Enrolment replaces the whole directory, which therefore must hold nothing else. */
async function refuseForeignFiles(directory: string): Promise<void> {
  const own: readonly string[] = [...Object.values(FILES), CLUSTER_FILE];
  const names = (await exists(directory)) ? await readdir(directory) : [];
  const foreign = names.find((name) => !own.includes(name) && !name.endsWith('.new'));
  if (foreign !== undefined)
    throw new AgentError(
      'conflict',
      `${directory} holds other files (${foreign}); give a directory of its own`,
    );
}
