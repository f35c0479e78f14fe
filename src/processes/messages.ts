/** What the processes say to each other, as schemas checked on receipt. It sends nothing, and no message to a front holds a detail meant for insiders. */
import { EXPORTER_BYTES } from '@openkma/protocol';
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { ENDINGS } from '../operations/effects.ts';
import { FrameError } from './frame.ts';

/** The message as its schema has it. Throws a FrameError, upon which a FrameSocket closes; the text repeats no value. */
export function expectMessage<T>(schema: z.ZodType<T>, message: unknown): T {
  const checked = schema.safeParse(message);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new FrameError(`unexpected message: ${issue?.path.join('.') ?? ''} ${issue?.code ?? ''}`);
}

const id = z.int().min(0);
const port = z.int().min(0).max(65_535);
const pem = z.string().min(1).max(65_536);
const bytes: z.ZodType<Uint8Array> = z.instanceof(Uint8Array);
export const errorCode = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

/** The services of the fronts; "local" is not among them, so no front can speak for the appliance. */
export const serviceName = z.enum(['ca', 'certificate', 'agent', 'discovery']);
export const minimumTls = z.enum(['1.0', '1.1', '1.2', '1.3']);
export type MinimumTls = z.infer<typeof minimumTls>;

/** The caller of a call, as a front saw it. */
export const frontOrigin = z.strictObject({
  service: serviceName,
  /** Without one nobody could be held to the limits of a source. */
  address: z.string().min(1).max(64),
  localAddress: z.string().max(64),
  fingerprint: z
    .string()
    .regex(/^[0-9A-F]{64}$/)
    .nullable(),
  /** Of the discovery service only, where managers are known by their keys. */
  keySha256: z
    .string()
    .regex(/^[0-9A-F]{64}$/)
    .nullish(),
  /** Of the certificate service only. */
  exporter: bytes.refine((value) => value.length === EXPORTER_BYTES, 'not an exporter').optional(),
});
export type FrontOrigin = z.infer<typeof frontOrigin>;

const sessionKey = z.string().regex(/^[0-9A-F]{2,128}$/);

/** Front to core. What does not pass ends the connection: a front that speaks otherwise is not ours any more. */
export const frontToCore = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('call'),
    id,
    operation: z.string().min(1).max(64),
    input: z.unknown(),
    origin: frontOrigin,
  }),
  z.strictObject({
    t: z.literal('session-put'),
    service: serviceName,
    key: sessionKey,
    data: bytes.refine((data) => data.length <= 4096, 'session too long'),
  }),
  z.strictObject({ t: z.literal('session-get'), id, service: serviceName, key: sessionKey }),
  /** Failures before authentication: `count` of the same kind since the last such message. */
  z.strictObject({
    t: z.literal('refused'),
    service: serviceName,
    reason: z.string().min(1).max(64),
    address: z.string().max(64),
    count: z.int().min(1),
  }),
]);
export type FrontToCore = z.infer<typeof frontToCore>;

/** Core to front. */
export const coreToFront = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('reply'), id, output: z.unknown() }),
  z.strictObject({ t: z.literal('fault'), id, code: errorCode }),
  z.strictObject({ t: z.literal('session'), id, data: bytes.nullable() }),
]);
export type CoreToFront = z.infer<typeof coreToFront>;

/** What a front's listeners need besides their places; the private key is the KMA's TLS key, class local. */
export const tlsMaterial = z.strictObject({
  privateKeyPem: pem,
  certificatePem: pem,
  caPem: pem,
  minimumTls,
});
export type TlsMaterial = z.infer<typeof tlsMaterial>;

/** Of the front for people, which alone has the key of the web Manager's port. */
const peopleTls = tlsMaterial.extend({
  /** Where another certificate than the KMA's own was loaded. */
  web: z.strictObject({ privateKeyPem: pem, certificatePem: pem }).nullable(),
});
export type PeopleTls = z.infer<typeof peopleTls>;

