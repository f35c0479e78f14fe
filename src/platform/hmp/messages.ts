/** What the platform process and the SNMP agent's own process say to each other, as schemas checked on receipt. The keys in it are good for this engine alone. */
import { z } from 'zod';
import { SNMP_AUTHENTICATIONS, SNMP_PRIVACIES } from '../../security/snmp-keys.ts';
import { kmaHealth } from './kma-health.ts';

const key = z.base64().min(4).max(512);

export const toAgent = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('serve'),
    address: z.string().min(1).max(64),
    port: z.int().min(1).max(65_535),
    /** Whom it becomes once it listens; null where there is no root to give up. */
    becomes: z.strictObject({ uid: z.int().min(1), gid: z.int().min(1) }).nullable(),
    engineId: z.string().regex(/^([0-9A-F]{2}){5,32}$/),
    boots: z.int().min(1),
    name: z.string().max(256),
    version: z.string().max(64),
    user: z.string().min(1).max(32),
    authentication: z.enum(SNMP_AUTHENTICATIONS),
    privacy: z.enum(SNMP_PRIVACIES),
    authenticationKey: key,
    privacyKey: key,
  }),
  z.strictObject({ t: z.literal('health'), health: kmaHealth }),
]);
export type ToAgent = z.infer<typeof toAgent>;
export type Serve = Extract<ToAgent, { t: 'serve' }>;

const count = z.int().min(0);

export const fromAgent = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('listening') }),
  /** It cannot listen, and ends. */
  z.strictObject({ t: z.literal('failed'), why: z.string().max(256) }),
  /** Since the last time it said so. */
  z.strictObject({
    t: z.literal('counted'),
    answered: count,
    unknownUser: count,
    wrongDigest: count,
    other: count,
  }),
]);
export type FromAgent = z.infer<typeof fromAgent>;
