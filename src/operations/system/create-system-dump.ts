/** CreateSystemDump: one answer of bounded length for who looks for a fault. No key, passphrase, verifier, share or sealed object is in it, and no session. */
import { z } from 'zod';
import { readSetting, SECURITY_PARAMETERS, type SecurityParameterName } from '../../core/settings.ts';
import { auditEvent, shownEvent } from '../audit-operations.ts';
import type { ViewContext } from '../contexts.ts';
import { livingRows } from '../entities.ts';
import { dateText } from '../fields.ts';
import type { Filter } from '../lists/filter.ts';
import { metricRows } from '../metrics/metric-rows.ts';
import { countedMetrics, wholeMetrics } from '../metrics/show-metrics.ts';
import { operation } from '../operation.ts';
import { kmaShown, shownKma, withStandings } from '../show-kma.ts';
import { countedStatus, statusShape, wholeStatus } from '../status.ts';
import { systemMessageShape, systemMessageShown } from './list-system-messages.ts';
import { MACHINE_ROLES } from './machine-roles.ts';
import { currentLoad, loadShape } from './show-current-load.ts';

const FORMAT = 'openkma system dump 1';
const KMAS_MAX = 100;
const AUDIT_RECORDS_MAX = 1_000;
/** The answer has to fit a message between processes, with room to spare. */
const AUDIT_BYTES_MAX = 1_500_000;
const MESSAGES_BYTES_MAX = 1_000_000;
const NAMES = Object.keys(SECURITY_PARAMETERS) as SecurityParameterName[];

const softwareShape = z.strictObject({
  version: z.string(),
  schemaVersion: z.number(),
  node: z.string(),
  sqlite: z.string(),
  openssl: z.string(),
});
const storeShape = z.strictObject({
  fileBytes: z.number(),
  freeBytes: z.number(),
  tables: z.array(z.strictObject({ table: z.string(), rows: z.number(), more: z.boolean() })),
  schema: z.array(z.string()),
});
/** Counted by the reader, over one view of the store. */
const readShape = z.strictObject({
  status: statusShape,
  securityParameters: z.record(z.string(), z.union([z.number(), z.boolean()])),
  kmas: z.array(shownKma),
  store: storeShape,
  metrics: metricRows,
  /** Newest first, as many as there is room for. */
  systemMessages: z.array(systemMessageShape),
  auditRecords: z.array(auditEvent),
});
const dumpShape = z.strictObject({
  format: z.literal(FORMAT),
  createdAt: z.string(),
  kmaId: z.string(),
  incarnationId: z.string(),
  software: softwareShape.nullable(),
  load: loadShape,
  memory: z.record(z.string(), z.number()),
  ...readShape.shape,
});
type Read = z.infer<typeof readShape>;
type Dump = z.infer<typeof dumpShape>;

export const createSystemDump = operation<Record<string, never>, Read, Dump, Read | Dump>({
  name: 'CreateSystemDump',
  summary: 'Shows what is needed to look for a fault, as one JSON document without any secret.',
  callers: MACHINE_ROLES,
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Appliance Management', retention: 'medium' },
  input: z.strictObject({}),
  output: dumpShape as z.ZodType<Read | Dump>,
  command: {
    words: ['system', 'dump'],
    document: true,
    example: 'kma system dump --user operator',
  },
  http: { method: 'GET', path: '/v1/system-dump' },
  view: (_input, context) => ({
    status: countedStatus(context),
    securityParameters: Object.fromEntries(NAMES.map((name) => [name, readSetting(context.state, name)])),
    kmas: kmasOf(context),
    store: context.storeReport(),
    metrics: countedMetrics(context),
    systemMessages: newestWithin(context.systemMessages(), MESSAGES_BYTES_MAX, systemMessageShown),
    auditRecords: newestWithin(auditRows(context), AUDIT_BYTES_MAX, (row) =>
      shownEvent(context.audit.record(Number(row))),
    ),
  }),
  decide(_input, context, read) {
    const { self, nowMs, software, memory } = context;
    const dump: Dump = {
      format: FORMAT,
      createdAt: dateText(nowMs),
      kmaId: self.kmaId,
      incarnationId: self.incarnationId,
      software: software?.() ?? null,
      load: currentLoad(context),
      memory: { ...memory?.() },
      ...read,
      kmas: withStandings(read.kmas, context),
      status: wholeStatus(context, read.status),
      metrics: wholeMetrics(context, read.metrics),
    };
    return { facts: [], output: dump };
  },
});

function kmasOf(context: ViewContext) {
  const failures = context.proofFailures();
  return livingRows(context.state, 'kma')
    .slice(0, KMAS_MAX)
    .map((row) => kmaShown(context, row, failures));
}

/** Of this KMA itself: others tell of what they have written. */
function auditRows({ lists }: ViewContext) {
  const own: Filter = { column: 'row', test: { is: 'within', bounds: { above: 0 } }, not: false };
  const question = { filters: [own], after: null, limit: AUDIT_RECORDS_MAX };
  return lists.page('audit', { ...question, sort: { column: 'row', descending: true } }).rows;
}

/** The first of them whose JSON fits. */
function newestWithin<T, R>(rows: readonly T[], bytesMax: number, shown: (row: T) => R): R[] {
  const found: R[] = [];
  let bytes = 0;
  for (const row of rows) {
    const next = shown(row);
    bytes += Buffer.byteLength(JSON.stringify(next));
    if (bytes > bytesMax) break;
    found.push(next);
  }
  return found;
}
