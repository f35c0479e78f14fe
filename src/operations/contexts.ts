/** What the core hands to the steps of an operation (D1): state, tools and time for each. It implements none of them. */
import type { AgentCountsRow } from '../core/agent-performance.ts';
import type { ChainName } from '../core/audit.ts';
import type { ClockStanding } from '../core/clock-adjustment.ts';
import type { AgentId, BackupId, Fingerprint, ObjectId, UserId } from '../core/ids.ts';
import type { KmaHour } from '../core/kma-performance.ts';
import type { ClusterState } from '../core/membership.ts';
import type { SplitSearch } from '../core/missing-split.ts';
import type { Refusal } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import type { VersionVector } from '../core/version-vector.ts';
import type { PlatformSettings } from '../platform-settings/index.ts';
import type { WebSetting } from '../platform-settings/web.ts';
import type { ProofChallenge, ProofQuestion, ValidChallenge } from '../security/proof-challenges.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import type { AuditReader } from './audit-record.ts';
import type { OwnAddresses } from './entered-addresses.ts';
import type { ListReader } from './lists/list.ts';
import type { MemberLeftAlone, MemberStanding } from './member-standing.ts';
import type { Distribution } from './metrics/metric-rows.ts';
import type { Caller, Credential, NewObject, Origin, Self } from './operation.ts';
import type { OtherMembers } from './other-members.ts';
import type { PlatformDesk, PlatformStates } from './platform/desk.ts';

/** Work of the core process, all operations together: those that share a commit share its fsync. */
export interface Performance {
  readonly startedAtMs: number;
  readonly operations: number;
  readonly commits: number;
  /** New keys, at the present rate. */
  readonly keysTakenPerHour: number;
}

