/** ShowKma: a KMA of the cluster as people see it, and the version of what they see. It changes nothing. */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { memberKeySha256 } from './cluster/member-key.ts';
import { find, nameOf, shownName } from './entities.ts';
import { dateText, name } from './fields.ts';
import { namedEntity } from './named-entity.ts';
import { operation, ROLES } from './operation.ts';

export const kmaEntity = namedEntity('kma', 'kma');

export const shownKma = z.strictObject({
  kma: z.string(),
  description: z.string(),
  site: z.string(),
  enabled: z.boolean(),
  enrolled: z.boolean(),
  failedLogins: z.number(),
  serviceAddress: z.string(),
  managementAddress: z.string(),
  minimumTls: z.string(),
  certificateUntil: z.string(),
});

export function kmaShown(
  state: StateView,
  row: Row<'kma'>,
  failures: ReadonlyMap<string, number>,
): z.infer<typeof shownKma> {
  return {
    kma: shownName(state, 'kma', row),
    description: row.description ?? '',
    site: nameOf(state, 'site', row.siteId),
    enabled: row.enabled === 1,
    enrolled: memberKeySha256(row) !== '',
    failedLogins: failures.get(`kma:${row.name}`) ?? 0,
    serviceAddress: row.serviceAddress ?? '',
    managementAddress: row.managementAddress ?? '',
    minimumTls: row.minimumTls ?? '',
    certificateUntil:
      row.certificatePem === null
        ? ''
        : dateText(new X509Certificate(row.certificatePem).validToDate.getTime()),
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
  view(input, { state, proofFailures }) {
    const kma = find(state, 'kma', input.kma, 'KMA_DOES_NOT_EXIST');
    return isRefusal(kma) ? kma : kmaShown(state, kma, proofFailures());
  },
});
