/** The world of the operations' tests with what agents need: groups, agents, a filled pool, key wrapping keys, challenges. It runs `reply` too. */

import { randomBytes } from 'node:crypto';
import type { DataUnit } from '@openkma/protocol';
import { created, event, type Fact, set } from '../../core/facts.ts';
import {
  type AgentId,
  idFrom,
  type KeyGroupId,
  type KeyId,
  type KeyPolicyId,
  type ObjectId,
  type SiteId,
} from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Row } from '../../core/tables.ts';
import { EnrolmentChallenges } from '../../security/enrolment-challenge.ts';
import { makeKeyPair } from '../../security/key-pair-pool.ts';
import { createKwkTable, type KwkTable } from '../../security/kwk.ts';
import { ProofChallenges } from '../../security/proof-challenges.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { DecideContext, SecurityTools } from '../contexts.ts';
import type { MemberStanding } from '../member-standing.ts';
import { NO_RESTORE } from '../no-restore.fixture.ts';
import type { Accepted, Caller, Operation, Origin } from '../operation.ts';
import type { OtherMembers } from '../other-members.ts';
import { World } from '../world.fixture.ts';
import { certificateAuthority } from '../world-authority.fixture.ts';

export interface Called<Out> {
  readonly output: Out;
  readonly decision: Accepted<unknown>;
}
export const NO_UNIT: DataUnit = {
  dataUnitId: '',
  externalUniqueId: '',
  externalTag: '',
  description: '',
  state: 'DATA-UNIT-STATE-NO-KEY',
};
/** A data unit as agents send it: known by its ID, the rest stale. */
export const unitOf = (dataUnitId: string, cells: Partial<DataUnit> = {}): DataUnit => ({
  ...NO_UNIT,
  ...cells,
  dataUnitId,
});

const kwks = await createKwkTable();

export class AgentWorld extends World {
  readonly kwks: KwkTable = kwks;
  readonly challenges = new EnrolmentChallenges(new SecretBytes(randomBytes(32)));
  readonly proofChallenges = new ProofChallenges(new SecretBytes(randomBytes(32)));
  origin: Origin = {
    service: 'agent',
    address: '192.0.2.7',
    localAddress: '192.0.2.1',
    fingerprint: null,
  };
  load = 0;
  members: readonly MemberStanding[] = [];
  /** Absent as with one member. */
  others: OtherMembers | undefined;

  /** A key group under a policy of one day and three days; its ID. */
  group(name: string, description = ''): KeyGroupId {
    const [id, policyId] = [idFrom<KeyGroupId>(randomBytes(16)), idFrom<KeyPolicyId>(randomBytes(16))];
    this.commit([
      created('key_policy', policyId, {
        name: `policy of ${name}`,
        createdAt: this.nowMs,
        encryptionPeriodSeconds: 86_400,
        cryptoperiodSeconds: 3 * 86_400,
      }),
      created('key_group', id, { name, createdAt: this.nowMs }),
      set('key_group', id, { keyPolicyId: policyId, description }),
    ]);
    return id;
  }

  /** The first group is its default. */
  agent(name: string, groups: readonly KeyGroupId[] = [], cells: Partial<Row<'agent'>> = {}): AgentId {
    const id = idFrom<AgentId>(randomBytes(16));
    const { legacySecretObjectId = null, modernOnly = 0, oneTimePassphrase = 1, siteId = null } = cells;
    this.commit([
      created('agent', id, { name, createdAt: this.nowMs }),
      set('agent', id, { enabled: 1, enrolled: 0, proofDisabled: 0, modernOnly, oneTimePassphrase, siteId }),
      set('agent', id, { defaultKeyGroupId: groups[0] ?? null, legacySecretObjectId }),
      ...groups.flatMap((group) => this.assignment(id, group)),
    ]);
    return id;
  }

  assignment(agentId: AgentId, keyGroupId: KeyGroupId): Fact[] {
    const id = `${agentId}:${keyGroupId}`;
    return [created('agent_group', id, { agentId, keyGroupId }), set('agent_group', id, { present: 1 })];
  }

  site(name: string): SiteId {
    const id = idFrom<SiteId>(randomBytes(16));
    this.commit([created('site', id, { name, createdAt: this.nowMs })]);
    return id;
  }

  /** So many ready keys. */
  fill(keys: number): KeyId[] {
    const made = Array.from({ length: keys }, () => this.poolKey());
    this.backUp();
    return made;
  }

  /** A core security backup and a database backup of everything up to now, both fetched. */
  backUp(): void {
    const { backupId, ...backup } = this.madeBackup();
    const { kmaId } = this.self;
    const core = idFrom(randomBytes(16));
    const { rootEpochId, keySplitId, nowMs } = this;
    this.commit([
      created('core_security_backup', core, {
        kmaId,
        createdAt: nowMs,
        rootEpochId,
        keySplitId,
        fileSha256: '',
      }),
      event('core_security_backup', core, 'downloaded', { downloadedAt: nowMs }),
      created('backup', backupId, { kmaId, createdAt: backup.createdAtMs }),
      event('backup', backupId, 'completed', {
        rootEpochId,
        vectorJson: JSON.stringify(backup.vector),
        heldVectorJson: JSON.stringify(backup.heldVector),
        stateHash: backup.stateHash,
        completedAt: nowMs,
        fileBytes: backup.fileBytes,
        fileSha256: backup.fileSha256,
        keyFileSha256: backup.keyFileSha256,
      }),
      event('backup', backupId, 'downloaded', { downloadedAt: nowMs }),
    ]);
  }

