/** ModifyKeySplit: the same root key material is split anew among other people. It is carried out at once or not at all, and never shows a share. */
import { z } from 'zod';
import { created, event } from '../core/facts.ts';
import { INTERNAL_ID_BYTES, idFrom, type KeySplitId, type ObjectId, type RootEpochId } from '../core/ids.ts';
import { currentKeySplit } from '../core/key-split-standing.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import { settingFact } from '../core/settings.ts';
import type { Row } from '../core/tables.ts';
import { createKeySplit } from '../security/key-split.ts';
import { KEY_SPLIT_SIZE_MAX } from '../security/key-split-format.ts';
import { sha256Hex } from '../security/sealing.ts';
import { securityOfficer } from './common-settings.ts';
import type { PrepareContext } from './contexts.ts';
import { newName } from './new-name.ts';
import { brokenRule } from './new-verifier.ts';
import { type Credential, type NewObject, operation } from './operation.ts';
import { warning } from './success.ts';

interface NewKeySplit {
  readonly id: KeySplitId;
  readonly replaces: Row<'key_split'>;
  readonly names: readonly string[];
  readonly object: NewObject;
}

export const modifyKeySplit = operation({
  ...securityOfficer,
  quorum: true,
  newKeySplit: true,
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
    const { state, random, rootKeyMaterial, newCredentials } = context;
    const replaces = currentKeySplit(state);
    if (rootKeyMaterial === null) return refuse('QUORUM_NOT_MET');
    if (replaces?.rootEpochId == null) return refuse('CORE_SECURITY_NOT_FOUND');
    const objection = objectionTo(newCredentials, threshold, context);
    if (objection !== null) return objection;
    const id = idFrom<KeySplitId>(random(INTERNAL_ID_BYTES));
    const { rootEpochId } = replaces;
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
    return { id, replaces, names: credentials.map((given) => given.name), object };
  },
  decide({ threshold }, { state, nowMs }, { id, replaces, names, object }: NewKeySplit) {
    if (currentKeySplit(state)?.id !== replaces.id)
      return refuse('SERVER_BUSY', 'the key split has changed meanwhile');
    return {
      facts: [
        created('key_split', id, {
          rootEpochId: replaces.rootEpochId as RootEpochId,
          threshold,
          size: names.length,
          namesJson: JSON.stringify(names),
          objectId: object.id,
          objectSha256: sha256Hex(object.bytes),
          createdAt: nowMs,
        }),
        settingFact('currentKeySplitId', id),
        event('key_split', replaces.id, 'retired', { retiredAt: nowMs }),
      ],
      objects: [object],
      erase: replaces.objectId === null ? [] : [replaces.objectId],
      output: null,
      audit: warning(
        'Key split changed',
        `keySplit=${id} threshold=${threshold} of ${names.length} names=${names.join(',')}: take a core security backup, and destroy those made before where nobody of the old split is to be trusted any more`,
      ),
    };
  },
});

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