/** Of the running core process, since it started. */
export interface Measurements {
  readonly calls: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
  readonly durations: readonly Distribution[];
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

export type CallKind =
  | 'createKey'
  | 'retrieveKey'
  | 'registerKwk'
  | 'otherOfAgents'
  | 'enrolment'
  | 'discovery'
  | 'management'
  | 'appliance';

/** Calls of the last minute, or since the core started where that is less. */
export interface RecentLoad {
  readonly seconds: number;
  readonly calls: ReadonlyMap<CallKind, number>;
  readonly refused: number;
  readonly failed: number;
  readonly totalMs: number;
  /** How many of them and of managers called and were let in. */
  readonly agents: number;
  readonly managers: number;
}

/** The store as a thing. */
export interface StoreReport {
  readonly fileBytes: number;
  readonly freeBytes: number;
  /** `more`: there are more rows than were counted. */
  readonly tables: { readonly table: string; readonly rows: number; readonly more: boolean }[];
  readonly schema: string[];
}
/** What a process of this KMA reported. */
export interface SystemMessage {
  readonly createdAtMs: number;
  readonly process: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
}
export interface SystemMessageRow extends SystemMessage {
  readonly number: number;
}

/** The software of the running core. */
export interface Software {
  readonly version: string;
  readonly schemaVersion: number;
  readonly node: string;
  readonly sqlite: string;
  readonly openssl: string;
}

/** The machine the KMA runs on. */
export interface MachineLoad {
  readonly machineLoad: number;
  readonly processors: number;
  readonly machineFreeBytes: number;
}

/** Whether this KMA unlocks itself when it starts; or the place of its unlock key is taken by a key of another KMA. */
export type AutonomousUnlock = 'on' | 'off' | 'foreign key';

export interface DecideContext {
  readonly state: StateView;
  readonly self: Self;
  readonly origin: Origin;
  readonly caller: Caller;
  readonly nowMs: number;
  /** Operations under way at this KMA: the load of discovery. */
  readonly load: number;
  /** Position which this operation's log entry will have in the own log, from 1. */
  readonly nextSeq: number;
  readonly unlocked: boolean;
  /** What of the key splits is here and what others have said of them, as it is in this transaction. */
  keySplits?(): SplitSearch;
  autonomousUnlock?(): AutonomousUnlock;
  /** What the core has done since it started; for the status. */
  performance?(): Performance;
  /** What the core process measured; for the metrics. */
  measurements?(): Measurements;
  /** What was called lately; for the current load. */
  recentLoad?(): RecentLoad;
  machine?(): MachineLoad;
  software?(): Software;
  /** The first record of this audit chain that is here; null where there is none. */
  auditBegin?(name: ChainName): number | null;
  /** The time of this KMA and of its machine. */
  clock?(): ClockStanding;
  /** Of the core process, by kind. */
  memory?(): Readonly<Record<string, number>>;
  /** Whose log-in at this KMA has this key now. */
  sessionOwner?(fingerprint: Fingerprint): UserId | null;
  /** The log-ins at this KMA that count now. */
  sessions?(): readonly OpenSession[];
  /** Credentials that the client of this log-in seals can be opened: a core that was replaced has forgotten the key. */
  opensSealed?(fingerprint: Fingerprint): boolean;
  /** What is wrong with this KMA now. */
  health?(): HealthReport;
  /** What is known of other members now, by life. */
  members?(): readonly MemberStanding[];
  /** Members that this KMA does not talk to now, by KMA. */
  leftAlone?(): ReadonlyMap<string, MemberLeftAlone>;
  /** Where this KMA is served; null where that was not said. */
  served?(): OwnAddresses | null;
  /** Unlocked, but not with the root key material of today: another KMA was lost, and this one was given no copy. */
  lacksRoot?(): boolean;
  /** How this KMA stands in its cluster. */
  cluster?(): ClusterState;
  /** Long work at this KMA, under way and ended, newest first; of all users. */
  jobs?(): readonly JobReport[];
  /** Of the web Manager's port at this KMA. */
  webSetting?(): WebSetting;
  /** Of this KMA and its machine. */
  platformSettings?(): PlatformSettings;
  platformStates?(): PlatformStates;
  /** Fresh random bytes. */
  random(bytes: number): Uint8Array;
}

/** A log-in that counts. */
export interface OpenSession {
  readonly fingerprint: Fingerprint;
  readonly userId: UserId;
  readonly user: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly usedAtMs: number;
}

/** Long work that somebody asked for, and what has become of it. */
export interface JobReport {
  readonly job: string;
  readonly userId: string;
  readonly operation: string;
  readonly state: 'running' | 'done' | 'failed';
  /** For people; `done` of `total` in the unit of the work, 0 of 0 where that is not known. */
  readonly doing: string;
  readonly done: number;
  readonly total: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly refusal: Refusal | null;
  /** Of the operation, where it is done. */
  readonly output: unknown;
}

/** Of the running core; "" and no lines where nothing is wrong. */
export interface HealthReport {
  /** Why the KMA has stopped itself. */
  readonly errorState: string;
  /** What is wrong with the store. */
  readonly store: readonly string[];
}

/** What `reply` may use. Objects are opened by ID; it throws where the object is missing or does not verify. */
export interface ReplyContext {
  openObject(id: ObjectId): SecretBytes;
}

/** The tools of `prepare`, injected by the core; the simulated world has deterministic ones. */
export interface PrepareContext {
  readonly state: StateView;
  readonly self: Self;
  readonly origin: Origin;
  /** As known before the transaction; `decide` gets the caller as proven inside it. */
  readonly caller: Caller;
  readonly nowMs: number;
  readonly unlocked: boolean;
  lacksRoot?(): boolean;
  members?(): readonly MemberStanding[];
  random(bytes: number): Uint8Array;
  /** Whose key split credentials were given; all of them are right. */
  readonly approvers: readonly string[];
  /** Those of a key split that is to be made. */
  readonly newCredentials: readonly Credential[];
  /** Opened from the quorum's credentials; null where there are none or too few. */
  readonly rootKeyMaterial: SecretBytes | null;
  /** Of the key split that the quorum was judged by. */
  readonly quorumKeySplitId: string | null;
  readonly security: SecurityTools;
  /** Makes the files of a database backup in the staging directory; one at a time. */
  makeBackup(scheduled: boolean): Promise<MadeBackup | Refusal>;
  /** Whether the files wait to be fetched and were made for the schedule. */
  isScheduledBackup(backupId: string): boolean;
  readonly restore: RestoreTools;
  /** Of an operation that opens files with them; not judged by the key split of this KMA. */
  readonly filesCredentials: readonly Credential[];
  /** Of a file of a backup that waits to be fetched, from this byte on. */
  readBackupPiece(backupId: string, part: BackupPart, offset: number): Promise<BackupPiece | Refusal>;
  /** Asked out of turn; absent where no other member responds. */
  readonly others?: OtherMembers | undefined;
  /** Of this KMA and its machine; and the process that carries them out. */
  platformSettings?(): PlatformSettings;
  readonly platform?: PlatformDesk;
}

export type RestorePart = BackupPart | 'core-security';

export interface RestoreFile {
  readonly part: RestorePart;
  readonly bytes: number;
  /** Upper-case hex. */
  readonly sha256: string;
}

export interface RestoredKma {
  readonly kmaName: string;
  readonly backupId: string;
  readonly stateHashRestored: string;
  readonly caKeySha256: string;
}

/** Restoring from files that were sent; what is built takes this KMA's place only by the effect `restored`. */
export interface RestoreTools {
  /** How many bytes of the file are there then. */
  write(part: RestorePart, offset: number, bytes: Uint8Array): Promise<number | Refusal>;
  files(): Promise<readonly RestoreFile[] | Refusal>;
  /** From exactly the files with these hashes. */
  run(
    sha256: Readonly<Record<RestorePart, string>>,
    credentials: readonly Credential[],
  ): Promise<RestoredKma | Refusal>;
}

/** The encrypted snapshot, or the file with its key, sealed to the key split. */
export type BackupPart = 'backup' | 'key';

/** Some bytes of a file, and what the whole file is. */
export interface BackupPiece {
  readonly bytes: Uint8Array;
  readonly totalBytes: number;
  /** Upper-case hex. */
  readonly sha256: string;
}

/** A database backup as made: what its facts will say, and where its files wait to be fetched. Hashes are upper-case hex. */
export interface MadeBackup {
  readonly backupId: BackupId;
  readonly createdAtMs: number;
  readonly rootEpochId: string;
  readonly vector: Readonly<Record<string, number>>;
  readonly heldVector: Readonly<Record<string, number>>;
  readonly stateHash: string;
  readonly fileSha256: string;
  readonly fileBytes: number;
  readonly keyFileSha256: string;
  readonly directory: string;
  readonly fileName: string;
  readonly keyFileName: string;
}

/** What `view` and `inspect` may use: the state, and the audit records, which are not part of it. */
export interface ViewContext {
  readonly state: StateView;
  readonly nowMs: number;
  readonly self: Self;
  readonly audit: AuditReader;
  /** Pages of the lists that are too long to be looked at as a whole. */
  readonly lists: ListReader;
  /** What agents asked of this KMA from the first to the last of these hours (core/agent-performance.ts), in order of agent. */
  agentPerformance(firstHour: number, lastHour: number): readonly AgentCountsRow[];
  /** What this KMA has served, hour by hour. */
  kmaPerformance(firstHour: number, lastHour: number): readonly KmaHour[];
  storeReport(): StoreReport;
  /** Of all replicated rows, which are read for it, and how far the logs are folded that made them. */
  replicated(): { readonly stateHash: string; readonly vector: VersionVector };
  /** What the processes of this KMA reported, newest first. */
  systemMessages(): readonly SystemMessageRow[];
  /** Passphrase proofs at this KMA that failed in a row, up to a minute ago, by role and name ("agent:drive-1"). */
  proofFailures(): ReadonlyMap<string, number>;
}
/** Everything in `prepare` that needs keys, key pairs or slow hashes. Implemented by the core over src/security/. */
export interface SecurityTools {
  /** Seals a root-sealed object under the current master key. */
  seal(object: { readonly kind: string; readonly owner: string; readonly plaintext: SecretBytes }): NewObject;
  openObject(id: ObjectId): SecretBytes;
  /** The master key that it is sealed under; "" where it is not here. */
  epochOf(id: ObjectId): string;
  /** New root key material for all members but this one, split among the same persons without them. */
  newRoot(exceptKmaId: string | null): Promise<NewRoot | Refusal>;
  /** What this KMA can add to the root key material of today; null where nothing is missing. */
  rootUpkeep(): RootUpkeep | null;
  /** An object of class open or self-protected, as it is. */
  readObject(id: ObjectId): Uint8Array;
  /** Argon2id verifier of a passphrase as an open object. */
  makeVerifier(owner: string, passphrase: SecretBytes): Promise<NewObject>;
  /** The legacy secret S of the protocol's 4.2, as a root-sealed object. */
  makeLegacySecret(
    owner: string,
    passphrase: SecretBytes,
  ): Promise<{ readonly object: NewObject; readonly iterations: number }>;
  /** Signs a certificate with the root CA's key; `publicKey` is SubjectPublicKeyInfo in DER, `root` one that is about to be served. */
  issueCertificate(request: {
    readonly kind: 'agent' | 'kma' | 'user';
    readonly name: string;
    readonly publicKey: Uint8Array;
    readonly root?: RootCertificate;
    /** At most; the setting bounds it too. */
    readonly days?: number;
  }): Promise<IssuedCertificate>;
  /** A certificate of the same key and subject, signed anew. */
  renewRootCa(digest: RootCertificate['digest']): Promise<RootCertificate>;
  /** An RSA 2048 pair from the pool made ahead; the private key as PKCS#1 PEM. */
  takeKeyPair(): Promise<{ readonly publicKey: Uint8Array; readonly privateKeyPem: SecretBytes }>;
  /** The challenge of port 3331 for an entity that is shown this root CA certificate, and those that are still valid (D6). */
  challenge(entity: string, rootPem: string): Uint8Array;
  validChallenges(entity: string, rootPem: string): readonly Uint8Array[];
  /** The same for the modern proof: challenge and one-time key for what a first message asked. */
  proofChallenge(question: ProofQuestion): ProofChallenge;
  validProofChallenges(question: ProofQuestion): readonly ValidChallenge[];
  /** Public half of the key wrapping transport key, SubjectPublicKeyInfo PEM; and the decryption without a padding oracle. */
  kwkPublicKeyPem(): string;
  decryptKwk(ciphertext: Uint8Array): SecretBytes;
  /** What memory knows of a key wrapping key ID for this agent. */
  findKwk(kwkId: string, agentId: AgentId): SecretBytes | 'unknown' | 'mismatch';
}
/** A master key, sealed under root key material. */
export interface MasterWrap {
  readonly masterEpochId: string;
  readonly object: NewObject;
}
/** Root key material, encrypted to the member key of one life. */
export interface RootCopy {
  readonly incarnationId: string;
  readonly object: NewObject;
}
export interface NewRoot {
  readonly rootEpochId: string;
  readonly rootKeyMaterial: SecretBytes;
  readonly keySplitId: string;
  readonly split: NewObject;
  /** The current one. */
  readonly replaces: Row<'key_split'>;
  /** Whose persons it is split among: of the current one, or of the one before where that is gone with its maker. */
  readonly splitLike: Row<'key_split'>;
  /** Of the master key that objects are sealed under from now on; its wrap is among the wraps. */
  readonly masterEpochId: string;
  readonly wraps: readonly MasterWrap[];
  readonly copies: readonly RootCopy[];
  /** KMAs that have no member key, and so are given no copy. */
  readonly without: readonly string[];
}
export interface RootUpkeep {
  /** Of this life, where it is not known to others or not under this root key material. */
  readonly memberKey: NewObject | null;
  readonly rootEpochId: string;
  readonly wraps: readonly MasterWrap[];
}
export interface RootCertificate {
  readonly certificatePem: string;
  readonly digest: 'SHA-1' | 'SHA-256';
}
export interface IssuedCertificate {
  readonly pem: string;
  readonly fingerprint: Fingerprint;
  readonly serial: string;
  readonly notAfterMs: number;
}
