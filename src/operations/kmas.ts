/** Operations on KMAs: the members of the cluster and how they are reached. */
import { z } from 'zod';
import { set } from '../core/facts.ts';
import type { SiteId } from '../core/ids.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import { sha256Hex } from '../security/sealing.ts';
import { acceptLogClock } from './accept-log-clock.ts';
import { reading, securityOfficer } from './common-settings.ts';
import { find, livingRows } from './entities.ts';
import { description, name, passphrase, text } from './fields.ts';
import { kmaAddress } from './kma-address.ts';
import { listOfCore } from './lists/list.ts';
import { newVerifier } from './new-verifier.ts';
import { type NewObject, operation } from './operation.ts';
import { kmaEntity, kmaShown, showKma, shownKma, withStandings } from './show-kma.ts';
import { success } from './success.ts';

export const listKmas = listOfCore({
  ...reading,
  name: 'ListKmas',
  http: { method: 'GET', path: '/v1/kmas' },
  summary: 'Lists the KMAs of the cluster, with how each fares as this one sees it.',
  row: shownKma,
  key: ['kma'],
  order: 'kma',
  command: { words: ['member', 'list'], example: 'kma member list --user auditor' },
  counted(context) {
    const failures = context.proofFailures();
    return livingRows(context.state, 'kma').map((row) => kmaShown(context, row, failures));
  },
  rows: (context, _scope, counted) => withStandings(counted, context),
});

export const modifyKma = operation({
  ...securityOfficer,
  quorum: true,
  name: 'ModifyKma',
  http: { method: 'PATCH', path: '/v1/kmas/{kma}' },
  entity: kmaEntity,
  summary: "Changes a KMA's description, site or the addresses it is reached at.",
  input: z.strictObject({
    kma: name('KMA name'),
    description: description().optional(),
    site: text(0, 64, 'site ID, empty for none').optional(),
    hostName: kmaAddress('host name, told to agents when there is only an IPv6 address'),
    serviceAddress: kmaAddress('address on the service network'),
    serviceIpv6Address: kmaAddress('IPv6 address on the service network'),
    managementAddress: kmaAddress('address on the management network'),
  }),
  output: z.null(),
  command: {
    words: ['member', 'modify'],
    arguments: ['kma'],
    example: 'kma member modify kma-1 --site berlin --user officer --quorum-file quorum.txt',
  },
  decide({ kma: kmaName, site: siteName, serviceIpv6Address, ...texts }, { state }) {
    const kma = find(state, 'kma', kmaName, 'KMA_DOES_NOT_EXIST');
    if (isRefusal(kma)) return kma;
    const site =
      siteName === undefined || siteName === '' ? null : find(state, 'site', siteName, 'SITE_DOES_NOT_EXIST');
    if (isRefusal(site)) return site;
    const cells = {
      ...Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined)),
      ...(serviceIpv6Address === undefined ? {} : { serviceAddressIPv6: serviceIpv6Address }),
      ...(siteName === undefined ? {} : { siteId: (site?.id ?? null) as SiteId | null }),
    };
    if (Object.keys(cells).length === 0) return refuse('INVALID_PARAMETERS', 'nothing to change was given');
    return {
      facts: [set('kma', kma.id, cells)],
      output: null,
      audit: success(`kma=${kmaName} changed=${Object.keys(cells).join(',')}`),
    };
  },
});

/** A KMA whose passphrase is set has to prove it before it is a member again: until then it has no certificate that counts. */
export const setKmaPassphrase = operation({
  ...securityOfficer,
  quorum: true,
  name: 'SetKmaPassphrase',
  http: { method: 'PUT', path: '/v1/kmas/{kma}/passphrase' },
  summary: "Sets another KMA's passphrase, which logs it out of the cluster until it proves the new one.",
  input: z.strictObject({ kma: name('KMA name'), passphrase: passphrase('new passphrase') }),
  output: z.null(),
  command: {
    words: ['member', 'set-passphrase'],
    arguments: ['kma'],
    example:
      'kma member set-passphrase kma-2 --passphrase-file kma-2.txt --user officer --quorum-file quorum.txt',
  },
  prepare: (input, context) => newVerifier(context, input.kma, input.passphrase),
  decide(input, { state, self }, verifier: NewObject) {
    const kma = find(state, 'kma', input.kma, 'KMA_DOES_NOT_EXIST');
    if (isRefusal(kma)) return kma;
    if (kma.id === self.kmaId)
      return refuse('INVALID_PARAMETERS', 'this KMA itself: ask another member of the cluster');
    return {
      facts: [
        set('kma', kma.id, {
          verifierObjectId: verifier.id,
          verifierSha256: sha256Hex(verifier.bytes),
          enrolled: 0,
          proofDisabled: 0,
        }),
      ],
      objects: [verifier],
      erase: kma.verifierObjectId === null ? [] : [kma.verifierObjectId],
      output: null,
      audit: success(`kma=${input.kma}`),
      effects: [{ effect: 'passphrase-set', entity: `kma:${input.kma}` }],
    };
  },
});

export const kmaOperations = [listKmas, showKma, modifyKma, setKmaPassphrase, acceptLogClock];
