/** A core for tests of the replicator alone: keeps logs and objects in memory, and says over the socket what a core says. It folds nothing. */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type AuditRecords, RECORDS_MAX } from '../../replication/audit-messages.ts';
import type { MemberHealth, SealedObject } from '../../replication/peer-messages.ts';
import { createRootCa, issueCertificate } from '../../security/certificates.ts';
import { logPublicKey } from '../../security/log-signing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { FrameSocket } from '../frame.ts';
import { expectMessage } from '../messages.ts';
import type { CoreSays } from './core-link.ts';
import {
  type CoreToReplicator,
  type FormerMember,
  type ReplicatorToCore,
  type RosterMember,
  replicatorToCore,
} from './messages.ts';

const hex = (bytes: number) => randomBytes(bytes).toString('hex').toUpperCase();
const DAYS = 30;
const HEALTH: MemberHealth = { locked: false, load: 0, keyPoolReadyPercent: 100, version: '0.1.0' };
/** Told some time after a commit. */
const GROWN_MS = 20;
const HEALTH_MS = 200;

/** The root CA of a cluster, and what it has issued. */
export class TestCa {
  readonly pem: string;
  readonly #privateKey: SecretBytes;

  private constructor(pem: string, privateKey: SecretBytes) {
    this.pem = pem;
    this.#privateKey = privateKey;
  }
  static async make(): Promise<TestCa> {
    const made = await createRootCa({ digest: 'SHA-256', nowMs: Date.now(), days: DAYS });
    return new TestCa(made.certificatePem, made.privateKey);
  }
  async issue(kind: 'kma' | 'agent' | 'user', name: string) {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
    const issued = await issueCertificate({
      ca: { certificatePem: this.pem, privateKey: this.#privateKey, digest: 'SHA-256' },
      kind,
      name,
      publicKey,
      nowMs: Date.now(),
      days: DAYS,
    });
    return {
      privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      certificatePem: issued.pem,
      caPem: this.pem,
      keySha256: createHash('sha256').update(publicKey).digest('hex').toUpperCase(),
    };
  }
}
type Credentials = Awaited<ReturnType<TestCa['issue']>>;

export class MemoryCore {
  readonly kmaId: string;
  readonly incarnationId = hex(8);
  readonly replicationPublicKey: string;
  readonly seed = randomBytes(32);
  readonly credentials: Credentials;
  readonly name: string;
  readonly address: string;
  readonly socketPath: string;
  /** Of its clock against the machine's. */
  aheadMs = 0;
  readonly cacheDirectory: string;
  /** By life; the own one too. */
  readonly logs = new Map<string, Uint8Array[]>();
  readonly objects = new Map<string, SealedObject>();
  readonly missing = new Set<string>();
  sought: string[] = [];
  readonly heard: ReplicatorToCore[] = [];
  /** Entries that are no text of ours stall the log. */
  stalls = (_block: Uint8Array): string | null => null;
  /** Written when the KMA is stopped. */
  lastWords: readonly string[] = [];
  /** By life, the records of its short term; nobody has signed them. */
  readonly audit = new Map<string, string[]>();
  refusesAudit = (_records: readonly string[]): string | null => null;
  #members: readonly RosterMember[] = [];
  #former: readonly FormerMember[] = [];
  readonly #server: Server;
  readonly #health: NodeJS.Timeout;
  #frames: FrameSocket | null = null;