/** Why a KMA gives agents no keys, or no new ones: a word for programs, and for people what it means. */
export const obstacle = z.strictObject({
  reason: z.enum([
    'starting',
    'error-state',
    'locked',
    'catching-up',
    'no-member',
    'store',
    'clock',
    'no-keys-ready',
    'no-answer',
  ]),
  detail: z.string(),
});
export type Obstacle = z.infer<typeof obstacle>;

/** Core to supervisor, over the IPC channel of child processes. */
export const coreToSupervisor = z.discriminatedUnion('t', [
  /** Opened the store and listens on its sockets. */
  z.strictObject({ t: z.literal('ready'), locked: z.boolean(), errorState: z.string().nullable() }),
  /** The core has stopped itself since, and stays to say so. */
  z.strictObject({ t: z.literal('error-state'), reason: z.string() }),
  /** What fronts need; sent before `ready`, and again when it changed. */
  z.strictObject({ t: z.literal('serving'), ...peopleTls.shape }),
  /** The core was locked and wants to be replaced. */
  z.strictObject({ t: z.literal('lock') }),
  /** The store is an older copy of one that goes on elsewhere; the next core begins a new life of it. */
  z.strictObject({ t: z.literal('lived-elsewhere') }),
  /** Before `ready` or later: the cluster has another KMA, so the replicator is needed. */
  z.strictObject({ t: z.literal('clustered') }),
  /** The same for the platform process. */
  z.strictObject({ t: z.literal('platform-wanted') }),
  /** A restored KMA is to take the place of this one, or somebody at the appliance ended it. */
  z.strictObject({ t: z.literal('end'), why: z.enum(['restored', ...ENDINGS]) }),
  /** What was asked: why agents are not served. */
  z.strictObject({ t: z.literal('serving-state'), obstacles: z.array(obstacle) }),
  /** The core cannot start, and starting it again would not help. */
  z.strictObject({ t: z.literal('fatal'), code: errorCode, detail: z.string().max(8192) }),
]);
export type CoreToSupervisor = z.infer<typeof coreToSupervisor>;

/** Supervisor to core. */
export const supervisorToCore = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('start'),
    dataDirectory: z.string().min(1),
    /** Where the fronts listen. */
    addresses: z.strictObject({ management: z.string().max(64), service: z.string().max(64) }),
    /** The core listens here; made accessible to `frontGroupId` when that is not null. */
    frontSocketPath: z.string().min(1),
    frontGroupId: z.int().min(0).nullable(),
    /** How many fronts there are, without that of managers. */
    fronts: z.int().min(1),
    /** The same for the management front. */
    managementSocketPath: z.string().min(1),
    readerSocketPath: z.string().min(1),
    /** The same for the replicator, which is the core's own user. */
    replicatorSocketPath: z.string().min(1),
    platformSocketPath: z.string().min(1),
  }),
  /** For the system messages; sent to a core that is ready. */
  z.strictObject({
    t: z.literal('note'),
    severity: z.enum(['info', 'warning', 'error']),
    text: z.string(),
    atMs: z.number(),
  }),
  z.strictObject({ t: z.literal('ask-serving') }),
  z.strictObject({ t: z.literal('stop') }),
]);
export type SupervisorToCore = z.infer<typeof supervisorToCore>;

/** Supervisor to reader. */
export const supervisorToReader = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('start'),
    databasePath: z.string().min(1),
    socketPath: z.string().min(1),
    /** For the platform process, which is told audit records there and nothing else. */
    auditSocketPath: z.string().min(1),
  }),
  z.strictObject({ t: z.literal('stop') }),
]);
export type SupervisorToReader = z.infer<typeof supervisorToReader>;

