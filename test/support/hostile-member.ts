/** A program of an attacker who has the key, the certificate and the store of a member, whose own KMA is stopped: it speaks on port 3336 as that member. It decides nothing about what to say. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { created } from '../../src/core/facts.ts';
import type { IncarnationId, ObjectId } from '../../src/core/ids.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import { memberKeySha256 } from '../../src/operations/cluster/member-key.ts';
import { operation } from '../../src/operations/operation.ts';
import type { ReplicatorToCore } from '../../src/processes/replicator/messages.ts';
import {
  greet,
  type Played,
  type Reached,
  secured,
} from '../../src/processes/replicator/played-member.fixture.ts';
import { type Begin, Replication } from '../../src/processes/replicator/replication.ts';
import { dial } from '../../src/replication/dial.ts';
import type { PeerMessage, SealedObject } from '../../src/replication/peer-messages.ts';
import type { Member } from '../../src/replication/roster.ts';
import { logPublicKey, replicationPublicKey, replicationSeed } from '../../src/security/log-signing.ts';
import { sha256Hex } from '../../src/security/sealing.ts';
import { readIdentity, readLogSeed, readTlsKeyPem } from '../../src/setup/local-identity.ts';
import { runAlone } from '../../src/setup/run-alone.ts';
import { DataDirectory } from '../../src/store/data-directory.ts';
import { openStore } from '../../src/store/store.ts';
import { REPLICATION_VERSION } from '../../src/version.ts';
import type { TestKma } from './kma.ts';
import { withStore } from './restoring.ts';

const ALPN = 'openkma/1';

/** What it gives to whom it connects with. */
export interface Lies {
  /** Its log. */
  readonly blocks: readonly Uint8Array[];
  /** Instead of the object that is asked for. */
  readonly object?: (id: string) => SealedObject;
}

export class HostileMember implements Played {
  readonly name: string;
  readonly kmaId: string;
  readonly incarnationId: string;
  readonly replicationPublicKey: string;
  readonly seed: Uint8Array;
  readonly credentials;
  readonly #kma: TestKma;
  readonly #port: number;
  readonly #clusterEpochId: string;
  readonly #logPublicKey: string;

  constructor(kma: TestKma, port: number) {
    this.#kma = kma;
    this.#port = port;
    const directory = DataDirectory.open(kma.data);
    const identity = readIdentity(directory);
    const logSeed = readLogSeed(directory);
    this.name = identity.kmaName;
    this.kmaId = identity.kmaId;
    this.incarnationId = identity.incarnationId;
    this.replicationPublicKey = replicationPublicKey(logSeed);
    this.seed = Uint8Array.from(replicationSeed(logSeed).reveal());
    this.#logPublicKey = logPublicKey(logSeed);
    const stored = withStore(kma.data, ({ state }) => ({
      certificatePem: state.get('kma', identity.kmaId)?.certificatePem ?? '',
      caPem: state.get('certificate_authority', 'root')?.certificatePem ?? '',
      clusterEpochId: state.get('incarnation', identity.incarnationId)?.clusterEpochId ?? '',
    }));
    const { certificatePem, caPem } = stored;
    this.credentials = { privateKeyPem: readTlsKeyPem(directory), certificatePem, caPem };
    this.#clusterEpochId = stored.clusterEpochId;
  }

