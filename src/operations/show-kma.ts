/** ShowKma: a KMA of the cluster as people see it from this one, and the version of what they see. It changes nothing. */
import { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import { readingVersions } from '../core/replication-version.ts';
import type { Row } from '../core/tables.ts';
import { memberKeySha256, readCertificate } from './cluster/member-key.ts';
import type { DecideContext, ViewContext } from './contexts.ts';
import { find, livingRows, nameOf, shownName } from './entities.ts';
import { dateText, name } from './fields.ts';
import { leftAloneText, type MemberStanding, standingOf, standingsOf } from './member-standing.ts';
import { namedEntity } from './named-entity.ts';
import { operation, ROLES } from './operation.ts';
import { poolBackupPercent, poolStatus } from './standing.ts';

type Failures = ReadonlyMap<string, number>;
/** Of the product; nothing where it has not been seen. */
const ON_SERVICE_NETWORK = {
  responding: 'Responding',
  'not-responding': 'Not Responding',
  'not-accessible': 'Not Accessible',
} as const;
type Heard = Pick<
  ShownKma,
  | 'responding'
  | 'respondingOnService'
  | 'lastHeardAt'
  | 'responseMs'
  | 'clockAheadSeconds'
  | 'replicationLag'
  | 'locked'
  | 'poolReadyPercent'
  | 'version'
>;
const NEVER_HEARD: Heard = {
  responding: false,
  respondingOnService: '',
  lastHeardAt: '',
  responseMs: 0,
  clockAheadSeconds: 0,
  replicationLag: 0,
  locked: false,
  poolReadyPercent: 0,
  version: '',
};

export const kmaEntity = namedEntity('kma', 'kma');

export const shownKma = z.strictObject({
  kma: z.string(),
  description: z.string(),
  site: z.string(),
  enabled: z.boolean(),
  enrolled: z.boolean(),
  failedLogins: z.number(),
  serviceAddress: z.string(),
  serviceIpv6Address: z.string(),
  managementAddress: z.string(),
  minimumTls: z.string(),
  certificateUntil: z.string(),
  /** What it reads of what others write; 0 before it has joined. */
  replicationVersion: z.number(),
  /** Of its key pool what is in a backup, by its log as far as it is here. */
  poolBackupPercent: z.number(),
  /** As this KMA sees it now; all that follows is as it was last heard, nothing or 0 where it never was. */
  responding: z.boolean(),
  /** The same where agents reach it. */
  respondingOnService: z.enum(['', ...Object.values(ON_SERVICE_NETWORK)]),
  lastHeardAt: z.string(),
  responseMs: z.number(),
  /** Of its clock against that of this KMA. */
  clockAheadSeconds: z.number(),
  /** Entries that it has not folded yet, or this KMA has not. */
  replicationLag: z.number(),
  locked: z.boolean(),
  poolReadyPercent: z.number(),
  version: z.string(),
  /** Why this KMA takes nothing of it at present, and until when; "" where it does. */
  leftAlone: z.string(),
});

type ShownKma = z.infer<typeof shownKma>;

/** What the state says; of this KMA itself how much of its pool is Ready, too. */
export function kmaShown({ state, self }: ViewContext, row: Row<'kma'>, failures: Failures): ShownKma {
  return {
    kma: shownName(state, 'kma', row),
    description: row.description ?? '',
    site: nameOf(state, 'site', row.siteId),
    enabled: row.enabled === 1,
    enrolled: memberKeySha256(row) !== '',
    failedLogins: failures.get(`kma:${row.name}`) ?? 0,
    serviceAddress: row.serviceAddress ?? '',
    serviceIpv6Address: row.serviceAddressIPv6 ?? '',
    managementAddress: row.managementAddress ?? '',
    minimumTls: row.minimumTls ?? '',
    replicationVersion: readingVersions(state).find(({ kma }) => kma.id === row.id)?.version ?? 0,
    certificateUntil: dateText(readCertificate(row.certificatePem ?? '')?.validToDate.getTime() ?? null),
    poolBackupPercent: poolBackupPercent(state, row.id),
    leftAlone: '',
    ...NEVER_HEARD,
    ...(row.id === self.kmaId && { poolReadyPercent: poolStatus(state, self.incarnationId).readyPercent }),
  };
}

/** With what was heard of each. */
export function withStandings(shown: readonly ShownKma[], context: DecideContext): ShownKma[] {
  const { state } = context;
  const standings = standingsOf(context);
  const leftAlone = context.leftAlone?.();
  const members = new Map(livingRows(state, 'kma').map((row) => [shownName(state, 'kma', row), row]));
  return shown.map((kma) => {
    const row = members.get(kma.kma);
    const standing = row && standingOf(row, context, standings, kma.poolReadyPercent);
    const alone = row && leftAlone?.get(row.id);
    return {
      ...kma,
      ...(standing && heard(standing)),
      ...(alone && { leftAlone: leftAloneText(alone) }),
    };
  });
}

function heard({
  responding,
  heardAtMs,
  responseMs,
  clockAheadMs,
  service,
  health,
  lagEntries,
}: MemberStanding): Heard {
  return {
    responding,
    respondingOnService: service === null ? '' : ON_SERVICE_NETWORK[service],
    lastHeardAt: dateText(heardAtMs),
    responseMs: Math.round(responseMs ?? 0),
    clockAheadSeconds: Math.round((clockAheadMs ?? 0) / 1000),
    replicationLag: lagEntries(),
    locked: health?.locked ?? false,
    poolReadyPercent: Math.round(health?.keyPoolReadyPercent ?? 0),
    version: health?.version ?? '',
  };
}

export const showKma = operation({
  callers: ROLES,
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  name: 'ShowKma',
  http: { method: 'GET', path: '/v1/kmas/{kma}' },
  entity: kmaEntity,
  summary: 'Shows a KMA of the cluster.',
  input: z.strictObject({ kma: name('KMA name') }),
  output: shownKma,
  command: {
    words: ['member', 'show'],
    arguments: ['kma'],
    example: 'kma member show kma-1 --user auditor',
  },
  view(input, context) {
    const kma = find(context.state, 'kma', input.kma, 'KMA_DOES_NOT_EXIST');
    return isRefusal(kma) ? kma : kmaShown(context, kma, context.proofFailures());
  },
  decide: (_input, context, shown: ShownKma) => ({
    facts: [],
    output: withStandings([shown], context)[0] ?? shown,
  }),
});
