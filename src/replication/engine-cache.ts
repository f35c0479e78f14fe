/** The engine's files: a cache of logs that is deleted and made anew whenever it does not fit what the store has. The truth never lies in it. */
import { mkdirSync, rmSync } from 'node:fs';
import Corestore, { type KeyPair } from 'corestore';
import type { HypercoreSession } from 'hypercore';
import { logManifest } from './log-keys.ts';
import type { LogId } from './replicated-logs.ts';

/** The own log as the store has it. */
export interface OwnTruth {
  readonly length: number;
  /** The exact bytes of the entries behind this position, the first that fit into one answer, `limit` at most; one at least where there is one. */
  readonly read: (afterSeq: number, limit: number) => Promise<readonly Uint8Array[]>;
}

/** Entries of one write while the own log is refilled. */
const REFILL_BLOCKS = 64;

export interface OpenedCache {
  readonly store: Corestore;
  readonly own: HypercoreSession;
  /** Why what was there was thrown away; null where it fitted. */
  readonly renewed: string | null;
}

/** Where the cache cannot be read it is made anew once; where that fails too, the disk is at fault and it throws. */
export async function openCache(
  directory: string,
  own: LogId,
  keyPair: KeyPair,
  truth: OwnTruth,
): Promise<OpenedCache> {
  const renewed = await attempt(directory, own, keyPair, truth);
  if (typeof renewed !== 'string') return renewed;
  rmSync(directory, { recursive: true, force: true });
  const again = await attempt(directory, own, keyPair, truth);
  if (typeof again === 'string') throw new Error(`the cache of the logs cannot be made: ${again}`);
  return { ...again, renewed };
}

/** The open cache, or what does not fit. */
async function attempt(
  directory: string,
  { publicKey }: LogId,
  keyPair: KeyPair,
  truth: OwnTruth,
): Promise<OpenedCache | string> {
  let store: Corestore | null = null;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    store = new Corestore(directory, { allowBackup: true });
    await store.ready();
    const own = store.get({ keyPair, manifest: logManifest(publicKey) });
    await own.ready();
    const odd = await unfit(own, truth);
    if (odd === null) {
      await refill(own, truth);
      return { store, own, renewed: null };
    }
    await store.close();
    return odd;
  } catch (error) {
    await store?.close().catch(() => undefined);
    return error instanceof Error ? error.message : String(error);
  }
}

/** The last block is enough: each signed tree holds all that came before it, and the store's bytes never change. */
async function unfit(own: HypercoreSession, truth: OwnTruth): Promise<string | null> {
  if (!own.writable) return 'the own log is not writable';
  if (own.length > truth.length) return `${own.length} blocks of the own log, which has ${truth.length}`;
  if (own.length === 0) return null;
  const block = await own.get(own.length - 1, { wait: false });
  if (block === null) return 'the last block of the own log is missing';
  const [stored] = await truth.read(own.length - 1, 1);
  return stored !== undefined && block.equals(stored) ? null : 'other bytes in the own log';
}

/**
 * The engine does not sync to the disk, so that a tail of its copy may be lost. It is put back before anybody is connected: a peer that
 * has the tail would give the length of it back, but not the blocks.
 */
async function refill(own: HypercoreSession, truth: OwnTruth): Promise<void> {
  while (own.length < truth.length) {
    const blocks = await truth.read(own.length, Math.min(REFILL_BLOCKS, truth.length - own.length));
    if (blocks.length === 0) throw new Error(`the store has no entry behind ${own.length} of the own log`);
    await own.append(blocks);
  }
}
