/** ModifyKeySplit: the same root key material is split anew among other people. It is carried out at once or not at all, and never shows a share. */
import { z } from 'zod';
import { created, event } from '../core/facts.ts';
import { INTERNAL_ID_BYTES, idFrom, type KeySplitId, type ObjectId, type RootEpochId } from '../core/ids.ts';
import { currentKeySplit, isMakerGone, unretiredSplits } from '../core/key-split-standing.ts';
import { makerOf } from '../core/missing-split.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import { settingFact } from '../core/settings.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { createKeySplit } from '../security/key-split.ts';
import { KEY_SPLIT_SIZE_MAX } from '../security/key-split-format.ts';
import { sha256Hex } from '../security/sealing.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import { securityOfficer } from './common-settings.ts';
import type { PrepareContext } from './contexts.ts';
import { newName } from './new-name.ts';
import { brokenRule } from './new-verifier.ts';
import { type Credential, type NewObject, operation } from './operation.ts';
import { warning } from './success.ts';

/** What a new key split takes the place of, and whose root key material it is of. */
export interface KeySplitChange {
  readonly replaces: Row<'key_split'>;
  /** By which the quorum was judged: another one only where that which is replaced is lost. */
  readonly approvedBy: Row<'key_split'>;
  readonly rootEpochId: RootEpochId;
  readonly rootKeyMaterial: SecretBytes;
}

interface NewKeySplit extends Omit<KeySplitChange, 'rootKeyMaterial'> {
  readonly id: KeySplitId;
  readonly names: readonly string[];
  readonly object: NewObject;
}

export const modifyKeySplit = operation({
  ...securityOfficer,
  quorum: true,
  newKeySplit: true,
  earlierKeySplit: 'where lost',
  name: 'ModifyKeySplit',
  summary:
    'Splits the root key material anew: other people, other passphrases, another threshold. The old credentials open core security backups made before.',
  input: z.strictObject({
    threshold: z
      .int()
      .min(1)
      .max(KEY_SPLIT_SIZE_MAX)
      .meta({ description: 'how many of the new credentials are a quorum' }),
  }),
  output: z.null(),
  command: {
    words: ['key-split', 'modify'],
    example:
      'kma key-split modify --threshold 2 --new-quorum-file new-quorum.txt --user officer --quorum-file quorum.txt',
  },
  http: { method: 'PUT', path: '/v1/key-split' },
  async prepare({ threshold }, context): Promise<NewKeySplit | Refusal> {
    const { random, newCredentials } = context;
    const change = keySplitChange(context);
    if (isRefusal(change)) return change;
    const { rootKeyMaterial, ...about } = change;
    const { rootEpochId } = about;
    const objection = objectionTo(newCredentials, threshold, context);
    if (objection !== null) return objection;
    const id = idFrom<KeySplitId>(random(INTERNAL_ID_BYTES));
    const credentials = newCredentials.map((given) => ({ ...given, name: given.name.normalize('NFC') }));
    const bytes = await createKeySplit({ threshold, credentials, rootKeyMaterial, rootEpochId, splitId: id });
    const object: NewObject = {
      id: idFrom<ObjectId>(random(INTERNAL_ID_BYTES)),
      class: 'self-protected',
      kind: 'key-split',
      owner: id,
      epoch: rootEpochId,
      bytes,
    };
    return { ...about, id, names: credentials.map((given) => given.name), object };
  },
  decide({ threshold }, { state, nowMs, keySplits }, made: NewKeySplit) {
    const { id, replaces, approvedBy, rootEpochId, names, object } = made;
    if (currentKeySplit(state)?.id !== replaces.id)
      return refuse('SERVER_BUSY', 'the key split has changed meanwhile');
    const isByEarlier = approvedBy.id !== replaces.id;
    if (isByEarlier && !isMakerGone(state, replaces)) return refuse('QUORUM_NOT_MET');
    const over = [replaces, ...unretiredSplits(state, keySplits?.().has)];
    return {
      facts: [
        created('key_split', id, {
          rootEpochId,
          threshold,
          size: names.length,
          namesJson: JSON.stringify(names),
          objectId: object.id,
          objectSha256: sha256Hex(object.bytes),
          createdAt: nowMs,
        }),
        settingFact('currentKeySplitId', id),
        ...over.map((split) => event('key_split', split.id, 'retired', { retiredAt: nowMs })),
      ],
      objects: [object],
      erase: over.flatMap(({ objectId }) => objectId ?? []),
      output: null,
      audit: warning(
        'Key split changed',
        `keySplit=${id} threshold=${threshold} of ${names.length} names=${names.join(',')}${isByEarlier ? byEarlier(state, made) : ''}: take a core security backup, and destroy those made before where nobody of the old split is to be trusted any more`,
      ),
    };
  },
});

/** The root key material is that of the split that was opened: the one that is replaced may be of another, and lost with it. */
export function keySplitChange({
  state,
  rootKeyMaterial,
  quorumKeySplitId,
}: Pick<PrepareContext, 'state' | 'rootKeyMaterial' | 'quorumKeySplitId'>): KeySplitChange | Refusal {
  if (rootKeyMaterial === null) return refuse('QUORUM_NOT_MET');
  const replaces = currentKeySplit(state);
  const approvedBy = state.get('key_split', quorumKeySplitId ?? '');
  if (replaces === undefined || approvedBy?.rootEpochId == null) return refuse('CORE_SECURITY_NOT_FOUND');
  return { replaces, approvedBy, rootEpochId: approvedBy.rootEpochId as RootEpochId, rootKeyMaterial };
}

function byEarlier(state: StateView, { approvedBy, replaces }: NewKeySplit): string {
  const maker = state.get('kma', makerOf(state, replaces) ?? '')?.name ?? '';
  return ` approvedBy=${approvedBy.id}, the key split before, because ${replaces.id} is lost with ${maker}, which made it and is removed, and no member has it`;
}

function objectionTo(
  credentials: readonly Credential[],
  threshold: number,
  context: PrepareContext,
): Refusal | null {
  const invalid = (detail: string) => refuse('INVALID_PARAMETERS', detail);
  if (credentials.length === 0) return invalid('the new key split credentials are missing');
  if (credentials.length > KEY_SPLIT_SIZE_MAX)
    return invalid(`at most ${KEY_SPLIT_SIZE_MAX} new credentials`);
  if (threshold > credentials.length)
    return invalid('the threshold is greater than the number of new credentials');
  const names = credentials.map((given) => newName('name').safeParse(given.name));
  const unfit = names.find(({ success }) => !success);
  if (unfit !== undefined) return invalid(`a name: ${unfit.error?.issues[0]?.message ?? ''}`);
  if (new Set(names.map(({ data }) => data)).size !== names.length)
    return invalid('key split names must differ');
  for (const { name: holder, passphrase } of credentials) {
    const broken = brokenRule(context, holder, passphrase);
    if (broken !== null) return refuse(broken.refused, `${holder}: ${broken.detail}`);
  }
  return null;
}
