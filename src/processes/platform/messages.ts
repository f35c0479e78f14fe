/** What the platform process hears from the core and the reader, and tells them, as schemas checked on receipt. No message holds a key of the key manager. */
import { z } from 'zod';
import type { AuditRecord } from '../../operations/audit-record.ts';
import { platformConfig } from '../../platform/config.ts';
import { kmaStanding } from '../../platform/hmp/kma-health.ts';
import { EVENTS_SENT } from '../../platform-settings/syslog.ts';
import { errorCode, frontUser } from '../messages.ts';

const id = z.int().min(0);
const part = z.string().min(1).max(32);
const port = z.int().min(1).max(65_535);

/** Records of one answer, at most; and where they are long, no more once they have so many characters. */
export const AUDIT_RECORDS_MAX = 200;
export const AUDIT_CHARACTERS_MAX = 1024 * 1024;

const platformPlace = z.strictObject({
  address: z.string().min(1).max(64),
  ports: z.strictObject({ ssh: port, ntp: port, snmp: port }),
  web: port.optional(),
  services: z.record(z.enum(['ca', 'certificate', 'management', 'agent', 'discovery', 'replication']), port),
  addresses: z.array(z.string().min(1).max(64)).max(2).readonly(),
  setClock: z.boolean().optional(),
  becomes: frontUser.nullable(),
});

/** Supervisor to platform process. */
export const supervisorToPlatform = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('start'),
    platformSocketPath: z.string().min(1),
    auditSocketPath: z.string().min(1),
    /** In the data directory; nothing else of it is opened. */
    directory: z.string().min(1),
    place: platformPlace,
  }),
  z.strictObject({ t: z.literal('stop') }),
]);
export type SupervisorToPlatform = z.infer<typeof supervisorToPlatform>;

export const coreToPlatform = z.discriminatedUnion('t', [
  /** After each connection, and at each change: all of it. */
  z.strictObject({ t: z.literal('config'), config: platformConfig, newestAuditRow: id }),
  z.strictObject({ t: z.literal('ask'), id, part, question: z.unknown() }),
  z.strictObject({ t: z.literal('health'), health: kmaStanding }),
]);
export type CoreToPlatform = z.infer<typeof coreToPlatform>;

/** More is cut. */
export const SUMMARY_CHARACTERS_MAX = 512;
export const TROUBLE_CHARACTERS_MAX = 1024;
export const TROUBLES_MAX = 32;

export const partState = z.strictObject({
  summary: z.string().max(SUMMARY_CHARACTERS_MAX),
  troubles: z.array(z.string().max(TROUBLE_CHARACTERS_MAX)).max(TROUBLES_MAX),
  details: z.record(z.string().max(64), z.unknown()),
});

/** More is left out. */
export const NOTE_CHARACTERS_MAX = 1024;

export const platformNote = z.strictObject({
  severity: z.enum(['success', 'warning', 'error']),
  condition: z.string().min(1).max(64),
  message: z.string().max(NOTE_CHARACTERS_MAX),
  class: z.enum(['System', 'Appliance Management', 'Security Officer', 'Security Violation']).optional(),
  retention: z.enum(['long', 'medium', 'short']).optional(),
});

export const platformToCore = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('state'), part, state: partState }),
  z.strictObject({ t: z.literal('note'), part, note: platformNote }),
  z.strictObject({ t: z.literal('answered'), id, answer: z.unknown() }),
  z.strictObject({ t: z.literal('refused'), id, code: errorCode, detail: z.string().max(1024) }),
]);
export type PlatformToCore = z.infer<typeof platformToCore>;

/** Platform process to reader, on a socket of its own, which takes nothing else. */
export const platformToReader = z.strictObject({
  t: z.literal('read-audit'),
  id,
  afterRow: id,
  /** 0 asks for the newest row alone. */
  limit: z.int().min(0).max(AUDIT_RECORDS_MAX),
  events: z.enum(EVENTS_SENT),
});
export type PlatformToReader = z.infer<typeof platformToReader>;

const text = z.string();
const auditRecord: z.ZodType<AuditRecord> = z.object({
  row: id,
  id: text,
  createdAt: z.number(),
  operation: text,
  severity: z.enum(['success', 'warning', 'error']),
  condition: text,
  message: text,
  entityId: text,
  entityAddress: text,
  kmaId: text,
  kmaName: text,
  class: text,
  term: z.enum(['long', 'medium', 'short']),
  solution: text,
}) as z.ZodType<AuditRecord>;

export const readerToPlatform = z.strictObject({
  t: z.literal('audit'),
  id,
  newestRow: id,
  oldestRow: id,
  throughRow: id,
  looked: id,
  records: z.array(auditRecord).max(AUDIT_RECORDS_MAX),
});
export type ReaderToPlatform = z.infer<typeof readerToPlatform>;