  /** As it is in its store. */
  get blocks(): readonly Uint8Array[] {
    const id = this.incarnationId as IncarnationId;
    return withStore(this.#kma.data, (store) => store.readLog(id, 0, store.logLength(id)));
  }

  /** A sound entry more, which names an object that nobody has. */
  nameObject(): string {
    const store = openStore({ path: join(this.#kma.data, 'kma.db'), mode: 'write' });
    const incarnationId = this.incarnationId as IncarnationId;
    const objectId = sha256Hex(Buffer.from(`object of ${incarnationId}`)).slice(0, 32) as ObjectId;
    const entry = operation({
      ...{ callers: 'local', quorum: false, needsUnlocked: false, changes: true },
      ...{ name: 'NameObject', summary: 'Names an object.', audit: { class: 'System', retention: 'short' } },
      ...{ input: z.strictObject({}), output: z.null() },
      decide: (_, { nowMs, nextSeq }) => ({
        facts: [
          created('key', `K${objectId}`, {
            ...{ objectId, objectSha256: sha256Hex(Buffer.from('what nobody has')), incarnationId },
            ...{ madeSeq: nextSeq, createdAt: nowMs },
          }),
        ],
        output: null,
      }),
    });
    try {
      const made = runAlone(store, readIdentity(DataDirectory.open(this.#kma.data)), entry, {}, undefined);
      if (isRefusal(made)) throw new Error(made.refused);
    } finally {
      store.close();
    }
    return objectId;
  }

  /** As its store knows the other one. */
  #reached({ data, host }: TestKma): Reached & Pick<Member, 'kmaId'> {
    const { kmaId } = readIdentity(DataDirectory.open(data));
    const keySha256 = withStore(this.#kma.data, ({ state }) => memberKeySha256(state.get('kma', kmaId)));
    return { kmaId, address: host, credentials: { keySha256 } };
  }

  /** The encrypted stream of the engine; rejects where it is turned away. */
  reach(to: TestKma) {
    return secured(this, this.#reached(to), this.#port);
  }

  /** Bytes in the place of the engine's handshake. */
  async sendRaw(to: TestKma, bytes: Uint8Array): Promise<void> {
    const { address, credentials } = this.#reached(to);
    const socket = await dial({
      ...{ host: address, port: this.#port, localAddress: undefined, protocol: ALPN },
      ...{ tls: this.credentials, keySha256: credentials.keySha256 },
    });
    socket.on('error', () => undefined).resume();
    socket.end(bytes);
  }

  /** As a KMA greets; gives what says more. */
  async greet(to: TestKma, heard: (message: PeerMessage) => void): Promise<(message: PeerMessage) => void> {
    return greet(await this.reach(to), this, REPLICATION_VERSION, heard, {
      clusterEpochId: this.#clusterEpochId,
      logPublicKey: this.#logPublicKey,
    });
  }

  /** Replicates with one KMA as its own program would, with a core that lies. */
  async replicate(to: TestKma, lies: Lies): Promise<AsyncDisposable> {
    const { kmaId, address, credentials } = this.#reached(to);
    const replication = await Replication.open(this.#begin(lies), this.replicationPublicKey, {
      core: {
        ask: (question) => Promise.resolve(answerTo(question as unknown as ReplicatorToCore, lies) as never),
        tell: () => undefined,
      },
      cacheDirectory: mkdtempSync(join(this.#kma.folder, 'hostile-')),
      dial: ({ keySha256, address: host }) =>
        dial({
          ...{ host, port: this.#port, localAddress: undefined, protocol: ALPN },
          ...{ tls: this.credentials, keySha256 },
        }),
      onRefused: () => undefined,
      onFailure: () => undefined,
    });
    const { keySha256 } = credentials;
    const member = { kmaId, name: to.host, address, serviceAddress: '', keySha256, incarnations: [] };
    replication.setRoster({ t: 'roster', members: [member], former: [], logs: [] });
    return { [Symbol.asyncDispose]: () => replication.close() };
  }

  #begin({ blocks }: Lies): Begin {
    const vector = { [this.incarnationId]: blocks.length };
    return {
      t: 'begin',
      self: {
        ...{ kmaId: this.kmaId, kmaName: this.name, incarnationId: this.incarnationId },
        ...{ logPublicKey: this.#logPublicKey, clusterEpochId: this.#clusterEpochId },
      },
      replicationSeed: this.seed,
      tls: this.credentials,
      base: {},
      freshCache: false,
      ...{ vector, held: vector },
    };
  }
}

function answerTo(question: ReplicatorToCore, { blocks, object }: Lies): object | null {
  const id = 1;
  if (question.t === 'read-log') {
    const { afterSeq, limit } = question;
    return { t: 'log', id, blocks: blocks.slice(afterSeq, afterSeq + limit) };
  }
  if (question.t === 'greeted') return { t: 'admitted', id, refused: null };
  if (question.t === 'read-objects')
    return { t: 'objects', id, objects: object === undefined ? [] : question.ids.map(object) };
  return null;
}
