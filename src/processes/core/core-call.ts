/** What the core is asked and answers. It asks nothing itself. */
import type { ProofRole } from '@openkma/protocol';
import type { Fingerprint } from '../../core/ids.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Claim } from '../../operations/identify.ts';
import type { Credential, Origin } from '../../operations/operation.ts';

/** The origin of what nobody asked for. */
export const APPLIANCE: Origin = { service: 'local', address: '', localAddress: '', fingerprint: null };

export interface CoreCall {
  readonly operation: string;
  readonly input: unknown;
  readonly origin: Origin;
  readonly claim: Claim;
  /** The name a caller gives who has proven nothing yet; for the audit record. */
  readonly claimedName?: string;
  /** As what he gives that name; an agent where nothing is said. */
  readonly claimedRole?: ProofRole;
  readonly quorum?: readonly Credential[];
  /** In their place, for a caller over the network: sealed by the client of the session with this key. */
  readonly sealedQuorum?: { readonly keySha256: Fingerprint; readonly box: Uint8Array };
  /** With too few credentials the operation waits for approval where it can; else it is refused. */
  readonly mayPend?: boolean;
  /** A page of a browser asks by itself, which is no use of its user's session. */
  readonly unattended?: boolean;
  /** The version that the caller has read of what he changes, or "*". */
  readonly ifMatch?: string;
  /** Keep the answer under the caller's key for this request, in the transaction of its facts. */
  readonly keep?: { readonly userId: string; readonly key: string; readonly requestSha256: string };
  /** Told of long work. */
  readonly progress?: (done: number, total: number, text: string) => void;
}
export interface Answered {
  readonly output: unknown;
  /** Of the thing that was shown or changed. */
  readonly version?: string;
  /** Nothing was done but put aside under this ID. */
  readonly pending?: string;
  /** It is being done under this ID. */
  readonly job?: string;
}
export type CoreAnswer = Answered | Refusal;
