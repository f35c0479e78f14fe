/** What an operation is (D1, D9): one record that names it, says who may, checks the input, and decides. It runs nothing. */
import type { z } from 'zod';
import type { Fact } from '../core/facts.ts';
import type { Fingerprint, IncarnationId, KmaId, ObjectId, UserId } from '../core/ids.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Steps } from '../core/steps.ts';
import type { Row } from '../core/tables.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import type { AuditClass, AuditNote, RetentionTerm } from './audit-record.ts';
import type { DecideContext, PrepareContext, ReplyContext, ViewContext } from './contexts.ts';
import type { Effect } from './effects.ts';
import type { HttpRoute } from './http-route.ts';
import type { Entity } from './row-version.ts';

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

/** The caller as the front or the local socket reports it; `address` is textual, "" for local callers. */
export interface Origin {
  readonly service: 'ca' | 'certificate' | 'agent' | 'discovery' | 'management' | 'local';
  readonly address: string;
  /** The address the caller connected to, so that discovery can name it. */
  readonly localAddress: string;
  /** Of the certificate; of the management service that of the key alone. */
  readonly fingerprint: Fingerprint | null;
  /** Of the certificate service only: what binds a proof to the caller's TLS connection (RFC 9266). */
  readonly exporter?: Uint8Array | undefined;
  /** Of a page in a browser that proves a passphrase: where it came from, one of this KMA's own places. */
  readonly webOrigin?: string | undefined;
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

/** An object to be stored with the facts that name it (D14). `class` local never reaches the table. */
export interface NewObject {
  readonly id: ObjectId;
  readonly class: 'open' | 'self-protected' | 'root-sealed';
  readonly kind: string;
  readonly owner: string;
  readonly epoch: string;
  readonly bytes: Uint8Array;
}

export interface Accepted<Output> {
  readonly facts: readonly Fact[];
  readonly objects?: readonly NewObject[];
  /** Objects whose rows are deleted with the commit (superseded passphrase secrets, destroyed keys). */
  readonly erase?: readonly ObjectId[];
  readonly output: Output;
  /** True where the answer is right without the facts (an association while retrieving): they are dropped while the clock is odd. */
  readonly factsOptional?: boolean;
  /** Local rows written in the same transaction: `locked` and `autonomousUnlock`, "1" or "0", and the clock's offset; start-up goes by them. */
  readonly local?: Readonly<Record<string, string>>;
  /** A local row too: its key may call in the user's name from now on. */
  readonly session?: UserSession;
  /** Log-ins that count no more; their keys stay their user's until they would have expired. */
  readonly endSessions?: readonly Fingerprint[];
  /** Cuts the front of an audit chain of one of this KMA's lives in the same transaction. */
  readonly cutAudit?: {
    readonly incarnationId: IncarnationId;
    readonly term: RetentionTerm;
    readonly seq: number;
  };
  readonly audit?: AuditNote;
  /** What was carried out with it in another's name; it has its own record. */
  readonly executed?: {
    readonly operation: Pick<Operation, 'name' | 'audit'>;
    readonly caller: Caller;
    readonly audit: AuditNote;
  };
  readonly effects?: readonly Effect[];
}
export type Decision<Output> = Accepted<Output> | Refusal;

export interface Operation<In = unknown, Prepared = unknown, Mid = unknown, Out = Mid> {
  /** Unique, PascalCase; agents' operations carry their SOAP names. */
  readonly name: string;
  /** One sentence for documentation and --help. */
  readonly summary: string;
  readonly callers: Callers;
  /** Of an agents' operation: users of any role may call it too. */
  readonly forManagers?: true;
  /** May be asked with a certificate for monitoring too, which may ask nothing else. */
  readonly forMonitoring?: true;
  /** Needs the credentials of a quorum besides the caller's right. `given`: takes credentials, and judges itself whether they are enough. `of files`: of the key split in files that it opens, not of this KMA's. */
  readonly quorum: boolean | 'given' | 'of files';
  /** Takes the credentials of a new key split besides those of the quorum. */
  readonly newKeySplit?: true;
  /** Where the object of the current key split is missing, the quorum of the one before it counts: else nobody could unlock or accept clocks, for good where its maker is gone or has lost it. `where lost`: only where that object is lost for certain (core/missing-split.ts). */
  readonly earlierKeySplit?: true | 'where lost';
  /** Refused while the KMA is locked. */
  readonly needsUnlocked: boolean;
  /** Writes facts; refused while the clock is odd or the store is damaged. Retrieval with its audit record is not a change. */
  readonly changes: boolean;
  /** Answered in the error state too, and without its audit record where none can be written: only for what tells people the state. */
  readonly answersAlways?: boolean;
  /** Of people, and called at the appliance alone, so without a route: whoever is elsewhere could not take it back. */
  readonly atAppliance?: true;
  /** Done again where a request is repeated, since its answer holds what must not lie about once it is superseded. */
  readonly answerNotKept?: true;
  /** Answered while a restored KMA is about to take this one's place; all else would be lost. */
  readonly whileGivingWay?: true;
  /** Takes longer than a call over the network may: asked for there it becomes a job (operations/jobs.ts), or only where it does take long. */
  readonly job?: true | 'when-long';
  /** Programs read it over and over: one audit record a minute for each caller, and of refusals one each. */
  readonly recordedOnceAMinute?: true;
  readonly audit: { readonly class: AuditClass; readonly retention: RetentionTerm };
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  /** Words of the appliance command: ["site", "create"]; and which input fields are positional arguments, in order. */
  readonly command?: {
    readonly words: readonly string[];
    readonly arguments?: readonly string[];
    readonly example: string;
    /** The answer is a document for programs: always printed as JSON. */
    readonly document?: true;
  };
  /** Of operations of people: its one place on the management port. */
  readonly http?: HttpRoute;
  /** Of what shows or changes one thing: against lost updates. */
  readonly entity?: Entity<NoInfer<In>>;
  /** Asynchronous, off the core's loop, writes nothing. */
  prepare?(input: In, context: PrepareContext): Promise<Prepared | Refusal>;
  /** Synchronous and pure. Absent only where `view` or `inspect` answers alone. */
  decide?(input: In, context: DecideContext, prepared: Prepared): Decision<Mid>;
  /** Makes the answer inside the transaction; it is released after the commit, and a reply that fails changes nothing. Synchronous. */
  reply?(output: Mid, context: ReplyContext, prepared: Prepared): Out | Refusal;
  /** Lists, reports, verification: runs in the reader process over a read-only snapshot, before the audit record is written. */
  view?(input: In, context: ViewContext): Out | Refusal;
  /** As `view`, of what may take minutes: each step over a snapshot of its own, and others are answered in between. Who asks while one is under way gets its answer. */
  inspect?(input: In, context: ViewContext): Steps<Out>;
}

/** Keeps the parameter types while an operation is written down, and forgets them in the catalogue. */
export function operation<In, Prepared, Mid, Out>(
  definition: Operation<In, Prepared, Mid, Out>,
): Operation<In, Prepared, Mid, Out> {
  return definition;
}

/** A key split credential as somebody gave it. */
export interface Credential {
  readonly name: string;
  readonly passphrase: SecretBytes;
  /** Of a key split that is to be made; it proves nothing yet. */
  readonly new?: true | undefined;
}
