/** The tables of this machine alone, which no other KMA gets and no state hash holds, as SQL. It never touches rows. */

/** Log-ins of persons at this KMA (D7): known by the fingerprint of the key that the client made itself. */
export const USER_SESSIONS: readonly string[] = [
  `CREATE TABLE user_session (fingerprint TEXT PRIMARY KEY, user_id TEXT NOT NULL, verifier TEXT NOT NULL,
     enabled_stamp TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER NOT NULL)
     STRICT, WITHOUT ROWID`,
  'CREATE INDEX user_session_by_user ON user_session (user_id, created_at)',
];

/** Answers to requests that may come again (idempotency keys): kept with the facts they tell of, or not at all. */
export const IDEMPOTENCY: readonly string[] = [
  `CREATE TABLE idempotency (user_id TEXT NOT NULL, key TEXT NOT NULL, request_sha256 TEXT NOT NULL,
     answered_at INTEGER NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (user_id, key)) STRICT, WITHOUT ROWID`,
  'CREATE INDEX idempotency_by_answered_at ON idempotency (answered_at)',
];

/** What agents asked of this KMA: one row for each agent and hour, in the order in which the oldest go. */
export const AGENT_PERFORMANCE: readonly string[] = [
  `CREATE TABLE agent_performance (hour INTEGER NOT NULL, agent TEXT NOT NULL, create_key INTEGER NOT NULL,
     retrieve_key INTEGER NOT NULL, register_kwk INTEGER NOT NULL, other INTEGER NOT NULL, refused INTEGER NOT NULL,
     total_ms REAL NOT NULL, PRIMARY KEY (hour, agent)) STRICT, WITHOUT ROWID`,
];

/** What this KMA has served: one row for each hour, which others are told (core/kma-performance.ts). */
export const KMA_PERFORMANCE: readonly string[] = [
  `CREATE TABLE kma_performance (hour INTEGER PRIMARY KEY, agents INTEGER NOT NULL, create_key INTEGER NOT NULL,
     retrieve_key INTEGER NOT NULL, register_kwk INTEGER NOT NULL, other INTEGER NOT NULL, refused INTEGER NOT NULL,
     total_ms REAL NOT NULL, busy INTEGER NOT NULL, management INTEGER NOT NULL, replication INTEGER NOT NULL) STRICT`,
];

/** Passphrase proofs that failed in a row (D15), of entities that exist. */
export const PROOF_FAILURES: readonly string[] = [
  `CREATE TABLE proof_failure (entity TEXT NOT NULL, at_appliance INTEGER NOT NULL, count INTEGER NOT NULL,
     last_ms INTEGER NOT NULL, PRIMARY KEY (entity, at_appliance)) STRICT, WITHOUT ROWID`,
];

/** What the processes of this KMA reported. */
export const SYSTEM_MESSAGES: readonly string[] = [
  `CREATE TABLE system_message (number INTEGER PRIMARY KEY, created_at INTEGER NOT NULL, process TEXT NOT NULL,
     severity TEXT NOT NULL, message TEXT NOT NULL) STRICT`,
];

/**
 * Sealed objects that rows name and this KMA does not have, with the row that names each, and of keys where they were
 * made: how far a log is held is then one look into an index. What is no key is of the log "", in the order of time.
 */
export const MISSING_OBJECTS: readonly string[] = [
  `CREATE TABLE missing_object (id TEXT PRIMARY KEY, since INTEGER NOT NULL, named_in TEXT NOT NULL,
     named_by TEXT NOT NULL, incarnation TEXT, seq INTEGER) STRICT, WITHOUT ROWID`,
  'CREATE INDEX missing_object_by_made ON missing_object (incarnation, seq) WHERE incarnation IS NOT NULL',
];

/** Where in each log the keys under each master key begin whose objects are here. */
export const KEY_EPOCHS: readonly string[] = [
  `CREATE TABLE key_epoch (incarnation TEXT NOT NULL, epoch TEXT NOT NULL, first_seq INTEGER NOT NULL,
     PRIMARY KEY (incarnation, epoch)) STRICT, WITHOUT ROWID`,
];

/** What other lives have confirmed to hold of each log; and objects that were erased and may be in some file of this KMA still. */
export const REPLICATION: readonly string[] = [
  `CREATE TABLE peer_holding (incarnation TEXT NOT NULL, peer TEXT NOT NULL, seq INTEGER NOT NULL,
     PRIMARY KEY (incarnation, peer)) STRICT, WITHOUT ROWID`,
  'CREATE TABLE erasure_pending (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID',
];

