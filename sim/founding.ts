/** How a simulated cluster begins: QuickStart on the first machine, people, agents and what they need, then the other members. */
import { type IncarnationId, idFrom, type KmaId } from '../src/core/ids.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { nextHlc, stampOf } from '../src/core/stamp.ts';
import { quickStart } from '../src/operations/quickstart.ts';
import { SecretBytes } from '../src/security/secret-bytes.ts';
import type { Foundation } from '../src/setup/foundation.ts';
import { CERTIFICATE_PEM } from './certificate.ts';
import type { Call, Committed } from './core.ts';
import type { Machine } from './machine.ts';
import type { Random } from './random.ts';
import { Store } from './store.ts';
import { newObject } from './tools.ts';
import { WORLD_BEGINS_MS } from './virtual-clock.ts';
import { appliance, asUser, CREDENTIALS, PASSPHRASE } from './workload/people.ts';
import type { World } from './world.ts';

const OFFICER = 'officer';
const POOL = 40;
const [TRIES, TRY_MS] = [100, 50];
const JOINED_WITHIN_MINUTES = 3;
const STAFF: readonly (readonly [name: string, roles: readonly string[]])[] = [
  ['otto', ['SECURITY_OFFICER', 'QUORUM_MEMBER']],
  ['clara', ['COMPLIANCE_OFFICER']],
  ['olga', ['OPERATOR']],
  ['bert', ['BACKUP_OPERATOR', 'OPERATOR']],
  ['anna', ['AUDITOR']],
  ['quentin', ['QUORUM_MEMBER']],
];
/** The life that begins here makes its own. */
const NO_KEYS = { logPublicKey: '0'.repeat(64), replicationPublicKey: '0'.repeat(64) };
const AGENTS = ['drive-1', 'drive-2', 'host-1'];

export async function found(world: World, kmas: number): Promise<void> {
  const random = world.random;
  const self = {
    kmaId: idFrom<KmaId>(random.bytes(16)),
    kmaName: 'kma-1',
    incarnationId: idFrom<IncarnationId>(random.bytes(8)),
  };
  const store = new Store(world.seams.fold);
  quickStarted(store, self, random);
  const first = world.newMachine('m1', store, { self, ...NO_KEYS, startNonce: '' });
  world.clusterEpochId = first.clusterEpochId;
  first.boot();
  await settle(world, first);
  for (let number = 2; number <= kmas; number++) {
    const machine = world.newMachine(`m${number}`, new Store(world.seams.fold), {
      self,
      ...NO_KEYS,
      startNonce: '',
    });
    await world.joining.join(first, machine, `kma-${number}`);
  }
  for (let minute = 0; minute < JOINED_WITHIN_MINUTES; minute++)
    await world.schedule.run(world.schedule.nowMs + 60_000);
  const missing = world.machines.find(({ running }) => running === null);
  if (missing !== undefined) throw new Error(`${missing.place} has not joined`);
}

function quickStarted(store: Store, self: Foundation['identity'] | Machine['self'], random: Random): void {
  const object = (kind: string, cls: 'open' | 'self-protected' | 'root-sealed' = 'root-sealed') =>
    newObject(random, { class: cls, kind, owner: '' });
  const id = <T extends string>() => idFrom<T>(random.bytes(16));
  const secret = new SecretBytes(new Uint8Array(32));
  const foundation: Foundation = {
    identity: {
      kmaId: self.kmaId,
      incarnationId: self.incarnationId,
      logSeed: secret,
      logPublicKey: idFrom<string>(random.bytes(32)),
      replicationPublicKey: idFrom<string>(random.bytes(32)),
      tlsPrivateKeyPem: secret,
      tlsPublicKey: new Uint8Array(0),
    },
    rootKeyMaterial: secret,
    rootEpochId: id(),
    masterEpochId: id(),
    keySplitId: id(),
    clusterEpochId: id(),
    officerId: id(),
    kmaNumber: 1,
    certificatePem: CERTIFICATE_PEM,
    kmaCertificate: { pem: CERTIFICATE_PEM, fingerprint: id(), serial: '1', notAfterMs: 0 },
    objects: {
      keySplit: object('key-split', 'self-protected'),
      masterKey: object('master-key'),
      caKey: object('ca-key'),
      officerVerifier: object('passphrase-verifier', 'open'),
    },
  };
  const decided = quickStart.decide?.(
    {
      kmaName: 'kma-1',
      officerName: OFFICER,
      threshold: 2,
      credentialNames: [...CREDENTIALS],
      keyPoolSize: 1000,
      digest: 'SHA-256',
      minimumTls: '1.2',
      serviceAddress: '',
      managementAddress: '',
      hostName: '',
    },
    {
      state: store.state,
      self: { kmaName: 'kma-1', ...self },
      origin: { service: 'local', address: '', localAddress: '', fingerprint: null },
      caller: { kind: 'local' },
      nowMs: WORLD_BEGINS_MS,
      load: 0,
      nextSeq: 1,
      unlocked: true,
      random: (bytes) => random.bytes(bytes),
    },
    foundation,
  );
  if (decided === undefined || isRefusal(decided)) throw new Error('no QuickStart');
  const stamp = stampOf(nextHlc(store.lastStamp(), WORLD_BEGINS_MS), self.incarnationId);
  const entry = { v: 1, stamp, operation: quickStart.name, facts: decided.facts } as const;
  store.transaction(() => {
    for (const made of decided.objects ?? []) store.putObject(made);
    store.append(self.incarnationId, entry, Buffer.from(JSON.stringify(entry)));
  });
  store.sync();
}

/** Has it done, with what is not to be refused. */
async function done(world: World, machine: Machine, call: Call): Promise<Committed> {
  let committed: Committed | null = null;
  await world.call(machine, call, (answer) => {
    if (isRefusal(answer)) throw new Error(`${call.operation}: ${answer.refused} ${answer.detail ?? ''}`);
    committed = answer;
  });
  for (let tries = 0; committed === null && tries < TRIES; tries++)
    await world.schedule.run(world.schedule.nowMs + TRY_MS);
  if (committed === null) throw new Error(`${call.operation} was not answered`);
  return committed;
}

async function settle(world: World, machine: Machine): Promise<void> {
  const as = (user: string, operation: string, input: object, quorum = false) =>
    done(world, machine, {
      ...asUser(machine, user, operation, input),
      ...(quorum ? { credentials: CREDENTIALS.slice(0, 2) } : {}),
    });
  for (const [user, roles] of STAFF)
    await as(OFFICER, 'CreateUser', { user, roles, passphrase: PASSPHRASE }, true);
  for (const [policy, encryptionPeriod, cryptoperiod] of [
    ['short', '1h', '4h'],
    ['long', '1y', '2y'],
  ])
    await as('clara', 'CreateKeyPolicy', {
      policy,
      encryptionPeriod,
      cryptoperiod,
      allowAgentsToRevoke: true,
    });
  for (const [group, policy] of [
    ['tapes', 'short'],
    ['disks', 'long'],
  ])
    await as('clara', 'CreateKeyGroup', { group, policy });
  for (const agent of AGENTS) {
    await as('olga', 'CreateAgent', { agent, passphrase: PASSPHRASE, oneTimePassphrase: false });
    for (const group of ['tapes', 'disks'])
      await as('clara', 'AssignKeyGroup', { agent, group, ...(group === 'tapes' ? { default: true } : {}) });
  }
  await done(world, machine, appliance('FillKeyPool', { count: POOL }));
}
