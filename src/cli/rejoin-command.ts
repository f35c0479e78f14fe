/** "kma rejoin": a KMA that was logged out of its cluster logs back in, stopped or serving: a quorum agrees, then it proves its new passphrase to a member with the TLS key that it has. Its data stay as they are. */
import { createPublicKey } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { caKeySha256 } from '@openkma/protocol';
import { atMember } from '../client/at-member.ts';
import { enrolledKma } from '../client/enrolled-kma.ts';
import { keySplitAt } from '../core/key-split-standing.ts';
import { isRefusal } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import type { OwnAddresses } from '../operations/entered-addresses.ts';
import type { Credential } from '../operations/operation.ts';
import { ABSENCE_TEXT } from '../operations/outside-cluster.ts';
import { lastKnownAbsence } from '../processes/core/membership.ts';
import { openKeySplit } from '../security/key-split.ts';
import { readIdentity, readTlsKeyPem, type StoredIdentity } from '../setup/local-identity.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { openStore, type Store } from '../store/store.ts';
import { isServing } from './admin-client.ts';
import { passphraseOf } from './init-command.ts';
import { quorumOf } from './join-command.ts';
import { ownLookUp } from './own-look-up.ts';
import { promptPassphrase } from './passphrases.ts';
import { readQuorum } from './quorum.ts';
import { type RejoinAnswers, rejoinAnswersSchema } from './rejoin-answers.ts';
import { trustedPlace } from './trusted-place.ts';

export interface RejoinOptions {
  readonly dataDirectory: string;
  /** Of the member. */
  readonly address: string;
  readonly portOffset: number;
  readonly step: (text: string) => void;
  /** How long a KMA that serves is waited for. */
  readonly connectedMs?: number;
}
export interface Rejoined {
  readonly kma: string;
  readonly serving: boolean;
  /** What the member had written until it was proven to has come here. */
  readonly caughtUp: boolean;
}

const ANSWER_MS = 60_000;
/** Members that were refused are dialled again within ten seconds. */
const CONNECTED_MS = 60_000;
const LOOK_MS = 200;
/** Why a member did not take the passphrase. */
const REFUSED: Readonly<Record<string, string>> = {
  AUTHENTICATION_FAILED: 'does not take the passphrase of this KMA',
  AGENT_APPLIANCE_LOCKED:
    'is locked, or has joined and not caught up yet: unlock it, or wait for a minute; the passphrase is not used up',
};

export async function rejoin(answers: RejoinAnswers, options: RejoinOptions): Promise<Rejoined> {
  const directory = DataDirectory.open(options.dataDirectory);
  const identity = readIdentity(directory);
  const { caPem, provenWith } = reading(directory, (store) => ({
    ...assertMember(store, identity),
    provenWith: provenVerifier(store, identity),
  }));
  const address = await reading(directory, (store) => ownLookUp(store, options.address));
  const known = { caKeySha256: caKeySha256(caPem), timeoutMs: ANSWER_MS, otherwise: 'nothing was changed' };
  const place = await atMember(() => trustedPlace({ ...options, ...known, address }));
  options.step('opening the key split with the quorum');
  await assertQuorum(directory, answers);
  options.step('proving the passphrase of this KMA');
  await prove(directory, identity.kmaName, place, answers);
  const serving = await isServing(directory.path);
  if (serving) options.step('waiting for what the others have written meanwhile');
  const isBack = () => reading(directory, (store) => provenVerifier(store, identity)) !== provenWith;
  const caughtUp = serving && (await within(options.connectedMs ?? CONNECTED_MS, isBack));
  return { kma: identity.kmaName, serving, caughtUp };
}

/** The KMA may serve meanwhile. */
function reading<T>(directory: DataDirectory, read: (store: Store) => T): T {
  const store = openStore({ path: directory.databasePath, mode: 'read' });
  try {
    return read(store);
  } finally {
    store.close();
  }
}

/** Where the others call it. */
export function enteredAddresses(dataDirectory: string): OwnAddresses {
  const directory = DataDirectory.open(dataDirectory);
  const { kmaId } = readIdentity(directory);
  const entry = reading(directory, ({ state }) => state.get('kma', kmaId));
  return {
    managementAddress: entry?.managementAddress ?? '',
    serviceAddress: entry?.serviceAddress ?? '',
  };
}

function assertMember(store: Store, identity: StoredIdentity): { readonly caPem: string } {
  const absence = lastKnownAbsence(store, identity);
  if (absence === 'retired' || absence === 'lost')
    throw new OpenKmaError('REJOIN_FAILED', `${ABSENCE_TEXT[absence]}, and can only join anew`);
  const caPem = store.state.get('certificate_authority', 'root')?.certificatePem;
  if (caPem == null) throw new OpenKmaError('REJOIN_FAILED', 'it has no root CA');
  return { caPem };
}

/** Of the passphrase with which this KMA was last let in, as it is known here. */
function provenVerifier({ state }: Store, { kmaId }: StoredIdentity): string | null {
  return state.get('kma', kmaId)?.certificateVerifierObjectId ?? null;
}

/** As this KMA knows the key split. Before the passphrase, which works once. */
async function assertQuorum(directory: DataDirectory, answers: RejoinAnswers): Promise<void> {
  const split = reading(directory, (store) => {
    const objectId = keySplitAt(store.state, (id) => store.hasObject(id))?.objectId;
    return objectId == null ? undefined : store.getObject(objectId)?.bytes;
  });
  if (split === undefined) throw new OpenKmaError('CORE_SECURITY_NOT_FOUND', 'there is no key split here');
  const quorum: Credential[] = await quorumOf(answers);
  try {
    const root = await openKeySplit(split, quorum);
    if (isRefusal(root)) throw new OpenKmaError(root.refused, root.detail);
    root.wipe();
  } finally {
    for (const { passphrase } of quorum) passphrase.wipe();
  }
}

async function prove(
  directory: DataDirectory,
  kmaName: string,
  place: Awaited<ReturnType<typeof trustedPlace>>,
  answers: RejoinAnswers,
): Promise<void> {
  const passphrase = await passphraseOf({ ...answers, name: kmaName }, (owner) =>
    promptPassphrase(`passphrase of ${owner}`, 'a passphraseFile in the answers'),
  );
  const publicKey = createPublicKey(readTlsKeyPem(directory)).export({ type: 'spki', format: 'der' });
  try {
    // The certificate comes here again with the logs; the member goes by the key.
    await atMember(() => enrolledKma({ place, kmaName, passphrase, publicKey, timeoutMs: ANSWER_MS }));
  } catch (error) {
    const why = error instanceof OpenKmaError ? REFUSED[error.code] : undefined;
    if (why === undefined) throw error;
    throw new OpenKmaError('REJOIN_FAILED', `${place.address} ${why}`);
  }
}

async function within(limitMs: number, isSo: () => boolean): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (!isSo()) {
    if (performance.now() > endMs) return false;
    await setTimeout(LOOK_MS);
  }
  return true;
}

/** On a terminal, where no file has the answers. */
export async function askRejoinAnswers(): Promise<RejoinAnswers> {
  const passphrase = await promptPassphrase('new passphrase of this KMA', '--answers');
  const answers = rejoinAnswersSchema.safeParse({ passphrase, quorum: await readQuorum(undefined) });
  if (answers.success) return answers.data;
  const [issue] = answers.error.issues;
  throw new OpenKmaError('INVALID_PARAMETERS', `${issue?.path.join('.')}: ${issue?.message}`);
}
