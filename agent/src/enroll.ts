/** Enrolment from passphrase to profile on disk; a failure leaves an earlier profile as it was. */
import { requireAddress } from './address.ts';
import { DEFAULT_PORTS, type EnrolmentProof, obtainCredentials, type Ports } from './enrolment.ts';
import { AgentError } from './errors.ts';
import {
  DEFAULT_SETTINGS,
  isAgentId,
  isEnrolled,
  type Profile,
  pinnedCaKey,
  type Settings,
  stageProfile,
} from './profile.ts';

export interface EnrollOptions {
  /** Where the profile will be. */
  readonly directory: string;
  readonly agentId: string;
  /** A KMA: a name, an IPv4 address, or an IPv6 address in brackets. */
  readonly address: string;
  /** As UTF-8 bytes; the caller wipes them. */
  readonly passphrase: Uint8Array;
  readonly ports?: Partial<Ports>;
  readonly settings?: Partial<Settings>;
  /** Take the place of an agent that is enrolled in this directory already. */
  readonly replace?: boolean;
  /**
   * SHA-256 of the root CA's public key as hex, where it is known otherwise ("kma root-ca show"); it takes the place of the one
   * that the profile pinned at its first enrolment.
   */
  readonly caKeySha256?: string;
  /** The modern proof, unless told otherwise: `legacyProof` for KMAs that do not know it. */
  readonly proof?: EnrolmentProof;
}

export async function enroll(options: EnrollOptions): Promise<Profile> {
  const { directory, agentId, passphrase, replace = false, proof } = options;
  if (!isAgentId(agentId)) throw new AgentError('usage', 'an agent ID has 1 to 64 bytes');
  if (passphrase.length === 0) throw new AgentError('usage', 'the passphrase is empty');
  if (!replace && (await isEnrolled(directory)))
    throw new AgentError(
      'conflict',
      `an agent is enrolled in ${directory} already; --replace puts this one in its place`,
    );
  const pinned =
    options.caKeySha256 === undefined ? await pinnedCaKey(directory) : keyHash(options.caKeySha256);
  const address = requireAddress(options.address);
  const ports = { ...DEFAULT_PORTS, ...options.ports };
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const staged = await stageProfile(directory);
  try {
    const request = { agentId, address, ports, passphrase, ...settings, pinnedCaKey: pinned };
    return await staged.save({ agentId, address, ports, settings }, await obtainCredentials(request, proof));
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** As people copy it: in any letter case, with or without colons. */
function keyHash(text: string): string {
  const digits = text.replaceAll(':', '').toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits))
    throw new AgentError('usage', 'the SHA-256 of a root CA key has 64 hex digits');
  return digits;
}