const place = { host: z.string().min(1), port };
const soapListen = z.strictObject({ service: serviceName, ...place });
export type SoapListen = z.infer<typeof soapListen>;
const managementListen = z.strictObject({ service: z.literal('management'), ...place });
const webListen = z.strictObject({ service: z.literal('web'), ...place });
const peopleListen = z.discriminatedUnion('service', [managementListen, webListen]);
export type PeopleListen = z.infer<typeof peopleListen>;
const replicationListen = z.strictObject({ service: z.literal('replication'), ...place });
export type ReplicationListen = z.infer<typeof replicationListen>;
/** Where some front, or the replicator, listens. */
export type Listen = SoapListen | PeopleListen | ReplicationListen;

/** The numbers a front started as root becomes before it accepts anything. */
export const frontUser = z.strictObject({ uid: z.int().min(1), gid: z.int().min(1) });
export type FrontUser = z.infer<typeof frontUser>;

const tlsOfFront = z.strictObject({ t: z.literal('tls'), tls: tlsMaterial });
/** Stop accepting, answer what is in flight, exit. */
const stopOfFront = z.strictObject({ t: z.literal('stop') });

/** Supervisor to front. */
export const supervisorToFront = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('start'),
    frontSocketPath: z.string().min(1),
    listens: z.array(soapListen).min(1).max(32),
    tls: tlsMaterial,
    user: frontUser.nullable(),
    /** Of each listener, at most; a front cannot read what the system allows it. */
    connections: z.int().min(1),
  }),
  tlsOfFront,
  stopOfFront,
]);
export type SupervisorToFront = z.infer<typeof supervisorToFront>;

/** Supervisor to management front. */
export const supervisorToManagementFront = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('start'),
    managementSocketPath: z.string().min(1),
    listens: z.array(peopleListen).min(1).max(32),
    tls: peopleTls,
    user: frontUser.nullable(),
    /** Where the built pages of the web Manager are; null without. */
    pages: z.string().min(1).nullable(),
  }),
  z.strictObject({ t: z.literal('tls'), tls: peopleTls }),
  stopOfFront,
]);
export type SupervisorToManagementFront = z.infer<typeof supervisorToManagementFront>;

/** Supervisor to replicator, which gets everything else from the core. */
export const supervisorToReplicator = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('start'),
    replicatorSocketPath: z.string().min(1),
    /** What the engine keeps, which can be deleted at any time. */
    cacheDirectory: z.string().min(1),
    listens: z.array(replicationListen).min(1).max(32),
    /** Of the service by which it is seen whether a member answers where agents are. */
    certificatePort: port,
  }),
  stopOfFront,
]);
export type SupervisorToReplicator = z.infer<typeof supervisorToReplicator>;

/** Any front, or the replicator, to supervisor. */
export const frontToSupervisor = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('listening') }),
  z.strictObject({ t: z.literal('fatal'), code: errorCode, detail: z.string().max(8192) }),
]);
export type FrontToSupervisor = z.infer<typeof frontToSupervisor>;

const credential = z.strictObject({
  /** In the spelling that names are kept in. */
  name: z
    .string()
    .min(1)
    .max(256)
    .transform((name) => name.normalize('NFC')),
  passphrase: z.string().min(1).max(256),
});

/** The appliance command to the core, over the admin socket. The passphrases are checked in `prepare` and kept nowhere. */
export const adminToCore = z.strictObject({
  t: z.literal('admin'),
  id,
  operation: z.string().min(1).max(64),
  input: z.unknown(),
  user: credential.optional(),
  /** At most ten of the quorum, and ten of a key split that is to be made. */
  quorum: z.array(credential.extend({ new: z.literal(true).optional() })).max(20),
});
export type AdminToCore = z.infer<typeof adminToCore>;

/** The core to the appliance command, which has the owner's rights, so details are told. */
export const coreToAdmin = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('reply'), id, output: z.unknown() }),
  z.strictObject({ t: z.literal('refused'), id, code: errorCode, detail: z.string().max(8192).optional() }),
  z.strictObject({
    t: z.literal('progress'),
    id,
    done: z.number().min(0),
    total: z.number().min(0),
    text: z.string().max(1024),
  }),
]);
export type CoreToAdmin = z.infer<typeof coreToAdmin>;
