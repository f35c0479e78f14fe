/** How a single operation of the small world is run: by whom, with which credentials, in which surroundings. It runs none. */
import type { SecretBytes } from '../security/secret-bytes.ts';
import type { AuditRecord } from './audit-record.ts';
import type { DecideContext, PrepareContext, ViewContext } from './contexts.ts';
import type { Caller, Credential } from './operation.ts';

/** Of the options those that `decide` has where they are given. */
export const PASSED = [
  ...(['recentLoad', 'clock', 'members', 'leftAlone', 'performance', 'served'] as const),
  ...(['platformStates', 'lacksRoot', 'auditBegin'] as const),
] as const;
export type Passed = Pick<DecideContext, (typeof PASSED)[number]>;
export interface RunOptions extends Passed {
  readonly platform?: NonNullable<PrepareContext['platform']>;
  readonly caller?: Caller;
  readonly rootKeyMaterial?: SecretBytes;
  readonly approvers?: readonly string[];
  readonly newCredentials?: readonly Credential[];
  /** By which the quorum was judged, where it is not the current key split. */
  readonly quorumKeySplitId?: string;
  readonly audit?: readonly AuditRecord[];
  readonly agentPerformance?: ViewContext['agentPerformance'];
  readonly kmaPerformance?: ViewContext['kmaPerformance'];
  readonly systemMessages?: ViewContext['systemMessages'];
  readonly proofFailures?: ViewContext['proofFailures'];
}
