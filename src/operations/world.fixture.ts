/** A small world for tests of operations: state in maps, real sealing, a clock that is set by hand. It runs the steps of an operation as the core does, without its checks of who asks. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { deriveSecret } from '@openkma/protocol';
import { created, event, type Fact, set } from '../core/facts.ts';
import { foldEntry } from '../core/fold.ts';
import {
  type BackupId,
  type DataUnitId,
  type IncarnationId,
  idFrom,
  type KeyGroupId,
  type KeyId,
  type KeySplitId,
  type KmaId,
  keyIdFrom,
  type MasterEpochId,
  type ObjectId,
  type RootEpochId,
  toHex,
  type UserId,
} from '../core/ids.ts';
import { MapState } from '../core/map-state.ts';
import type { SplitSearch } from '../core/missing-split.ts';
import { objectChanges, type RowChange } from '../core/named-objects.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import { readSetting, settingFact } from '../core/settings.ts';
import { HLC_ZERO, type Hlc, nextHlc, stampOf } from '../core/stamp.ts';
import { type PlatformSettings, readPlatformSettings } from '../platform-settings/index.ts';
import { issueCertificate, renewRootCa } from '../security/certificates.ts';
import { makeVerifier } from '../security/passphrase-verifier.ts';
import { openSealedObject, sealObject } from '../security/sealing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { readerOf } from './audit-reader.fixture.ts';
import { newRootOf } from './cluster/new-root.fixture.ts';
import type { AutonomousUnlock, MadeBackup, SecurityTools } from './contexts.ts';
import { mapLists } from './lists/map-lists.fixture.ts';
import { NO_RESTORE } from './no-restore.fixture.ts';
import type { Accepted, Caller, NewObject, Operation } from './operation.ts';
import { certificateAuthority } from './world-authority.fixture.ts';
import { PASSED, type Passed, type RunOptions } from './world-options.fixture.ts';

export const DAY_MS = 86_400_000;
const fill = (digit: string, count: number) => digit.repeat(count);

export interface Ran<Out> {
  readonly output: Out;
  readonly decision: Accepted<unknown> | null;
}
export class World {
  readonly state = new MapState();
  readonly objects = new Map<string, NewObject>();
  /** The local rows of the store. */
  readonly local = new Map<string, string>();
  readonly self = {
    kmaId: fill('C', 32) as KmaId,
    kmaName: 'kma-1',
    incarnationId: fill('1', 16) as IncarnationId,
  };
  readonly rootEpochId = fill('2', 32) as RootEpochId;
  readonly keySplitId = fill('3', 32) as KeySplitId;
  readonly masterKey = new SecretBytes(randomBytes(32));
  nowMs = Date.UTC(2026, 0, 1);
  unlocked = true;
  autonomousUnlock: AutonomousUnlock = 'on';
  seq = 0;
  /** What the next database backup is. */
  backup: MadeBackup | Refusal = refuse('BACKUP_IN_PROGRESS');
  #hlc: Hlc = HLC_ZERO;

  /** A founded cluster of one KMA, with the Security Officer "officer". */
  constructor() {
    const keySplit = this.open('key-split', Buffer.from('a key split'));
    this.objects.set(keySplit.id, keySplit);
    this.commit([
      created('kma', this.self.kmaId, { name: 'kma-1', createdAt: this.nowMs, number: 1 }),
      set('kma', this.self.kmaId, { enabled: 1, minimumTls: '1.2' }),
      created('incarnation', this.self.incarnationId, {
        kmaId: this.self.kmaId,
        logPublicKey: '',
        replicationPublicKey: '',
        createdAt: this.nowMs,
        reason: 'quickstart',
        clusterEpochId: fill('4', 32),
        baseVectorJson: '{}',
      }),
      created('key_split', this.keySplitId, {
        rootEpochId: this.rootEpochId,
        threshold: 2,
        size: 3,
        namesJson: '["ann","ben","cem"]',
        objectId: keySplit.id,
        objectSha256: '',
        createdAt: this.nowMs,
      }),
      settingFact('currentKeySplitId', this.keySplitId),
      settingFact('currentRootEpochId', this.rootEpochId),
      settingFact('currentMasterEpochId', fill('5', 32) as MasterEpochId),
      ...officerFacts('officer', this.nowMs),
    ]);
  }

  platformSettings(): PlatformSettings {
    return readPlatformSettings((name) => this.local.get(name));
  }

  /** One entry of the log, a millisecond after the one before. */
  commit(facts: readonly Fact[]): void {
    this.nowMs += 1;
    this.seq += 1;
    this.#hlc = nextHlc(this.#hlc, this.nowMs);
    const stamp = stampOf(this.#hlc, this.self.incarnationId);
    foldEntry(this.state, { v: 1, stamp, operation: 'Test', facts });
  }

  /** What an operation erases is what others, who see its facts alone, let go of. */
  #commitDecision(operation: string, { facts, erase = [] }: Accepted<unknown>): void {
    const rows = [...new Map(facts.map((fact) => [`${fact.table} ${fact.id}`, fact])).values()];
    const before = rows.map(({ table, id }) => this.state.getRow(table, id));
    this.commit(facts);
    const changes = rows.map(({ table, id }, index): RowChange => {
      const after = this.state.getRow(table, id);
      assert.ok(after);
      return { table, before: before[index], after };
    });
    const { letGo } = objectChanges(this.state, changes);
    assert.deepEqual([...erase].sort(), [...letGo].sort(), `${operation} erases what others let go of`);
  }

  /** Input schema, prepare or view, decide, commit: as the core does it. */
  async run<In, Prepared, Mid, Out>(
    operation: Operation<In, Prepared, Mid, Out>,
    input: unknown,
    options: RunOptions = {},
  ): Promise<Ran<Out> | Refusal> {
    const parsed = operation.input.safeParse(input);
    if (!parsed.success) return refuse('INVALID_PARAMETERS', parsed.error.issues[0]?.message ?? '');
    const caller = options.caller ?? { kind: 'local' };
    const prepared = await this.#prepare(operation, parsed.data, caller, options);
    if (isRefusal(prepared)) return prepared;
    if (operation.decide === undefined) return { output: operation.output.parse(prepared), decision: null };
    const decision = operation.decide(
      parsed.data,
      this.#decideContext(caller, options),
      prepared as Prepared,
    );
    if (isRefusal(decision)) return decision;
    for (const object of decision.objects ?? []) this.objects.set(object.id, object);
    for (const id of decision.erase ?? []) this.objects.delete(id);
    for (const [name, value] of Object.entries(decision.local ?? {})) this.local.set(name, value);
    if (decision.facts.length > 0) this.#commitDecision(operation.name, decision);
    return { output: operation.output.parse(decision.output), decision };
  }

  /** The output of an operation that has to work. */
  async did<In, Prepared, Mid, Out>(
    operation: Operation<In, Prepared, Mid, Out>,
    input: unknown,
    options: RunOptions = {},
  ): Promise<Ran<Out>> {
    const ran = await this.run(operation, input, options);
    if (isRefusal(ran)) throw new Error(`${operation.name}: ${ran.refused} ${ran.detail ?? ''}`);
    return ran;
  }

  /** The rows of a list's first page. */
  async rows<In, Prepared, Mid, R>(
    operation: Operation<In, Prepared, Mid, { readonly rows: readonly R[] }>,
    input: unknown = {},
    options: RunOptions = {},
  ): Promise<readonly R[]> {
    return (await this.did(operation, input, options)).output.rows;
  }

  /** The code of a refusal, or "accepted". */
  async refusal(operation: Operation, input: unknown, options: RunOptions = {}): Promise<string> {
    const ran = await this.run(operation, input, options);
    return isRefusal(ran) ? ran.refused : 'accepted';
  }

  #prepare(operation: Operation, input: unknown, caller: Caller, options: RunOptions): unknown {
    const { state, self, nowMs, unlocked } = this;
    const records = options.audit ?? [];
    const audit = readerOf(records);
    if (operation.view !== undefined)
      return operation.view(input, {
        ...{ state, nowMs, self, audit },
        lists: mapLists(state, nowMs, records),
        agentPerformance: options.agentPerformance ?? (() => []),
        kmaPerformance: options.kmaPerformance ?? (() => []),
        storeReport: () => ({ fileBytes: 0, freeBytes: 0, tables: [], schema: [] }),
        replicated: () => ({ stateHash: '', vector: { [self.incarnationId]: this.seq } }),
        systemMessages: options.systemMessages ?? (() => []),
        proofFailures: options.proofFailures ?? (() => new Map()),
      });
    return operation.prepare?.(input, {
      state,
      self,
      origin: { service: 'local', address: '', localAddress: '', fingerprint: null },
      caller,
      nowMs,
      unlocked,
      random: randomBytes,
      approvers: options.approvers ?? [],
      newCredentials: options.newCredentials ?? [],
      filesCredentials: [],
      restore: NO_RESTORE,
      rootKeyMaterial: options.rootKeyMaterial ?? null,
      quorumKeySplitId: options.quorumKeySplitId ?? readSetting(state, 'currentKeySplitId'),
      security: this.tools(),
      makeBackup: async () => this.backup,
      isScheduledBackup: () => false,
      readBackupPiece: async () => refuse('BACKUP_NOT_STAGED'),
      platformSettings: () => this.platformSettings(),
      ...(options.platform === undefined ? {} : { platform: options.platform }),
      ...(options.members === undefined ? {} : { members: options.members }),
    });
  }

  #decideContext(caller: Caller, options: RunOptions) {
    const given = PASSED.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]));
    const { state, self, nowMs, unlocked } = this;
    const origin = { service: 'local', address: '', localAddress: '', fingerprint: null } as const;
    return {
      state,
      self,
      origin,
      caller,
      nowMs,
      load: 0,
      nextSeq: this.seq + 1,
      unlocked,
      keySplits: (): SplitSearch => ({
        state,
        has: (id) => this.objects.has(id),
        kmaId: self.kmaId,
        lacking: () => new Set<string>(),
      }),
      autonomousUnlock: () => this.autonomousUnlock,
      performance: () => ({ startedAtMs: 0, operations: 640, commits: 20, keysTakenPerHour: 0 }),
      ...(Object.fromEntries(given) as Passed),
      platformSettings: () => this.platformSettings(),
      random: randomBytes,
    };
  }

  open(kind: string, bytes: Uint8Array): NewObject {
    return { id: idFrom<ObjectId>(randomBytes(16)), class: 'open', kind, owner: '', epoch: '', bytes };
  }

  seal(kind: string, owner: string, plaintext: SecretBytes): NewObject {
    const id = idFrom<ObjectId>(randomBytes(16));
    const meta = { id, kind, owner, epoch: fill('5', 32) };
    return { ...meta, class: 'root-sealed', bytes: sealObject(this.masterKey, meta, plaintext) };
  }

  tools(): SecurityTools {
    const object = (id: ObjectId): NewObject => {
      const found = this.objects.get(id);
      if (found === undefined) throw new Error(`object ${id} is missing`);
      return found;
    };
    const unused = (): never => {
      throw new Error('no operation of people uses this');
    };
    return {
      seal: ({ kind, owner, plaintext }) => this.seal(kind, owner, plaintext),
      openObject: (id) => openSealedObject(this.masterKey, object(id), object(id).bytes),
      readObject: (id) => object(id).bytes,
      epochOf: (id) => this.objects.get(id)?.epoch ?? '',
      newRoot: async () => newRootOf(this),
      rootUpkeep: () => null,
      makeVerifier: async (_owner, passphrase) => this.open('verifier', await makeVerifier(passphrase)),
      makeLegacySecret: async (owner, passphrase) => {
        const secret = new SecretBytes(await deriveSecret(passphrase.reveal(), 40_000));
        return { object: this.seal('legacy-secret', owner, secret), iterations: 40_000 };
      },
      issueCertificate: async ({ root, ...request }) => {
        const setting = readSetting(this.state, 'entityCertificateDays');
        const days = Math.min(setting, request.days ?? setting);
        const ca = { ...(await certificateAuthority()), ...root };
        return issueCertificate({ ...request, ca, nowMs: this.nowMs, days });
      },
      renewRootCa: async (digest) => {
        const days = readSetting(this.state, 'rootCaDays');
        const { privateKey } = await certificateAuthority();
        const certificatePem = this.state.get('certificate_authority', 'root')?.certificatePem ?? '';
        const request = { digest, nowMs: this.nowMs, days };
        return { digest, certificatePem: await renewRootCa({ certificatePem, privateKey }, request) };
      },
      takeKeyPair: unused,
      challenge: unused,
      validChallenges: unused,
      proofChallenge: unused,
      validProofChallenges: unused,
      kwkPublicKeyPem: unused,
      decryptKwk: unused,
      findKwk: unused,
    };
  }

  // What agents and the appliance would have done.

  /** A key in the pool. */
  poolKey(incarnationId: IncarnationId = this.self.incarnationId): KeyId {
    const keyId = keyIdFrom(randomBytes(28));
    const object = this.seal('key', keyId, new SecretBytes(randomBytes(32)));
    this.objects.set(object.id, object);
    const cells = { objectId: object.id, objectSha256: '', incarnationId, createdAt: this.nowMs };
    this.commit([created('key', keyId, { ...cells, madeSeq: this.seq + 1 })]);
    return keyId;
  }

  dataUnit(
    cells: { externalUniqueId?: string; externalTag?: string; description?: string } = {},
  ): DataUnitId {
    const id = idFrom<DataUnitId>(randomBytes(16));
    this.commit([
      created('data_unit', id, { createdAt: this.nowMs, createdBy: null }),
      set('data_unit', id, cells),
    ]);
    return id;
  }

  /** A key handed out now for a data unit. */
  issuedKey(dataUnitId: DataUnitId, keyGroupId: KeyGroupId): KeyId {
    const keyId = this.poolKey();
    const pair = `${dataUnitId}:${keyId}`;
    this.commit([
      event('key', keyId, 'activated', {
        activatedAt: this.nowMs,
        processOnly: 0,
        activatedByAgentId: null,
        activatedKeyGroupId: keyGroupId,
      }),
      created('data_unit_key', pair, { dataUnitId, keyId }),
      set('data_unit_key', pair, { present: 1 }),
    ]);
    return keyId;
  }

  /** A backup as the backup job would hand it over, of everything up to now. */
  madeBackup(): MadeBackup {
    const vector = { [this.self.incarnationId]: this.seq };
    return {
      backupId: idFrom<BackupId>(randomBytes(16)),
      createdAtMs: this.nowMs,
      rootEpochId: this.rootEpochId,
      vector,
      heldVector: vector,
      stateHash: fill('A', 64),
      fileSha256: toHex(createHash('sha256').update('file').digest()),
      fileBytes: 4096,
      keyFileSha256: toHex(createHash('sha256').update('key file').digest()),
      directory: '/staging',
      fileName: 'OKM-Backup.dat',
      keyFileName: 'OKM-BackupKey.json',
    };
  }
}

function officerFacts(name: string, nowMs: number): Fact[] {
  const id = fill('6', 32) as UserId;
  const role = `${id}:SECURITY_OFFICER`;
  return [
    created('user', id, { name, createdAt: nowMs }),
    set('user', id, { enabled: 1, proofDisabled: 0 }),
    created('user_role', role, { userId: id, role: 'SECURITY_OFFICER' }),
    set('user_role', role, { present: 1 }),
  ];
}

export function userCaller(world: World, name: string): Caller {
  const row = world.state.page('user', '', 1000).find((user) => user.name === name);
  if (row === undefined) throw new Error(`no user ${name}`);
  return { kind: 'user', id: row.id as UserId, name, roles: [] };
}
