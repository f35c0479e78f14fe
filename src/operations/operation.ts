/** What an operation is (D1, D9): one record that names it, says who may, checks the input, and decides. It runs nothing. */
import type { z } from 'zod';
import type { Fact } from '../core/facts.ts';
import type { AgentId, BackupId, Fingerprint, IncarnationId, KmaId, ObjectId, UserId } from '../core/ids.ts';
import type { Refusal } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import type { ProofChallenge, ProofQuestion } from '../security/proof-challenges.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';

export const ROLES = [
  'SECURITY_OFFICER',
  'COMPLIANCE_OFFICER',
  'OPERATOR',
  'BACKUP_OPERATOR',
  'AUDITOR',
  'QUORUM_MEMBER',
] as const;
export type Role = (typeof ROLES)[number];

/** Who may call: `stranger` has proven nothing, `agent` holds a certificate, `local` is the appliance itself, otherwise the roles. */
export type Callers = 'stranger' | 'agent' | 'local' | readonly Role[];

export type AuditClass =
  | 'Agent Access'
  | 'Agent Client'
  | 'Appliance Management'
  | 'Auditing'
  | 'Backup'
  | 'CA Service'
  | 'Certificate Service'
  | 'Discovery'
  | 'Key Pool'
  | 'Security Officer'
  | 'Compliance Officer'
  | 'Operator'
  | 'Backup Operator'
  | 'Management'
  | 'Security Violation'
  | 'System';
export type RetentionTerm = 'long' | 'medium' | 'short';
export type Severity = 'success' | 'warning' | 'error';

/** The caller as the front or the local socket reports it; `address` is textual, "" for local callers. */
export interface Origin {
  readonly service: 'ca' | 'certificate' | 'agent' | 'discovery' | 'local';
  readonly address: string;
  /** The address the caller connected to, so that discovery can name it. */
  readonly localAddress: string;
  readonly fingerprint: Fingerprint | null;
  /** Of the certificate service only: what binds a proof to the caller's TLS connection (RFC 9266). */
  readonly exporter?: Uint8Array | undefined;
}

/** The caller as proven inside the transaction. */
export type Caller =
  | { readonly kind: 'stranger' }
  | { readonly kind: 'agent'; readonly agent: Row<'agent'> }
  | { readonly kind: 'user'; readonly id: UserId; readonly name: string; readonly roles: readonly Role[] }
  | { readonly kind: 'local' };

/** This KMA, constant for the life of the core process. */
export interface Self {
  readonly kmaId: KmaId;
  readonly kmaName: string;
  readonly incarnationId: IncarnationId;
}

/** Work of the core process, all operations together: those that share a commit share its fsync. */
export interface Performance {
  readonly startedAtMs: number;
  readonly operations: number;
  readonly commits: number;
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
  autonomousUnlock?(): AutonomousUnlock;
  /** What the core has done since it started; for the status. */
  performance?(): Performance;
  /** Whose log-in at this KMA has this key now. */
  sessionOwner?(fingerprint: Fingerprint): UserId | null;
  /** What is wrong with this KMA now. */
  health?(): HealthReport;
  /** Fresh random bytes. */
  random(bytes: number): Uint8Array;
}