  async foundCa(): Promise<void> {
    const { certificatePem } = await certificateAuthority();
    this.commit([set('certificate_authority', 'root', { certificatePem, digest: 'SHA-256' })]);
  }

  /** A key wrapping key of the agent; its ID. */
  registerKwk(agentId: AgentId, kwk: Uint8Array): string {
    const kwkId = idFrom(randomBytes(8));
    this.kwks.remember(kwkId, agentId, new SecretBytes(Uint8Array.from(kwk)));
    return kwkId;
  }

  caller(agentId: AgentId): Caller {
    const agent = this.state.get('agent', agentId);
    if (agent === undefined) throw new Error(`no agent ${agentId}`);
    return { kind: 'agent', agent };
  }

  /** Input schema, prepare, decide, reply, then the commit: as the core does it. */
  async call<In, Prepared, Mid, Out>(
    operation: Operation<In, Prepared, Mid, Out>,
    input: unknown,
    caller: Caller | AgentId = { kind: 'stranger' },
  ): Promise<Called<Out> | Refusal> {
    const parsed = operation.input.safeParse(input);
    if (!parsed.success) return refuse('AGENT_INVALID_PARAMETERS', parsed.error.issues[0]?.message ?? '');
    const context = this.#context(typeof caller === 'string' ? this.caller(caller) : caller);
    const security = this.tools();
    const preparing = {
      ...context,
      approvers: [],
      newCredentials: [],
      filesCredentials: [],
      restore: NO_RESTORE,
      rootKeyMaterial: null,
      quorumKeySplitId: null,
      security,
      makeBackup: async () => this.backup,
      isScheduledBackup: () => false,
      readBackupPiece: async () => refuse('BACKUP_NOT_STAGED'),
      others: this.others,
    };
    const prepared = await operation.prepare?.(parsed.data, preparing);
    if (isRefusal(prepared)) return prepared;
    if (operation.decide === undefined) throw new Error('agents have no views');
    const decision = operation.decide(parsed.data, context, prepared as Prepared);
    if (isRefusal(decision)) return decision;
    const reply = operation.reply?.(
      decision.output,
      { openObject: security.openObject },
      prepared as Prepared,
    );
    if (isRefusal(reply)) return reply;
    if (decision.facts.length > 0) this.commit(decision.facts);
    return { output: operation.output.parse(reply ?? decision.output), decision };
  }

  /** The output of a call that has to work. */
  async given<In, Prepared, Mid, Out>(
    operation: Operation<In, Prepared, Mid, Out>,
    input: unknown,
    caller?: Caller | AgentId,
  ): Promise<Out> {
    return (await this.accepted(operation, input, caller)).output;
  }

  async accepted<In, Prepared, Mid, Out>(
    operation: Operation<In, Prepared, Mid, Out>,
    input: unknown,
    caller?: Caller | AgentId,
  ): Promise<Called<Out>> {
    const called = await this.call(operation, input, caller);
    if (isRefusal(called)) throw new Error(`${operation.name}: ${called.refused} ${called.detail ?? ''}`);
    return called;
  }

  /** The code of a refusal, or "accepted". */
  async refused(operation: Operation, input: unknown, caller?: Caller | AgentId): Promise<string> {
    const called = await this.call(operation, input, caller);
    return isRefusal(called) ? called.refused : 'accepted';
  }

  override tools(): SecurityTools {
    return {
      ...super.tools(),
      async takeKeyPair() {
        return makeKeyPair();
      },
      challenge: (entity, rootPem) => this.challenges.challenge(entity, rootPem, this.nowMs),
      validChallenges: (entity, rootPem) => this.challenges.valid(entity, rootPem, this.nowMs),
      proofChallenge: (question) => this.proofChallenges.challenge(question, this.nowMs),
      validProofChallenges: (question) => this.proofChallenges.valid(question, this.nowMs),
      kwkPublicKeyPem: () => this.kwks.publicKeyPem(),
      decryptKwk: (ciphertext) => this.kwks.decrypt(ciphertext),
      findKwk: (kwkId, agentId) => this.kwks.find(kwkId, agentId),
    };
  }

  /** The plain bytes of a key, as the store has them sealed. */
  plainKey(keyId: string): Buffer {
    const objectId = this.state.get('key', keyId)?.objectId;
    return this.tools()
      .openObject(objectId as ObjectId)
      .reveal();
  }

  #context(caller: Caller): DecideContext {
    const { state, self, origin, nowMs, load, unlocked } = this;
    return {
      state,
      self,
      origin,
      caller,
      nowMs,
      load,
      nextSeq: this.seq + 1,
      unlocked,
      autonomousUnlock: () => 'on',
      members: () => this.members,
      random: randomBytes,
    };
  }
}