  /** `rank`: who has the higher one dials. */
  constructor(
    folder: string,
    of: {
      readonly rank: number;
      readonly address: string;
      readonly credentials: Credentials;
      readonly socketPath?: string;
    },
  ) {
    this.kmaId = `${of.rank}${hex(16).slice(1)}`;
    this.name = `kma-${of.rank}`;
    this.address = of.address;
    this.credentials = of.credentials;
    this.replicationPublicKey = logPublicKey(new SecretBytes(Buffer.from(this.seed)));
    this.socketPath = of.socketPath ?? join(folder, `${this.name}.sock`);
    this.cacheDirectory = join(folder, `${this.name}-replication`);
    this.logs.set(this.incarnationId, []);
    this.#server = createServer((socket) => this.#serve(new FrameSocket(socket, this.#options()))).listen(
      this.socketPath,
    );
    this.#health = setInterval(
      () => this.#say({ t: 'health', health: HEALTH, nowMs: Date.now() + this.aheadMs }),
      HEALTH_MS,
    );
  }

  get member(): RosterMember {
    const { kmaId, name, address, incarnationId, replicationPublicKey } = this;
    const { keySha256 } = this.credentials;
    return {
      kmaId,
      name,
      address,
      serviceAddress: '',
      keySha256,
      incarnations: [{ incarnationId, replicationPublicKey, live: true }],
    };
  }
  get vector(): Record<string, number> {
    return Object.fromEntries([...this.logs].map(([life, blocks]) => [life, blocks.length]));
  }
  setMembers(members: readonly RosterMember[], former: readonly FormerMember[] = []): void {
    this.#members = members;
    this.#former = former;
    this.#sayRoster();
  }
  write(...blocks: (string | Uint8Array)[]): void {
    this.commit(...blocks);
    this.grown();
  }
  writeAudit(...records: string[]): void {
    this.audit.set(this.incarnationId, [...this.auditOf(this), ...records]);
    this.#sayAudit();
  }
  auditOf(of: MemoryCore): readonly string[] {
    return this.audit.get(of.incarnationId) ?? [];
  }
  /** What is told of a little later, with `grown`. */
  commit(...blocks: (string | Uint8Array)[]): void {
    const own = this.logs.get(this.incarnationId) ?? [];
    own.push(...blocks.map((block) => (typeof block === 'string' ? Buffer.from(block) : block)));
  }
  grown(): void {
    this.#say({ t: 'grown', vector: this.vector, held: this.vector });
  }
  textsOf(of: MemoryCore): string[] {
    return (this.logs.get(of.incarnationId) ?? []).map((block) => Buffer.from(block).toString());
  }
  miss(...ids: string[]): void {
    for (const id of ids) this.missing.add(id);
    this.#say({ t: 'missing', ids: [...this.missing], sought: this.sought });
  }
  told<T extends ReplicatorToCore['t']>(t: T): Extract<ReplicatorToCore, { t: T }>[] {
    return this.heard.filter((message): message is Extract<ReplicatorToCore, { t: T }> => message.t === t);
  }
  /** As when it is replaced. */
  hangUp(): void {
    this.#frames?.close(null);
  }
  catchUp(): void {
    this.#say({ t: 'catch-up', id: 1, timeoutMs: 30_000 });
  }
  close(): void {
    clearInterval(this.#health);
    this.hangUp();
    this.#server.close();
  }

  #options() {
    return {
      onMessage: (raw: unknown) => {
        const message = expectMessage(replicatorToCore, raw);
        this.heard.push(message);
        const answer = this.#answer(message);
        if (answer !== null) this.#say(answer);
      },
      onClose: () => undefined,
    };
  }
  #serve(frames: FrameSocket): void {
    this.#frames = frames;
    const { privateKeyPem, certificatePem, caPem } = this.credentials;
    this.#say({
      t: 'begin',
      self: {
        kmaId: this.kmaId,
        kmaName: this.name,
        incarnationId: this.incarnationId,
        logPublicKey: this.replicationPublicKey,
        clusterEpochId: '',
      },
      replicationSeed: this.seed,
      tls: { privateKeyPem, certificatePem, caPem },
      base: {},
      freshCache: false,
      vector: this.vector,
      held: this.vector,
    });
    this.#sayRoster();
    this.#say({ t: 'missing', ids: [...this.missing], sought: this.sought });
    this.#sayAudit();
  }
  #sayAudit(): void {
    const chains = [...this.audit].map(([incarnationId, { length: lastSeq }]) => ({
      ...{ incarnationId, term: 'short' as const, lastSeq },
    }));
    this.#say({ t: 'audit-chains', chains });
  }
  #sayRoster(): void {
    const members = [...this.#members];
    const logs = members.flatMap(({ incarnations }) =>
      incarnations.map(({ incarnationId, replicationPublicKey }) => ({
        incarnationId,
        replicationPublicKey,
        limit: null,
        comparedFrom: null,
      })),
    );
    this.#say({ t: 'roster', members, former: [...this.#former], logs });
  }
  #say(message: CoreSays | CoreToReplicator): void {
    this.#frames?.send(message);
  }

  #answer(message: ReplicatorToCore): CoreToReplicator | null {
    if (message.t === 'read-log') {
      const { id, incarnationId, afterSeq, limit } = message;
      const log = this.logs.get(incarnationId) ?? [];
      return { t: 'log', id, blocks: log.slice(afterSeq, afterSeq + limit) };
    }
    if (message.t === 'entries') return this.#apply(message);
    if (message.t === 'read-objects') {
      const objects = message.ids.flatMap((one) => this.objects.get(one) ?? []);
      return { t: 'objects', id: message.id, objects };
    }
    if (message.t === 'objects') return this.#store(message);
    if (message.t === 'read-audit') {
      const { id, incarnationId, afterSeq } = message;
      return { t: 'audit', id, found: this.#records(incarnationId, afterSeq) };
    }
    if (message.t === 'audit-records') return this.#takeAudit(message);
    if (message.t === 'ending') {
      this.commit(...this.lastWords);
      setTimeout(() => this.grown(), GROWN_MS);
    }
    if (message.t === 'how-far' || message.t === 'ending')
      return { t: 'folded', id: message.id, vector: this.vector };
    if (message.t === 'greeted') return { t: 'admitted', id: message.id, refused: null };
    return null;
  }
  #records(incarnationId: string, afterSeq: number): AuditRecords | null {
    const records = (this.audit.get(incarnationId) ?? []).slice(afterSeq, afterSeq + RECORDS_MAX);
    const start = { seq: afterSeq, hash: '0'.repeat(64) };
    const proof = { signedBy: incarnationId, signature: '0'.repeat(128) };
    return records.length === 0 ? null : { start, records, proof };
  }
  #takeAudit({ id, incarnationId, records }: Extract<ReplicatorToCore, { t: 'audit-records' }>) {
    const here = this.audit.get(incarnationId) ?? [];
    const refused = this.refusesAudit(records.records);
    if (refused === null && records.start.seq === here.length)
      this.audit.set(incarnationId, [...here, ...records.records]);
    this.#sayAudit();
    return { t: 'audit-taken', id, lastSeq: this.audit.get(incarnationId)?.length ?? 0, refused } as const;
  }
  #apply({ id, incarnationId, afterSeq, blocks }: Extract<ReplicatorToCore, { t: 'entries' }>) {
    const log = this.logs.get(incarnationId) ?? [];
    this.logs.set(incarnationId, log);
    let stalled: string | null = afterSeq > log.length ? 'gap' : null;
    for (const block of stalled === null ? blocks.slice(log.length - afterSeq) : []) {
      stalled = this.stalls(block);
      if (stalled !== null) break;
      log.push(block);
    }
    this.grown();
    return { t: 'applied', id, length: log.length, stalled, broken: stalled !== null } as const;
  }
  #store({ id, objects }: Extract<ReplicatorToCore, { t: 'objects' }>) {
    const sound = objects.filter((object) => this.missing.has(object.id) && object.bytes.length > 0);
    for (const object of sound) {
      this.objects.set(object.id, object);
      this.missing.delete(object.id);
    }
    this.#say({ t: 'missing', ids: [...this.missing], sought: this.sought });
    return { t: 'stored', id, refused: objects.length - sound.length } as const;
  }
}
