/** CreateKma: the entry of a KMA that is to join, with the passphrase that it proves itself with. It makes no KMA, and lets none in by itself. */
import { z } from 'zod';
import { created, set } from '../../core/facts.ts';
import { INTERNAL_ID_BYTES, idFrom, type KmaId, type SiteId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import { sha256Hex } from '../../security/sealing.ts';
import { securityOfficer } from '../common-settings.ts';
import { find, livingRows } from '../entities.ts';
import { description, name, passphrase } from '../fields.ts';
import { kmaAddress } from '../kma-address.ts';
import { newName } from '../new-name.ts';
import { newVerifier } from '../new-verifier.ts';
import { type NewObject, operation } from '../operation.ts';
import { success } from '../success.ts';

/** As the product has it; each KMA has a connection with each other one. */
export const KMAS_MAX = 20;

export const createKma = operation({
  ...securityOfficer,
  quorum: true,
  name: 'CreateKma',
  http: { method: 'POST', path: '/v1/kmas' },
  summary: 'Creates the entry of a KMA that is to join the cluster, with the passphrase it joins with.',
  input: z.strictObject({
    kma: newName('KMA name; it cannot be changed later'),
    passphrase: passphrase('passphrase that the KMA joins with'),
    description: description().default(''),
    site: name('site ID').optional(),
    serviceAddress: kmaAddress('address on the service network'),
    managementAddress: kmaAddress('address on the management network'),
  }),
  output: z.null(),
  command: {
    words: ['member', 'create'],
    arguments: ['kma'],
    example:
      'kma member create kma-2 --site berlin --passphrase-file kma-2.txt --user officer --quorum-file quorum.txt',
  },
  prepare: (input, context) => newVerifier(context, input.kma, input.passphrase),
  decide(input, { state, nowMs, random }, verifier: NewObject) {
    if (byName(state, 'kma', input.kma) !== undefined) return refuse('KMA_EXISTS', input.kma);
    if (livingRows(state, 'kma').length >= KMAS_MAX)
      return refuse('INVALID_PARAMETERS', `a cluster has at most ${KMAS_MAX} KMAs`);
    const site = input.site === undefined ? null : find(state, 'site', input.site, 'SITE_DOES_NOT_EXIST');
    if (isRefusal(site)) return site;
    const id = idFrom<KmaId>(random(INTERNAL_ID_BYTES));
    return {
      facts: [
        created('kma', id, { name: input.kma, createdAt: nowMs, number: kmaNumber(random(4)) }),
        set('kma', id, {
          description: input.description,
          siteId: (site?.id ?? null) as SiteId | null,
          enabled: 1,
          hostName: '',
          serviceAddress: input.serviceAddress ?? '',
          managementAddress: input.managementAddress ?? '',
          minimumTls: '1.2',
          verifierObjectId: verifier.id,
          verifierSha256: sha256Hex(verifier.bytes),
          enrolled: 0,
          proofDisabled: 0,
        }),
      ],
      objects: [verifier],
      output: null,
      audit: success(`kma=${input.kma}`),
      effects: [{ effect: 'passphrase-set', entity: `kma:${input.kma}` }],
    };
  },
});

/** Discovery's KMAID: positive, of 31 bits. */
export function kmaNumber(bytes: Uint8Array): number {
  return Math.max(1, Buffer.from(bytes).readUInt32BE() >>> 1);
}
