/** The copy of the store that a KMA joins with: made by the reader into the staging directory, one at a time, and removed when the replicator says so or the core ends. It decides nothing about who gets it. */
import { rm } from 'node:fs/promises';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { BaseResult } from '../reader/messages.ts';
import { logFailure } from './failure.ts';
import type { ReaderLink } from './reader-link.ts';

/** However the replicator fares; it drops one that nobody reads much earlier. */
const KEPT_MS = 60 * 60_000;

export class BaseJob {
  readonly #directory: DataDirectory;
  readonly #reader: Pick<ReaderLink, 'base'>;
  readonly #removed: () => void;
  readonly #staged = new Map<string, { readonly staging: string; readonly timer: NodeJS.Timeout }>();

  /** `removed`: erasures wait for copies. */
  constructor(directory: DataDirectory, reader: Pick<ReaderLink, 'base'>, removed: () => void) {
    this.#directory = directory;
    this.#reader = reader;
    this.#removed = removed;
  }

  async make(): Promise<BaseResult | Refusal> {
    await this.discardAll();
    const staging = this.#directory.createStaging('base');
    const made = await this.#reader.base(staging);
    if (isRefusal(made)) {
      await this.#remove(staging);
      return made;
    }
    const timer = setTimeout(() => void this.discard(made.path), KEPT_MS).unref();
    this.#staged.set(made.path, { staging, timer });
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
    this.#removed();
  }

  /** What stays is removed at the next start. */
  #remove(staging: string): Promise<void> {
    return rm(staging, { recursive: true, force: true }).catch((error: unknown) =>
      logFailure(error, 'removing the copy for a KMA that joined'),
    );
  }
}
