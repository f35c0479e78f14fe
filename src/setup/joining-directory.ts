/** What a KMA that joins has made of itself and fetched so far, in a directory beside the one it is to get, so that a join that was broken off goes on. It holds no secret of the quorum. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { IncarnationId, KmaId } from '../core/ids.ts';
import { logPublicKey, replicationPublicKey } from '../security/log-signing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { type LocalIdentity, makeLocalIdentity } from './foundation.ts';

const progress = z.strictObject({
  kmaName: z.string(),
  incarnationId: z.string(),
  tlsPublicKey: z.string(),
  certificate: z.strictObject({ caPem: z.string(), certificatePem: z.string() }).nullable(),
  /** Of the copy that is being fetched. */
  baseSha256: z.string().nullable(),
});
type Progress = z.infer<typeof progress>;
const FILE = 'join.json';

/** Beside the directory that it is to get. */
export function joiningPathOf(place: string): string {
  return `${place}.joining`;
}

export class JoiningDirectory {
  readonly path: string;
  readonly identity: LocalIdentity;
  readonly #directory: DataDirectory;
  readonly #release: () => void;
  #progress: Progress;

  private constructor(
    directory: DataDirectory,
    release: () => void,
    identity: LocalIdentity,
    progress: Progress,
  ) {
    this.path = directory.path;
    this.identity = identity;
    this.#directory = directory;
    this.#release = release;
    this.#progress = progress;
  }

  /** Takes up what an earlier run for this place and this KMA left. Its life and its keys stay: a member may have admitted them. */
  static async open(place: string, kmaName: string): Promise<JoiningDirectory> {
    const path = joiningPathOf(place);
    const directory = existsSync(path) ? DataDirectory.at(path) : DataDirectory.create(path, place);
    const release = directory.lock();
    const found = read(directory);
    if (found?.progress.kmaName === kmaName)
      return new JoiningDirectory(directory, release, found.identity, found.progress);
    const identity = await makeLocalIdentity('' as KmaId);
    directory.writeLocal('log-seed', identity.logSeed.reveal());
    directory.writeLocal('tls-key.pem', identity.tlsPrivateKeyPem.reveal());
    const begun = {
      kmaName,
      incarnationId: identity.incarnationId,
      tlsPublicKey: Buffer.from(identity.tlsPublicKey).toString('base64'),
      certificate: null,
      baseSha256: null,
    };
    directory.writeLocal(FILE, Buffer.from(JSON.stringify(begun)));
    return new JoiningDirectory(directory, release, identity, begun);
  }

  get basePath(): string {
    return join(this.path, 'base.db');
  }
  get certificate(): Progress['certificate'] {
    return this.#progress.certificate;
  }
  get baseSha256(): string | null {
    return this.#progress.baseSha256;
  }

  enrolled(certificate: NonNullable<Progress['certificate']>): void {
    this.#write({ certificate });
  }
  fetching(baseSha256: string): void {
    this.#write({ baseSha256 });
  }
  /** A copy of everything does not lie about. */
  removeBase(): void {
    for (const ending of ['', '-wal', '-shm']) rmSync(`${this.basePath}${ending}`, { force: true });
    this.#write({ baseSha256: null });
  }

  close(): void {
    this.identity.logSeed.wipe();
    this.identity.tlsPrivateKeyPem.wipe();
    this.#release();
  }
  /** The KMA has joined. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #write(change: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#directory.writeLocal(FILE, Buffer.from(JSON.stringify(this.#progress)));
  }
}

function read(directory: DataDirectory): { progress: Progress; identity: LocalIdentity } | null {
  const [json, seed, tlsKey] = [FILE, 'log-seed', 'tls-key.pem'].map((name) => directory.readLocal(name));
  if (json === undefined || seed === undefined || tlsKey === undefined) return null;
  const found = progress.parse(JSON.parse(json.toString('utf8')));
  const logSeed = new SecretBytes(seed);
  return {
    progress: found,
    identity: {
      kmaId: '' as KmaId,
      incarnationId: found.incarnationId as IncarnationId,
      logSeed,
      logPublicKey: logPublicKey(logSeed),
      replicationPublicKey: replicationPublicKey(logSeed),
      tlsPrivateKeyPem: new SecretBytes(tlsKey),
      tlsPublicKey: Buffer.from(found.tlsPublicKey, 'base64'),
    },
  };
}
