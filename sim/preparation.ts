/** What comes before the commit of an operation: its quorum is judged, and what it needs is made, by deterministic twins. It writes nothing. */
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../src/core/refusal.ts';
import type { MadeBackup, PrepareContext, SecurityTools } from '../src/operations/contexts.ts';
import type { Caller, Operation, Self } from '../src/operations/operation.ts';
import { keySplitFor, quorumOutcome, type SplitsHere } from '../src/operations/pending/quorum-outcome.ts';
import { SecretBytes } from '../src/security/secret-bytes.ts';
import type { Call } from './core.ts';
import { PREPARED } from './prepared.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface PreparationSupport extends Pick<SplitsHere, 'lacking'> {
  readonly self: Self;
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly tools: SecurityTools;
  readonly makeBackup: () => MadeBackup | Refusal;
}

export interface Preparation {
  readonly operation: Operation;
  readonly prepared: unknown;
  /** By which credentials were judged; null where none were asked for. */
  readonly keySplitId: string | null;
}

interface Judged {
  readonly names: readonly string[];
  readonly enough: boolean;
  readonly keySplitId: string;
}

const NO_QUORUM: Judged = { names: [], enough: false, keySplitId: '' };
const namesOfSplit = z.array(z.string());

export async function prepare(
  support: PreparationSupport,
  operation: Operation,
  input: unknown,
  call: Call,
  caller: Caller,
  unlocked: boolean,
): Promise<Preparation | Refusal> {
  if (operation.quorum === false) {
    const prepared = await run(support, operation, input, caller, unlocked, NO_QUORUM, []);
    return isRefusal(prepared) ? prepared : { operation, prepared, keySplitId: null };
  }
  const judged = judge(support, operation, call.credentials ?? []);
  if (isRefusal(judged)) return judged;
  const outcome = quorumOutcome(operation, call.input, judged, true);
  if (isRefusal(outcome)) return outcome;
  const made = call.newCredentials ?? [];
  const prepared = await run(support, outcome.operation, input, caller, unlocked, judged, made);
  if (isRefusal(prepared)) return prepared;
  return { operation: outcome.operation, prepared, keySplitId: judged.keySplitId };
}

/** Whoever's name is in the key split that counts has the right passphrase; one wrong name and none counts. */
function judge(
  support: PreparationSupport,
  operation: Operation,
  names: readonly string[],
): Judged | Refusal {
  const split = keySplitFor(support, operation);
  if (split?.objectId == null || support.store.getObject(split.objectId) === undefined)
    return refuse('CORE_SECURITY_NOT_FOUND');
  const known = namesOfSplit.parse(JSON.parse(split.namesJson ?? '[]'));
  if (names.some((name) => !known.includes(name))) return refuse('QUORUM_NOT_MET');
  return { names, enough: names.length >= (split.threshold ?? 1), keySplitId: split.id };
}

async function run(
  { store, self, clock, random, tools, makeBackup }: PreparationSupport,
  operation: Operation,
  input: unknown,
  caller: Caller,
  unlocked: boolean,
  judged: Judged,
  newCredentials: readonly string[],
): Promise<unknown> {
  const unused = async (): Promise<never> => {
    throw new Error('nothing is restored over the simulated network');
  };
  const context: PrepareContext = {
    state: store.state,
    self,
    origin: { service: 'local', address: '', localAddress: '', fingerprint: null },
    caller,
    nowMs: clock.wallMs(),
    unlocked,
    random: (bytes) => random.bytes(bytes),
    approvers: judged.names,
    newCredentials: newCredentials.map((name) => ({ name, passphrase: SecretBytes.fromText(name) })),
    filesCredentials: [],
    rootKeyMaterial: judged.enough ? new SecretBytes(new Uint8Array(32)) : null,
    quorumKeySplitId: judged.keySplitId,
    security: tools,
    makeBackup: async () => makeBackup(),
    isScheduledBackup: () => false,
    readBackupPiece: unused,
    restore: { write: unused, files: unused, run: unused },
  };
  const twin = PREPARED[operation.name];
  return twin === undefined ? operation.prepare?.(input, context) : twin(input, context, random);
}
