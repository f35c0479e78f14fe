/** Makes a data directory of one more member from that of a KMA that does not run, as a join leaves it. It starts nothing. */

import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openedCaKey } from '../../src/backup/opened-ca.ts';
import { created, event, set } from '../../src/core/facts.ts';
import { type IncarnationId, idFrom, type KmaId } from '../../src/core/ids.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import { operation, type Self } from '../../src/operations/operation.ts';
import { issueCertificate } from '../../src/security/certificates.ts';
import type { SecretBytes } from '../../src/security/secret-bytes.ts';
import { enableAutonomousUnlock, openAutonomously } from '../../src/setup/autonomous-unlock-files.ts';
import { type LocalIdentity, makeLocalIdentity } from '../../src/setup/foundation.ts';
import { readIdentity, writeIdentity } from '../../src/setup/local-identity.ts';
import { runAlone } from '../../src/setup/run-alone.ts';
import { DataDirectory } from '../../src/store/data-directory.ts';
import { makeSnapshot } from '../../src/store/snapshot.ts';
import { openStore, type Store } from '../../src/store/store.ts';

export interface NewMember {
  readonly name: string;
  readonly host: string;
}

const common = {
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'System', retention: 'long' },
  input: z.strictObject({}),
  output: z.null(),
} as const;

/** The path of the new data directory. `of` has to be stopped. */
export async function makeMember(
  of: { readonly data: string; readonly folder: string },
  member: NewMember,
): Promise<string> {
  const first = DataDirectory.open(of.data);
  const root = openAutonomously(first);
  if (root === null) throw new Error('the first member does not unlock itself');
  const identity = await makeLocalIdentity(idFrom<KmaId>(randomBytes(16)));
  const self = readIdentity(first);
  const store = openStore({ path: first.databasePath, mode: 'write' });
  const clusterEpochId = store.state.get('incarnation', self.incarnationId)?.clusterEpochId ?? '';
  try {
    await admit(store, self, root, identity, member);
  } finally {
    store.close();
  }
  const directory = DataDirectory.create(join(mkdtempSync(join(of.folder, 'member-')), 'data'));
  makeSnapshot(first.databasePath, directory.databasePath);
  begin(directory, identity, member.name, clusterEpochId);
  enableAutonomousUnlock(directory, root);
  root.wipe();
  return directory.path;
}

/** The row of the new member with its certificate, and its life. */
async function admit(
  store: Store,
  self: Self,
  root: SecretBytes,
  identity: LocalIdentity,
  { name, host }: NewMember,
): Promise<void> {
  const nowMs = Date.now();
  const [split] = store.state.page('key_split', '', 1);
  const ca = openedCaKey(store, root, split?.rootEpochId ?? '');
  const publicKey = identity.tlsPublicKey;
  const { pem } = await issueCertificate({ ca, kind: 'kma', name, publicKey, nowMs, days: 365 });
  ca.privateKey.wipe();
  const entry = operation({
    ...common,
    name: 'AdmitForTest',
    summary: 'Admits a member.',
    decide: () => ({
      facts: [
        created('kma', identity.kmaId, { name, createdAt: nowMs, number: randomInt(1, 2 ** 31 - 1) }),
        set('kma', identity.kmaId, {
          description: '',
          enabled: 1,
          hostName: '',
          serviceAddress: host,
          managementAddress: host,
          minimumTls: '1.2',
          certificatePem: pem,
          enrolled: 1,
        }),
        event('incarnation', identity.incarnationId, 'admitted', {
          admittedKmaId: identity.kmaId,
          admittedLogPublicKey: identity.logPublicKey,
          admittedReplicationKey: identity.replicationPublicKey,
        }),
      ],
      output: null,
    }),
  });
  assertDone(runAlone(store, self, entry, {}, undefined));
}

/** Every life tells of itself in the first entry of its log. */
function begin(
  directory: DataDirectory,
  identity: LocalIdentity,
  kmaName: string,
  clusterEpochId: string,
): void {
  const store = openStore({ path: directory.databasePath, mode: 'write' });
  const { kmaId, incarnationId, logPublicKey, replicationPublicKey } = identity;
  try {
    store.transaction(() => store.auditCopies.adopt());
    const entry = operation({
      ...common,
      name: 'BeginForTest',
      summary: 'Begins a life.',
      decide: (_, { nowMs }) => ({
        facts: [
          created('incarnation', incarnationId, {
            kmaId,
            logPublicKey,
            replicationPublicKey,
            createdAt: nowMs,
            reason: 'join',
            clusterEpochId,
            baseVectorJson: JSON.stringify(store.vector()),
          }),
        ],
        output: null,
      }),
    });
    const self: Self = { kmaId, kmaName, incarnationId: incarnationId as IncarnationId };
    assertDone(runAlone(store, self, entry, {}, undefined));
  } finally {
    store.close();
  }
  writeIdentity(directory, identity, kmaName);
}

function assertDone(result: unknown): void {
  if (isRefusal(result)) throw new Error(`${result.refused} ${result.detail ?? ''}`);
}
