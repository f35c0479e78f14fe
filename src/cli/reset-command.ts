/** "kma reset": a Security Officer at the appliance takes this KMA back to before QuickStart. It does nothing while the KMA serves, and nothing before it was confirmed with the KMA's name. */
import { byName } from '../core/live.ts';
import { isAlone } from '../core/members.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import { rolesOf } from '../operations/roles-of.ts';
import { lastKnownAbsence } from '../processes/core/membership.ts';
import { checkPassphrase } from '../security/passphrase-verifier.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { type Erased, isResetBegun } from '../setup/factory-reset.ts';
import { readIdentity } from '../setup/local-identity.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { openStore, type Store } from '../store/store.ts';
import { erase } from './after-end.ts';
import type { Named } from './dialect.ts';

export interface ResetRequest {
  readonly dataDirectory: string;
  readonly zeroise: boolean;
  readonly user: () => Promise<Named>;
  /** Whether it shall be done, once it is known what; gives what was typed for the KMA's name. */
  readonly confirm: (kma: string, stillMember: boolean) => Promise<string>;
}
export interface Reset extends Erased {
  readonly kma: string;
  /** Others still take it for a member, as far as was known here. */
  readonly stillMember: boolean;
}

export async function reset(request: ResetRequest): Promise<Reset> {
  const directory = DataDirectory.open(request.dataDirectory);
  const release = directory.lock();
  try {
    const reset = () => erase(directory, request.zeroise);
    if (isResetBegun(directory.path)) return { kma: '', stillMember: false, ...(await reset()) };
    const { kmaName } = readIdentity(directory);
    const stillMember = await allowed(directory, request);
    if ((await request.confirm(kmaName, stillMember)).normalize('NFC') !== kmaName)
      throw new OpenKmaError('USAGE', 'that is not the name of this KMA; nothing was removed');
    return { kma: kmaName, stillMember, ...(await reset()) };
  } finally {
    release();
  }
}

/** Whether it is still a member; throws where the user may not. */
async function allowed(directory: DataDirectory, { user }: ResetRequest): Promise<boolean> {
  const store = openStore({ path: directory.databasePath, mode: 'read' });
  try {
    const refused = await objectionTo(store, await user());
    if (isRefusal(refused)) throw new OpenKmaError(refused.refused, refused.detail);
    const self = readIdentity(directory);
    return !isAlone(store.state, self.kmaId) && lastKnownAbsence(store, self) === null;
  } finally {
    store.close();
  }
}

/** As at the socket of a KMA that runs: one answer for a wrong name and a wrong passphrase. */
async function objectionTo(store: Store, { name, passphrase }: Named): Promise<Refusal | null> {
  const { state } = store;
  const user = byName(state, 'user', name);
  const usable = user !== undefined && user.enabled === 1 && user.proofDisabled !== 1;
  const verifier = usable ? store.getObject(user.verifierObjectId ?? '') : undefined;
  const given = SecretBytes.fromText(passphrase);
  try {
    if (!(await checkPassphrase(verifier?.bytes ?? null, given)) || user === undefined)
      return refuse('AUTHENTICATION_FAILED');
  } finally {
    given.wipe();
  }
  return rolesOf(state, user.id as Parameters<typeof rolesOf>[1]).includes('SECURITY_OFFICER')
    ? null
    : refuse('ACCESS_DENIED');
}
