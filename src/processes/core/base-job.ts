/** The copy of the store that a KMA joins with: made by the reader into the staging directory, one at a time, and removed when the replicator says so or the core ends. It decides nothing about who gets it, but how many. */
import { rm, stat, statfs } from 'node:fs/promises';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { BaseResult } from '../reader/messages.ts';
import { logFailure } from './failure.ts';
import type { ReaderLink } from './reader-link.ts';

/** However the replicator fares; it drops one that nobody reads much earlier. */
const KEPT_MS = 60 * 60_000;
/** A wrong passphrase of the quorum at the newcomer costs a copy each; each costs this KMA a reading of everything. */
const COPIES_MAX = 3;
const COPIES_WITHIN_MS = 10 * 60_000;
/** What is left afterwards the store needs, which grows meanwhile. */
const SPACE_TIMES = 2;

export interface BaseParts {
  readonly directory: Pick<DataDirectory, 'path' | 'databasePath' | 'createStaging'>;
  readonly reader: Pick<ReaderLink, 'base'>;
  /** Erasures wait for copies. */
  readonly removed: () => void;
  readonly backupRuns: () => boolean;
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
}

interface Staged {
  readonly staging: string;
  readonly bytes: number;
  readonly timer: NodeJS.Timeout;
}

export class BaseJob {
  readonly #parts: BaseParts;
  readonly #staged = new Map<string, Staged>();
  /** By KMA, when the copies of the last minutes were begun. */
  readonly #begun = new Map<string, readonly number[]>();
  #making = false;

  constructor(parts: BaseParts) {
    this.#parts = parts;
  }

  /** `gone`: nobody would learn of it any more. */
  async make(kmaId: string, gone: () => boolean = () => false): Promise<BaseResult | Refusal> {
    // A replicator that was replaced does not know that its question is still being worked on.
    if (this.#making) return refuse('SERVER_BUSY', 'another copy is being made');
    this.#making = true;
    try {
      const obstacle = await this.#obstacle(kmaId);
      if (obstacle !== null) return refuse('SERVER_BUSY', obstacle);
      await this.discardAll();
      return await this.#make(kmaId, gone);
    } finally {
      this.#making = false;
    }
  }

  async #make(kmaId: string, gone: () => boolean): Promise<BaseResult | Refusal> {
    this.#begun.set(kmaId, [...this.#lately(kmaId), this.#parts.elapsedMs()]);
    const staging = this.#parts.directory.createStaging('base');
    const made = await this.#parts.reader.base(staging);
    if (isRefusal(made) || gone()) {
      await this.#remove(staging);
      this.#parts.removed();
      return isRefusal(made) ? made : refuse('SERVER_BUSY', 'who asked for the copy has gone');
    }
    const timer = setTimeout(() => void this.discard(made.path), KEPT_MS).unref();
    this.#staged.set(made.path, { staging, bytes: made.bytes, timer });
    return made;
  }

  /** Also where the replicator, which alone knows of it, has gone. */
  async discardAll(): Promise<void> {
    for (const path of [...this.#staged.keys()]) await this.discard(path);
  }

  async discard(path: string): Promise<void> {
    const staged = this.#staged.get(path);
    if (staged === undefined) return;
    this.#staged.delete(path);
    clearTimeout(staged.timer);
    await this.#remove(staged.staging);
    this.#parts.removed();
  }

  async #obstacle(kmaId: string): Promise<string | null> {
    if (this.#parts.backupRuns()) return 'a backup is being made';
    if (this.#lately(kmaId).length >= COPIES_MAX)
      return `it got ${COPIES_MAX} copies in ${COPIES_WITHIN_MS / 60_000} minutes already`;
    const { databasePath, path } = this.#parts.directory;
    const [{ size }, { bavail, bsize }] = await Promise.all([stat(databasePath), statfs(path)]);
    const freeBytes = bavail * bsize + this.#stagedBytes();
    return freeBytes < SPACE_TIMES * size
      ? `${Math.floor(freeBytes / 1e6)} MB are free, and ${Math.ceil((SPACE_TIMES * size) / 1e6)} MB are needed for a copy`
      : null;
  }

  /** Of the copy that another one would take the place of. */
  #stagedBytes(): number {
    return [...this.#staged.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #lately(kmaId: string): readonly number[] {
    const sinceMs = this.#parts.elapsedMs() - COPIES_WITHIN_MS;
    return (this.#begun.get(kmaId) ?? []).filter((atMs) => atMs > sinceMs);
  }

  /** What stays is removed at the next start. */
  #remove(staging: string): Promise<void> {
    return rm(staging, { recursive: true, force: true }).catch((error: unknown) =>
      logFailure(error, 'removing the copy for a KMA that joined'),
    );
  }
}
