/** What becomes of an operation that needs a quorum: carried out at once, put aside for approval, or refused. It knows no credential's owner beyond the name. */
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { Caller, Credential, Operation } from '../../operations/operation.ts';
import { type QuorumOutcome, quorumOutcome } from '../../operations/pending/quorum-outcome.ts';
import type { CoreCall } from './core-call.ts';
import type { CoreParts } from './core-parts.ts';
import { type JudgedQuorum, judgeQuorum } from './quorum.ts';

export interface QuorumStep extends QuorumOutcome {
  readonly quorum: JudgedQuorum | null;
  /** Of a key split that is in files. The caller of the step wipes them, and the next ones. */
  readonly filesCredentials: readonly Credential[];
  /** Of a key split that is to be made. */
  readonly newCredentials: readonly Credential[];
}

export async function quorumStep(
  operation: Operation,
  call: CoreCall,
  caller: Caller,
  parts: CoreParts,
): Promise<QuorumStep | Refusal> {
  const none = { filesCredentials: [], newCredentials: [] };
  if (operation.quorum === false) return { operation, quorum: null, ...none, submitted: false };
  const given = credentialsOf(operation, call, parts);
  if (isRefusal(given)) return given;
  if (operation.quorum === 'of files')
    return given.length === 0
      ? refuse('QUORUM_NOT_MET')
      : { operation, quorum: null, ...none, filesCredentials: given, submitted: false };
  const [credentials, newCredentials] = [given.filter((one) => !one.new), given.filter((one) => one.new)];
  // What nobody is to use any more: all of them, until a step takes the new ones.
  let spent = given;
  try {
    if (newCredentials.length > 0 && operation.newKeySplit !== true)
      return refuse('INVALID_PARAMETERS', 'no new key split credentials are asked for');
    const quorum = await judged(operation, credentials, call, caller, parts);
    const step = isRefusal(quorum) ? quorum : outcome(operation, call, quorum, newCredentials);
    if (!isRefusal(step)) spent = credentials;
    return step;
  } finally {
    for (const { passphrase } of spent) passphrase.wipe();
  }
}

function outcome(
  operation: Operation,
  { input, mayPend }: CoreCall,
  quorum: JudgedQuorum,
  newCredentials: readonly Credential[],
): QuorumStep | Refusal {
  const given = { names: quorum.names, enough: quorum.rootKeyMaterial !== null };
  const found = quorumOutcome(operation, input, given, mayPend === true);
  return isRefusal(found) ? found : { ...found, quorum, filesCredentials: [], newCredentials };
}

function credentialsOf(
  operation: Operation,
  { sealedQuorum, quorum, input }: CoreCall,
  { memory }: CoreParts,
): readonly Credential[] | Refusal {
  if (sealedQuorum === undefined) return quorum ?? [];
  return memory.sealingKeys.open(
    sealedQuorum.keySha256,
    { operation: operation.name, input },
    sealedQuorum.box,
  );
}

/** Who stands at the appliance is not slowed: he has passed another door. */
async function judged(
  operation: Operation,
  credentials: readonly Credential[],
  { sealedQuorum }: CoreCall,
  caller: Caller,
  parts: CoreParts,
): Promise<JudgedQuorum | Refusal> {
  const { store, memory, time } = parts;
  if (sealedQuorum === undefined || caller.kind !== 'user') return judgeQuorum(parts, operation, credentials);
  const limit = readSetting(store.state, 'loginAttemptLimit');
  const guess = memory.quorumGuesses.begin(caller.id, limit, time.nowMs());
  if (isRefusal(guess)) return guess;
  const quorum = await judgeQuorum(parts, operation, credentials);
  if (!isRefusal(quorum) || quorum.refused !== 'QUORUM_NOT_MET') guess();
  return quorum;
}