/** What was found to be changed on both sides of a partition, until it stands in the own log: found in the transaction that folded it, written down after. */
export const FOUND_CONFLICTS: readonly string[] = [
  'CREATE TABLE found_conflict (id TEXT PRIMARY KEY, conflict TEXT NOT NULL) STRICT, WITHOUT ROWID',
];

/** What lists search by stands beside the record, which alone is hashed: looking into the JSON of a million records takes seconds. */
export const AUDIT_TABLE = `CREATE TABLE audit (row INTEGER PRIMARY KEY, incarnation TEXT NOT NULL, term TEXT NOT NULL,
  seq INTEGER NOT NULL, hash TEXT NOT NULL, created_at INTEGER NOT NULL, operation TEXT NOT NULL, severity TEXT NOT NULL,
  entity TEXT NOT NULL, id TEXT NOT NULL, condition TEXT NOT NULL, class TEXT NOT NULL, entity_address TEXT NOT NULL,
  kma_name TEXT NOT NULL, message TEXT NOT NULL, solution TEXT NOT NULL, record TEXT NOT NULL) STRICT`;
export const AUDIT_INDEXES: readonly string[] = [
  'CREATE UNIQUE INDEX audit_by_chain ON audit (incarnation, term, seq)',
  'CREATE INDEX audit_by_created_at ON audit (created_at)',
  'CREATE INDEX audit_by_operation ON audit (operation)',
  'CREATE INDEX audit_by_entity ON audit (entity)',
  // Nearly all records are successes, and nobody looks for those by severity: they cost this index nothing.
  `CREATE INDEX audit_by_trouble ON audit (severity) WHERE severity <> 'success'`,
];

/**
 * Of the audit chains of other KMAs, whose records stand beside the own ones (with negative numbers: the own ones count up
 * without gaps): where each begins here, as of an own one that was cut, and the signatures by which it can be passed on, so
 * dense that what lies between two is one message.
 */
export const AUDIT_COPIES: readonly string[] = [
  `CREATE TABLE audit_copy (incarnation TEXT NOT NULL, term TEXT NOT NULL, start_seq INTEGER NOT NULL,
     start_hash TEXT NOT NULL, PRIMARY KEY (incarnation, term)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE audit_proof (incarnation TEXT NOT NULL, term TEXT NOT NULL, seq INTEGER NOT NULL, records INTEGER NOT NULL,
     characters INTEGER NOT NULL, signed_by TEXT NOT NULL, signature TEXT NOT NULL, PRIMARY KEY (incarnation, term, seq))
     STRICT, WITHOUT ROWID`,
];

/** What belongs to this machine and its people now: backups leave it out, so that a restored KMA knows no log-in, no answer, and no word of a peer. */
export const MACHINE_TABLES = [
  'local',
  'user_session',
  'idempotency',
  'agent_performance',
  'kma_performance',
  'proof_failure',
  'system_message',
  'missing_object',
  'key_epoch',
  'peer_holding',
  'erasure_pending',
  'found_conflict',
] as const;

/**
 * Local tables are not part of the state hash: `log` holds the exact bytes of every incarnation's log entries, `folded` says
 * how many of each are in the tables (the version vector) and the greatest stamp among them, `audit` the hash chains and `audit_copy` what is known of those of others,
 * `object` what is sealed or too large for facts, `local` this machine's own values.
 */
export const LOCAL_TABLES: readonly string[] = [
  `CREATE TABLE log (incarnation TEXT NOT NULL, seq INTEGER NOT NULL, stamp TEXT NOT NULL, bytes BLOB NOT NULL,
     PRIMARY KEY (incarnation, seq)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE folded (incarnation TEXT PRIMARY KEY, length INTEGER NOT NULL, stamp TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE object (id TEXT PRIMARY KEY, class TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL,
     epoch TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID`,
  AUDIT_TABLE,
  ...AUDIT_INDEXES,
  'CREATE TABLE local (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
  ...USER_SESSIONS,
  ...IDEMPOTENCY,
  ...AGENT_PERFORMANCE,
  ...KMA_PERFORMANCE,
  ...PROOF_FAILURES,
  ...SYSTEM_MESSAGES,
  ...REPLICATION,
  ...MISSING_OBJECTS,
  ...KEY_EPOCHS,
  ...FOUND_CONFLICTS,
  ...AUDIT_COPIES,
];
