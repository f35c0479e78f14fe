/** What a part of the platform process is (time, support access, syslog, ...), and what it is lent. A part knows neither the store nor an operation, and nothing of it ever makes the core wait. */

import type { AuditRecord, RetentionTerm, Severity } from '../operations/audit-record.ts';
import type { EventsSent } from '../platform-settings/syslog.ts';
import type { ServiceName } from '../ports.ts';
import type { KmaStanding } from './hmp/kma-health.ts';

/** What status, ports, metrics and doctor show of a part. It travels as JSON. */
export interface PartState {
  /** For people, on one line: "2 servers, both answer". */
  readonly summary: string;
  /** What somebody has to see to, with what to do about it; empty while nothing is wrong. */
  readonly troubles: readonly string[];
  /** More of the part, for its own operations and metrics, which check it by a schema. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface PlatformPart<Config> {
  /** Idempotent; called at the start and at each change of the whole config. Never throws: trouble goes into the state and a note. */
  apply(config: Config): void;
  state(): PartState;
  /** Questions of operations. What it throws is answered with its text: a PlatformRefusal with its code too. */
  ask?(question: unknown): Promise<unknown>;
  /** How the KMA fares, each few seconds while the SNMP agent is on. */
  health?(health: KmaStanding): void;
  stop(): Promise<void>;
}

/** Becomes an audit record of this KMA. No secret, and bounded in number: a flood of notes is counted, not written. */
export interface PlatformNote {
  readonly severity: Severity;
  /** A few fixed words, which people look for and alarms are made of. */
  readonly condition: string;
  /** name=value details. */
  readonly message: string;
  /** System unless given. */
  readonly class?: 'System' | 'Appliance Management' | 'Security Officer' | 'Security Violation' | undefined;
  /** Medium unless given. */
  readonly retention?: RetentionTerm | undefined;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** How far was looked: the next page begins behind it, also where there are no records on this one. */
  readonly throughRow: number;
  /** How many there are up to there, wanted or not. They are numbered without gaps as they are written: what is missing was cut. */
  readonly looked: number;
  /** Of the records there are; those before were cut away. 0 without any. */
  readonly oldestRow: number;
}

/** The audit of this KMA in the order it was written: on disk, bounded by its retention. So it is the queue of whoever sends records. */
export interface AuditTail {
  /** Number of the newest record that is known of; the next ones are looked for twice a second. */
  newestRow(): number;
  /** Those behind this one, in order, at most 200; fewer where they are long. Alarms are what people are told of at once (core/alarm-events.ts). Rejects where the reader does not answer: try again later. */
  read(afterRow: number, limit: number, events?: EventsSent): Promise<AuditPage>;
  /** Called when there are newer ones. */
  onNew(listener: () => void): void;
}

/** Where the KMA listens on its management network, constant for the life of the process. */
export interface PlatformPlace {
  readonly address: string;
  readonly ports: { readonly ssh: number; readonly ntp: number; readonly snmp: number };
  /** Of the services; those of the other members are the same, each at its own address. */
  readonly services: Readonly<Record<Exclude<ServiceName, 'web'>, number>>;
  /** Of the web Manager, where its pages are built. */
  readonly web?: number | undefined;
  /** On both networks. */
  readonly addresses: readonly string[];
  /** Whoever started the KMA lets it set the clock of the machine. */
  readonly setClock?: boolean | undefined;
  /** Whom a process becomes that hears strangers and is no front; null where there is no root to give up. */
  readonly becomes: { readonly uid: number; readonly gid: number } | null;
}

export interface PlatformTools {
  /** DATA/platform/PART, 0700, this part's own. */
  readonly directory: string;
  /** For Unix sockets of this part; not made yet, and its path is short. */
  readonly socketDirectory: string;
  readonly place: PlatformPlace;
  /**
   * Addresses of a name by the configured DNS servers alone; a literal address is its own. Rejects with a clear text, without servers
   * before any query leaves. Never look up in another way, and give daemons addresses.
   */
  resolve(name: string): Promise<readonly string[]>;
  readonly audit: AuditTail;
  /** What each part says of itself now. */
  states(): ReadonlyMap<string, PartState>;
  note(note: PlatformNote): void;
  /** The state is another one now. */
  changed(): void;
  /** A line of the log. */
  log(line: string): void;
  /** The time of the KMA. */
  nowMs(): number;
}
