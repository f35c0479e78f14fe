/** Fills the store of a KMA that does not run: operations of the catalogue decide, in large transactions instead of one fsync each. It makes no fact of its own. */

import { randomBytes } from 'node:crypto';
import { idFrom } from '../src/core/ids.ts';
import { poolStanding } from '../src/core/readiness.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { type Hlc, nextHlc, stampOf } from '../src/core/stamp.ts';
import type { DecideContext, PrepareContext, SecurityTools } from '../src/operations/contexts.ts';
import { NO_RESTORE } from '../src/operations/no-restore.fixture.ts';
import type { Accepted, Caller, Operation, Origin, Self } from '../src/operations/operation.ts';
import { auditRecord } from '../src/processes/core/audit-note.ts';
import { CoreMemory } from '../src/processes/core/memory.ts';
import { epochOfRoot } from '../src/processes/core/root-tools.ts';
import { createSecurityTools } from '../src/processes/core/security-tools.ts';
import { createKeyPairPool } from '../src/security/key-pair-pool.ts';
import { createKwkTable } from '../src/security/kwk.ts';
import { openAutonomously } from '../src/setup/autonomous-unlock-files.ts';
import { readIdentity } from '../src/setup/local-identity.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { openStore, type Store } from '../src/store/store.ts';

/** A running KMA makes each operation durable by itself; nobody is answered here, so one transaction holds many. */
const OPERATIONS_PER_TRANSACTION = 5_000;
const ORIGIN: Origin = { service: 'local', address: '', localAddress: '', fingerprint: null };

export class BulkWriter implements Disposable {
  readonly store: Store;
  readonly security: SecurityTools;
  readonly #self: Self;
  readonly #memory: CoreMemory;
  readonly #release: () => void;
  #hlc: Hlc;
  #inTransaction = 0;

  private constructor(directory: DataDirectory, memory: CoreMemory) {
    this.#release = directory.lock();
    this.store = openStore({ path: directory.databasePath, mode: 'write' });
    // If the machine stops now, the whole run is lost anyway; and random rows of a large store need a large cache.
    this.store.database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000');
    this.#self = readIdentity(directory);
    this.#memory = memory;
    this.security = createSecurityTools({
      ...{ store: this.store, memory, self: this.#self },
      time: { nowMs: () => Date.now() },
      lacking: () => new Set(),
    });
    this.#hlc = this.store.lastStamp();
  }

  /** The directory unlocks itself. */
  static async open(dataDirectory: string): Promise<BulkWriter> {
    const directory = DataDirectory.open(dataDirectory);
    const memory = new CoreMemory(await createKwkTable(), createKeyPairPool(1));
    const rootKeyMaterial = openAutonomously(directory);
    if (rootKeyMaterial === null) throw new Error('the KMA does not unlock itself');
    const writer = new BulkWriter(directory, memory);
    const rootEpochId = epochOfRoot(writer.store, rootKeyMaterial);
    if (rootEpochId === null) throw new Error('the unlock key is not of this KMA');
    memory.unlock({ rootEpochId, rootKeyMaterial });
    return writer;
  }

  /** Decides, folds and records as the core does; `audited` false where retention would have cut the record since. */
  did<In, Prepared, Mid, Out>(
    operation: Operation<In, Prepared, Mid, Out>,
    input: In,
    prepared: Prepared,
    caller: Caller,
    audited = true,
  ): Mid {
    this.#beginOrGoOn();
    const decision = operation.decide?.(input, this.#context(caller), prepared);
    if (decision === undefined || isRefusal(decision))
      throw new Error(`${operation.name}: ${decision?.refused} ${decision?.detail}`);
    for (const object of decision.objects ?? []) this.store.putObject(object);
    this.#hlc = nextHlc(this.#hlc, Date.now());
    const { incarnationId } = this.#self;
    const stamp = stampOf(this.#hlc, incarnationId);
    if (decision.facts.length > 0)
      this.store.appendEntry(incarnationId, {
        v: 1,
        stamp,
        operation: operation.name,
        facts: decision.facts,
      });
    if (audited) this.store.appendAudit(incarnationId, this.#record(operation, caller, decision));
    return decision.output;
  }

  /** Keys nobody has yet. */
  unissuedKeys(): number {
    return poolStanding(this.store.state, this.#self.incarnationId).unissued;
  }

  /** What `prepare` of an operation gets. */
  prepareContext(caller: Caller): PrepareContext {
    return {
      ...this.#context(caller),
      approvers: [],
      newCredentials: [],
      filesCredentials: [],
      restore: NO_RESTORE,
      rootKeyMaterial: null,
      quorumKeySplitId: null,
      security: this.security,
      makeBackup: () => Promise.reject(new Error('no backup while the store is being filled')),
      isScheduledBackup: () => false,
      readBackupPiece: () => Promise.reject(new Error('there is no backup')),
    };
  }

  [Symbol.dispose](): void {
    this.#commit();
    this.store.checkpointTruncate();
    this.store.close();
    this.#memory.keyPairs.close();
    this.#memory.lock();
    this.#release();
  }

  #record(operation: Pick<Operation, 'name' | 'audit'>, caller: Caller, result: Accepted<unknown>) {
    return auditRecord({
      id: idFrom(randomBytes(16)),
      nowMs: Date.now(),
      operation,
      self: this.#self,
      origin: ORIGIN,
      caller,
      claimedName: '',
      result,
    });
  }

  #context(caller: Caller): DecideContext {
    return {
      state: this.store.state,
      self: this.#self,
      origin: ORIGIN,
      caller,
      nowMs: Date.now(),
      load: 0,
      nextSeq: this.store.logLength(this.#self.incarnationId) + 1,
      unlocked: true,
      random: (bytes) => randomBytes(bytes),
    };
  }

  #beginOrGoOn(): void {
    if (this.#inTransaction >= OPERATIONS_PER_TRANSACTION) this.#commit();
    if (this.#inTransaction === 0) this.store.database.exec('BEGIN IMMEDIATE');
    this.#inTransaction += 1;
  }
  #commit(): void {
    if (this.#inTransaction > 0) this.store.database.exec('COMMIT');
    this.#inTransaction = 0;
  }
}