/** A person's log-in at this KMA: a local row, known by the key that the client made itself (D7). */
export interface UserSession {
  /** SHA-256 of the key's SubjectPublicKeyInfo. */
  readonly fingerprint: Fingerprint;
  readonly userId: UserId;
  /** What the passphrase was proven against: another one set later voids the session. */
  readonly verifierObjectId: ObjectId;
  /** When the user was enabled: being disabled voids the session for good, also when he is enabled again. */
  readonly enabledStamp: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Of the running core; "" and no lines where nothing is wrong. */
export interface HealthReport {
  /** Why the KMA has stopped itself. */
  readonly errorState: string;
  /** What is wrong with the store. */
  readonly store: readonly string[];
}

/** An object to be stored with the facts that name it (D14). `class` local never reaches the table. */
export interface NewObject {
  readonly id: ObjectId;
  readonly class: 'open' | 'self-protected' | 'root-sealed';
  readonly kind: string;
  readonly owner: string;
  readonly epoch: string;
  readonly bytes: Uint8Array;
}

/** Changes of memory, carried out by the core only after the commit. */
export type Effect =
  | {
      readonly effect: 'remember-kwk';
      readonly kwkId: string;
      readonly agentId: AgentId;
      readonly kwk: SecretBytes;
    }
  | { readonly effect: 'unlock'; readonly rootKeyMaterial: SecretBytes }
  | { readonly effect: 'lock' }
  | { readonly effect: 'set-autonomous-unlock'; readonly enabled: boolean }
  | { readonly effect: 'accept-clock' }
  | { readonly effect: 'tls-changed' }
  | { readonly effect: 'passphrase-set'; readonly entity: string }
  /** A key left the pool. */
  | { readonly effect: 'key-taken' }
  /** Its size changed, or which of its keys are Ready. */
  | { readonly effect: 'pool-changed' }
  /** The files of a backup were fetched and read back. */
  | { readonly effect: 'discard-staged-backup'; readonly backupId: BackupId };

export interface AuditNote {
  readonly severity: Severity;
  /** A few fixed words; "Success" unless something is worth a look. */
  readonly condition: string;
  /** name=value details, no secrets. */
  readonly message: string;
  /** Only where it differs from the operation's own. */
  readonly retention?: RetentionTerm;
  readonly class?: AuditClass;
}

export interface Accepted<Output> {
  readonly facts: readonly Fact[];
  readonly objects?: readonly NewObject[];
  /** Objects whose rows are deleted with the commit (superseded passphrase secrets, destroyed keys). */
  readonly erase?: readonly ObjectId[];
  readonly output: Output;
  /** True where the answer is right without the facts (an association while retrieving): they are dropped while the clock is odd. */
  readonly factsOptional?: boolean;
  /** Local rows written in the same transaction: `locked` and `autonomousUnlock`, "1" or "0"; start-up goes by them. */
  readonly local?: Readonly<Record<string, string>>;
  /** A local row too: its key may call in the user's name from now on. */
  readonly session?: UserSession;
  /** Cuts the front of an audit chain of one of this KMA's lives in the same transaction. */
  readonly cutAudit?: {
    readonly incarnationId: IncarnationId;
    readonly term: RetentionTerm;
    readonly seq: number;
  };
  readonly audit?: AuditNote;
  readonly effects?: readonly Effect[];
}
export type Decision<Output> = Accepted<Output> | Refusal;

/** What `reply` may use. Objects are opened by ID; it throws where the object is missing or does not verify. */
export interface ReplyContext {
  openObject(id: ObjectId): SecretBytes;
}

export interface Operation<In = unknown, Prepared = unknown, Mid = unknown, Out = Mid> {
  /** Unique, PascalCase; agents' operations carry their SOAP names. */
  readonly name: string;
  /** One sentence for documentation and --help. */
  readonly summary: string;
  readonly callers: Callers;
  /** Needs the credentials of a quorum besides the caller's right. */
  readonly quorum: boolean;
  /** Refused while the KMA is locked. */
  readonly needsUnlocked: boolean;
  /** Writes facts; refused while the clock is odd or the store is damaged. Retrieval with its audit record is not a change. */
  readonly changes: boolean;
  /** Answered in the error state too, and without its audit record where none can be written: only for what tells people the state. */
  readonly answersAlways?: boolean;
  readonly audit: { readonly class: AuditClass; readonly retention: RetentionTerm };
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  /** Words of the appliance command: ["site", "create"]; and which input fields are positional arguments, in order. */
  readonly command?: {
    readonly words: readonly string[];
    readonly arguments?: readonly string[];
    readonly example: string;
  };
  /** Asynchronous, off the core's loop, writes nothing. */
  prepare?(input: In, context: PrepareContext): Promise<Prepared | Refusal>;
  /** Synchronous and pure. Absent only where `view` answers alone. */
  decide?(input: In, context: DecideContext, prepared: Prepared): Decision<Mid>;
  /** Makes the answer inside the transaction; it is released after the commit, and a reply that fails changes nothing. Synchronous. */
  reply?(output: Mid, context: ReplyContext, prepared: Prepared): Out | Refusal;
  /** Lists, reports, verification: runs in the reader process over a read-only snapshot, before the audit record is written. */
  view?(input: In, context: ViewContext): Out | Refusal;
}

/** Keeps the parameter types while an operation is written down, and forgets them in the catalogue. */
export function operation<In, Prepared, Mid, Out>(
  definition: Operation<In, Prepared, Mid, Out>,
): Operation<In, Prepared, Mid, Out> {
  return definition;
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
  random(bytes: number): Uint8Array;
  /** Opened from the quorum's credentials; null for operations without a quorum. */
  readonly rootKeyMaterial: SecretBytes | null;
  readonly security: SecurityTools;
  /** Makes the files of a database backup in the staging directory; one at a time. */
  makeBackup(): Promise<MadeBackup | Refusal>;
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

/** What `view` may use: the state, and the audit records, which are not part of it. */
export interface ViewContext {
  readonly state: StateView;
  readonly nowMs: number;
  readonly self: Self;
  readonly audit: AuditReader;
}
export interface AuditReader {
  /** Newest first; `beforeId` continues after the last row of the page before. */
  list(filter: AuditFilter): readonly AuditRecord[];
  /** Recomputes every chain from its first kept record; one row for each incarnation and term. */
  verify(): readonly AuditChainReport[];
}
export interface AuditFilter {
  readonly limit: number;
  readonly beforeId?: number;
  readonly term?: RetentionTerm;
  readonly operation?: string;
  readonly severity?: Severity;
  readonly entity?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
}
/** Fields of section 9.1 of the product reference. `row` is local and only pages. */
export interface AuditRecord {
  readonly row: number;
  readonly id: string;
  readonly createdAt: number;
  readonly operation: string;
  readonly severity: Severity;
  readonly condition: string;
  readonly message: string;
  readonly entityId: string;
  readonly entityAddress: string;
  readonly kmaId: string;
  readonly kmaName: string;
  readonly class: AuditClass;
  readonly term: RetentionTerm;
  readonly solution: string;
}
export interface AuditChainReport {
  readonly incarnationId: string;
  readonly term: RetentionTerm;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly records: number;
  /** "intact", or what is wrong and at which sequence number. */
  readonly verdict: string;
}

/** Everything in `prepare` that needs keys, key pairs or slow hashes. Implemented by the core over src/security/. */
export interface SecurityTools {
  /** Seals a root-sealed object under the current master key. */
  seal(object: { readonly kind: string; readonly owner: string; readonly plaintext: SecretBytes }): NewObject;
  openObject(id: ObjectId): SecretBytes;
  /** An object of class open or self-protected, as it is. */
  readObject(id: ObjectId): Uint8Array;
  /** Argon2id verifier of a passphrase as an open object. */
  makeVerifier(owner: string, passphrase: SecretBytes): Promise<NewObject>;
  /** The legacy secret S of the protocol's 4.2, as a root-sealed object. */
  makeLegacySecret(
    owner: string,
    passphrase: SecretBytes,
  ): Promise<{ readonly object: NewObject; readonly iterations: number }>;
  /** Signs a certificate with the root CA's key; `publicKey` is SubjectPublicKeyInfo in DER. */
  issueCertificate(request: {
    readonly kind: 'agent' | 'kma';
    readonly name: string;
    readonly publicKey: Uint8Array;
  }): Promise<IssuedCertificate>;
  /** An RSA 2048 pair from the pool made ahead; the private key as PKCS#1 PEM. */
  takeKeyPair(): Promise<{ readonly publicKey: Uint8Array; readonly privateKeyPem: SecretBytes }>;
  /** The challenge of port 3331 for an entity, and whether one of the valid ones fits (D6). */
  challenge(entity: string): Uint8Array;
  validChallenges(entity: string): readonly Uint8Array[];
  /** The same for the modern proof: challenge and one-time key for what a first message asked. */
  proofChallenge(question: Omit<ProofQuestion, 'rootPem'>): ProofChallenge;
  validProofChallenges(question: Omit<ProofQuestion, 'rootPem'>): readonly ProofChallenge[];
  /** Public half of the key wrapping transport key, SubjectPublicKeyInfo PEM; and the decryption without a padding oracle. */
  kwkPublicKeyPem(): string;
  decryptKwk(ciphertext: Uint8Array): SecretBytes;
  /** What memory knows of a key wrapping key ID for this agent. */
  findKwk(kwkId: string, agentId: AgentId): SecretBytes | 'unknown' | 'mismatch';
}
export interface IssuedCertificate {
  readonly pem: string;
  readonly fingerprint: Fingerprint;
  readonly serial: string;
  readonly notAfterMs: number;
}
/** A key split credential as somebody gave it. */
export interface Credential {
  readonly name: string;
  readonly passphrase: SecretBytes;
}
