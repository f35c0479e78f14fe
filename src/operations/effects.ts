/** What an operation changes in the memory of the core once it is committed. It changes nothing itself. */
import type { AgentId, BackupId, Fingerprint } from '../core/ids.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';

/** What is to become of a KMA that is ended. */
export const ENDINGS = ['reboot', 'shut-down', 'reset', 'zeroise'] as const;
export type Ending = (typeof ENDINGS)[number];

/** Changes of memory, carried out by the core only after the commit. */
export type Effect =
  | {
      readonly effect: 'remember-kwk';
      readonly kwkId: string;
      readonly agentId: AgentId;
      readonly kwk: SecretBytes;
    }
  /** What the client of a session seals credentials to. */
  | {
      readonly effect: 'remember-sealing-key';
      readonly fingerprint: Fingerprint;
      readonly privateKey: SecretBytes;
    }
  | { readonly effect: 'unlock'; readonly rootEpochId: string; readonly rootKeyMaterial: SecretBytes }
  /** A KMA was lost. */
  | { readonly effect: 'root-replaced'; readonly rootEpochId: string; readonly rootKeyMaterial: SecretBytes }
  | { readonly effect: 'lock' }
  | { readonly effect: 'set-autonomous-unlock'; readonly enabled: boolean }
  | { readonly effect: 'accept-clock' }
  /** Its local rows have the new offset. */
  | { readonly effect: 'clock-adjusted' }
  | { readonly effect: 'tls-changed' }
  | { readonly effect: 'passphrase-set'; readonly entity: string }
  /** A key left the pool. */
  | { readonly effect: 'key-taken' }
  /** Its size changed, or which of its keys are Ready. */
  | { readonly effect: 'pool-changed' }
  /** Its settings of this KMA: the platform process is told. */
  | { readonly effect: 'platform-changed' }
  /** What the doctor found, with what the core knows: its part of the platform process is told. */
  | { readonly effect: 'doctor-looked'; readonly result: string; readonly at: string }
  /** A secret of this machine stands in no row any more. */
  | { readonly effect: 'secret-forgotten' }
  /** What was restored aside takes the place of this KMA. */
  | { readonly effect: 'restored' }
  /** People at the appliance ended this KMA. */
  | { readonly effect: 'end'; readonly why: Ending }
  /** The files of a backup were fetched and read back. */
  | { readonly effect: 'discard-staged-backup'; readonly backupId: BackupId };
