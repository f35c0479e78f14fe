/** What the replicator is told without asking: who this KMA is, the members, how the logs have grown, what is missing, how it goes. It waits for nothing. */
import { chainId } from '../../core/audit.ts';
import { soughtObjects } from '../../core/missing-split.ts';
import type { TableName } from '../../core/tables.ts';
import type { VersionVector } from '../../core/version-vector.ts';
import { CHAINS_MAX } from '../../replication/audit-messages.ts';
import { logPublicKey, replicationSeed } from '../../security/log-signing.ts';
import { doubtedLog } from '../../setup/copy-detection.ts';
import { readLogSeed, readTlsKeyPem } from '../../setup/local-identity.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import { VERSION } from '../../version.ts';
import type { CoreToReplicator } from '../replicator/messages.ts';
import type { AuditExchange } from './audit-exchange.ts';
import type { Core } from './core.ts';
import type { ObjectArrivals } from './object-arrivals.ts';
import type { PoolMaintainer } from './pool-maintainer.ts';
import { rosterOf } from './roster.ts';
import { WantedObjects } from './wanted-objects.ts';

type Send = (message: CoreToReplicator) => void;
const ROSTER_TABLES: ReadonlySet<TableName> = new Set(['kma', 'incarnation', 'log_end']);
/** Commits that follow each other are told of together. */
const GROWN_MS = 10;
/** After a telling as lately as this, more of them: each costs the processes of all members some milliseconds, however little there is to tell. */
const BUSY_MS = 100;
const GROWN_BUSY_MS = 30;
const HEALTH_MS = 1_000;
/** What came while the store could not be written is asked for again. */
const MISSING_MS = 30_000;

export class ReplicationNotices {
  readonly #core: Core;
  readonly #directory: DataDirectory;
  readonly #pool: PoolMaintainer;
  readonly #wanted: WantedObjects;
  readonly #audit: AuditExchange;
  /** By chain of the audit, up to where it was told of. */
  readonly #auditTold = new Map<string, number>();
  readonly #health: NodeJS.Timeout;
  readonly #missing: NodeJS.Timeout;
  #send: Send | null = null;
  #timer: NodeJS.Timeout | null = null;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #rosterChanged = false;
  #missingChanged = false;
  /** As last told, so that nothing is told twice. */
  #told = '';

  constructor(
    core: Core,
    directory: DataDirectory,
    pool: PoolMaintainer,
    arrivals: ObjectArrivals,
    audit: AuditExchange,
  ) {
    this.#core = core;
    this.#audit = audit;
    this.#directory = directory;
    this.#pool = pool;
    const { store } = core.parts;
    this.#wanted = new WantedObjects({
      missing: store.missing,
      keySplits: () => soughtObjects(store.state, (id) => store.hasObject(id)),
      urgent: () => arrivals.urgent(),
      elapsedMs: () => performance.now(),
    });
    this.#health = setInterval(() => this.#eachSecond(), HEALTH_MS);
    this.#missing = setInterval(() => this.objectsChanged(), MISSING_MS);
    this.#health.unref();
    this.#missing.unref();
  }

  /** A replicator has connected; another one is not told any more. */
  connected(send: Send): void {
    this.#send = send;
    this.begin();
  }
  disconnected(send: Send): void {
    if (this.#send === send) this.#send = null;
  }

  /** Also when a certificate has changed. Without one there is nobody that others would talk to. */
  begin(): void {
    const { health, store, self } = this.#core.parts;
    const life = store.state.get('incarnation', self.incarnationId);
    const certificatePem = store.state.get('kma', self.kmaId)?.certificatePem ?? null;
    const caPem = store.state.get('certificate_authority', 'root')?.certificatePem ?? null;
    if (this.#send === null || health.stopped || certificatePem === null || caPem === null) return;
    const logSeed = readLogSeed(this.#directory);
    const seed = replicationSeed(logSeed);
    const { kmaId, kmaName, incarnationId } = self;
    this.#send({
      t: 'begin',
      self: {
        kmaId,
        kmaName,
        incarnationId,
        logPublicKey: logPublicKey(logSeed),
        clusterEpochId: life?.clusterEpochId ?? '',
      },
      replicationSeed: Uint8Array.from(seed.reveal()),
      tls: { privateKeyPem: readTlsKeyPem(this.#directory), certificatePem, caPem },
      base: JSON.parse(life?.baseVectorJson ?? '{}') as VersionVector,
      freshCache: doubtedLog(store) !== null,
      ...this.#vectors(),
    });
    logSeed.wipe();
    seed.wipe();
    this.#rosterChanged = true;
    this.#missingChanged = true;
    this.#tell();
    this.#auditTold.clear();
    this.#tellAudit();
    this.#tellHealth();
  }

  /** After each commit, with the tables of its facts. */
  committed(tables: Iterable<TableName> = []): void {
    for (const table of tables) {
      if (ROSTER_TABLES.has(table)) this.#rosterChanged = true;
      // Of what is sought not all is missing.
      if (table === 'key_split') this.#missingChanged = true;
    }
    this.#soon();
  }
  objectsChanged(): void {
    this.#missingChanged = true;
    this.#soon();
  }

  stop(): void {
    clearInterval(this.#health);
    clearInterval(this.#missing);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#send = null;
  }

  #soon(): void {
    if (this.#send === null || this.#timer !== null) return;
    const busy = performance.now() - this.#toldAtMs < BUSY_MS;
    this.#timer = setTimeout(() => this.#tell(), busy ? GROWN_BUSY_MS : GROWN_MS);
  }

  #tell(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#send === null) return;
    this.#toldAtMs = performance.now();
    const { store } = this.#core.parts;
    if (this.#rosterChanged) this.#send(rosterOf(store));
    this.#rosterChanged = false;
    const vectors = this.#vectors();
    const text = JSON.stringify(vectors);
    if (text !== this.#told) this.#send({ t: 'grown', ...vectors });
    this.#told = text;
    if (this.#missingChanged)
      this.#send({ t: 'missing', ids: this.#wanted.all(), sought: this.#wanted.sought });
    this.#missingChanged = false;
  }

  #vectors() {
    const { store, self } = this.#core.parts;
    return { vector: store.vector(), held: store.heldVector(self.incarnationId) };
  }

  #eachSecond(): void {
    this.#tellHealth();
    this.#tellAudit();
    if (this.#wanted.due) this.objectsChanged();
  }

  /** In no hurry: nobody waits for it. */
  #tellAudit(): void {
    if (this.#send === null || this.#core.parts.health.stopped) return;
    const grown = this.#audit.held().filter((chain) => this.#auditTold.get(chainId(chain)) !== chain.lastSeq);
    for (let at = 0; at < grown.length; at += CHAINS_MAX)
      this.#send({ t: 'audit-chains', chains: grown.slice(at, at + CHAINS_MAX) });
    for (const chain of grown) this.#auditTold.set(chainId(chain), chain.lastSeq);
  }

  #tellHealth(): void {
    const { memory, cluster } = this.#core.parts;
    this.#send?.({
      t: 'health',
      health: {
        // What agents make of a KMA that gives them nothing.
        locked: !memory.unlocked || cluster() !== 'member',
        load: this.#core.load,
        keyPoolReadyPercent: this.#pool.readyPercent,
        version: VERSION,
      },
      nowMs: this.#core.parts.time.nowMs(),
    });
  }
}
