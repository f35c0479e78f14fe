/** Keeps this KMA at the root key material of today: its member key, the copies that others gave it, its files, and what follows from the loss of a KMA. It asks nobody for anything. */
import type { KeyObject } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { sameBytes } from '@openkma/protocol';
import { isAlone, livingKmas } from '../../core/members.ts';
import { splitToRenew } from '../../core/missing-split.ts';
import { isRefusal } from '../../core/refusal.ts';
import { mayWrite } from '../../core/replication-version.ts';
import { readSetting } from '../../core/settings.ts';
import type { Row, TableName } from '../../core/tables.ts';
import { isRootExposed } from '../../operations/cluster/keep-root.ts';
import { isAnythingKnown, knownToLost } from '../../operations/cluster/void-after-loss.ts';
import { splitSearch } from '../../operations/pending/quorum-outcome.ts';
import { decryptRoot, makeMemberKey, type Root } from '../../security/member-key.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import {
  autonomousUnlockState,
  enableAutonomousUnlock,
  openAutonomously,
} from '../../setup/autonomous-unlock-files.ts';
import { putDamagedAside, readMemberKeys, writeMemberKey } from '../../setup/member-key-file.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import { noteOpenedCopy, openedCopies } from '../../store/opened-copies.ts';
import type { Store } from '../../store/store.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';
import { epochOfRoot, lacksRoot, newestRoot, rootsOfNextStart } from './root-tools.ts';

/** Changes that follow each other are looked at together. */
const LOOK_MS = 20;
const COPIES_MAX = 1_000;
const SPLITS_MAX = 10_000;
/** Agents are looked at once a minute, since there may be many. */
const WATCHED: ReadonlySet<TableName> = new Set([
  'incarnation',
  'key_split',
  'kma',
  'master_epoch',
  'master_wrap',
  'member_key',
  'root_copy',
  'setting',
]);

export interface RootKeysEvents {
  readonly trouble: (condition: string, details: string) => void;
  /** More may be held by this KMA than before. */
  readonly held: () => void;
}

export class RootKeys {
  readonly #core: Core;
  readonly #directory: DataDirectory;
  readonly #events: RootKeysEvents;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  /** Of which epochs the files are. */
  #filesOf = '';
  /** Under which master key of today all agents were looked at. */
  #agentsOf: string | null = null;
  #exposedMinutes = 0;

  constructor(core: Core, directory: DataDirectory, events: RootKeysEvents) {
    this.#core = core;
    this.#directory = directory;
    this.#events = events;
  }

  /** Rows that another member wrote. */
  changed(tables: ReadonlySet<TableName>): void {
    if ([...tables].some((table) => WATCHED.has(table))) this.lookSoon();
  }

  /** Copies come as facts first, and as objects later. */
  lookAfterObjects(): void {
    const { store, memory } = this.#core.parts;
    const differ = memory.unlocked && epochsOf(rootsOfNextStart(store, memory)) !== this.#filesOf;
    if (differ || lacksRoot(store, memory)) this.lookSoon();
  }

  lookSoon(): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.look().catch((error: unknown) => logFailure(error, 'root key material'));
    }, LOOK_MS);
  }

  /** One at a time; what comes meanwhile is looked at after it. */
  async look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#lookAgain().finally(() => {
      this.#looking = null;
    });
    await this.#looking;
  }

  /** Whose turn it is to replace what a lost KMA may know: each member waits a minute longer than the one before. */
  async minutely(): Promise<void> {
    this.#agentsOf = null;
    await this.look();
    const { store, self, memory } = this.#core.parts;
    if (!memory.unlocked || !isRootExposed(store.state) || !mayWrite(store.state, 'master_epoch')) {
      this.#exposedMinutes = 0;
      return;
    }
    this.#exposedMinutes += 1;
    const turn = livingKmas(store.state).findIndex(({ id }) => id === self.kmaId);
    // While the key split of today is on its way here another one does it, or this one later.
    if (splitToRenew(splitSearch(this.#core.parts)) === undefined) return;
    if (this.#exposedMinutes > turn + 1) await this.#core.callLocal('ReplaceExposedRoot', {});
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking?.catch(() => undefined);
  }

  async #lookAgain(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      await this.#lookOnce();
    }
  }

  async #lookOnce(): Promise<void> {
    const { memory, health } = this.#core.parts;
    if (health.obstacle({ changes: true }) !== null) return;
    try {
      if (memory.unlocked) await this.#keepRoot();
    } finally {
      // While they are in the pool no key is handed out, whatever is wrong with a file.
      await this.#voidAfterLoss();
    }
  }

  async #keepRoot(): Promise<void> {
    this.#lookForDamage();
    this.#findMemberKey();
    this.#takeCopies();
    this.#writeFiles();
    if (this.#core.security.rootUpkeep() !== null) await this.#core.callLocal('KeepRoot', {});
  }

  /** Agents' calls go between. */
  async #voidAfterLoss(): Promise<void> {
    const { store, self } = this.#core.parts;
    const today = readSetting(store.state, 'currentMasterEpochId');
    let agentsAfter = this.#agentsOf === today ? null : '';
    for (let more = true; more && !this.#stopped; ) {
      const found = knownToLost(store.state, self, this.#core.security.epochOf, agentsAfter);
      if (found === null) return;
      if (isAnythingKnown(found) && isRefusal(await this.#core.callLocal('VoidAfterLoss', { agentsAfter })))
        return;
      agentsAfter = found.agentsAfter;
      more = agentsAfter !== null || found.keys.length > 0;
      await setImmediate();
    }
    this.#agentsOf = today;
  }

  /** The key that is in memory is written again; where there is none, another one is made. */
  #lookForDamage(): void {
    const aside = putDamagedAside(this.#directory);
    if (aside === null) return;
    this.#filesOf = '';
    const details = `the file was put aside as ${aside}; where a KMA was lost meanwhile, unlock this one with a quorum`;
    this.#events.trouble('Member key damaged', details);
  }

  /** A life that has none yet makes one, once there is somebody to use it. It is in a file before others know of it. */
  #findMemberKey(): void {
    const { store, self, memory } = this.#core.parts;
    const root = newestRoot(store, memory);
    if (memory.memberKey !== null || root === undefined || isAlone(store.state, self.kmaId)) return;
    const [found] = readMemberKeys(this.#directory, self.incarnationId, memory.roots);
    const privateHalf = found ?? makeMemberKey();
    if (found === undefined) this.#writeMemberKey(privateHalf);
    memory.memberKey = privateHalf;
  }

  /** Those that were made together with what they are copies of: anybody may write others. */
  #takeCopies(): void {
    const { store, self, memory } = this.#core.parts;
    const { incarnationId } = self;
    const opened = openedCopies(store, incarnationId);
    const untaken = store.state
      .page('key_split', '', SPLITS_MAX)
      .flatMap((split) => copiesWith(store, incarnationId, split))
      .filter(({ rootEpochId, object }) => memory.root(rootEpochId) === undefined || !opened.has(object.id));
    if (untaken.length === 0) return;
    const memberKeys = readMemberKeys(this.#directory, incarnationId, memory.roots);
    for (const { rootEpochId, object } of untaken)
      for (const memberKey of memberKeys) {
        const rootKeyMaterial = decryptRoot(memberKey, incarnationId, rootEpochId, object.bytes);
        if (rootKeyMaterial === null || !this.#take({ rootEpochId, rootKeyMaterial })) continue;
        if (opened.has(object.id)) continue;
        store.transaction(() => noteOpenedCopy(store, incarnationId, object.id, rootEpochId));
        this.#events.held();
      }
  }

  /** It counts where it is what is known already, or opens a master key. */
  #take(root: Root): boolean {
    const { store, memory, effect } = this.#core.parts;
    const known = memory.root(root.rootEpochId);
    const opens = known === undefined ? epochOfRoot(store, root.rootKeyMaterial) : null;
    const counts =
      known === undefined
        ? opens === root.rootEpochId
        : sameBytes(known.reveal(), root.rootKeyMaterial.reveal());
    if (counts && known === undefined) {
      memory.unlock(root);
      // It may open what opens another.
      this.#again = true;
      effect({ effect: 'pool-changed' });
    }
    root.rootKeyMaterial.wipe();
    return counts;
  }

  /** The next start is to find the root key material of today, or a member key that opens with what it finds: what a quorum opens, too. */
  #writeFiles(): void {
    const { store, self, memory } = this.#core.parts;
    const root = newestRoot(store, memory);
    const roots = rootsOfNextStart(store, memory);
    if (root === undefined || epochsOf(roots) === this.#filesOf) return;
    const opensWith = (one: Root) => readMemberKeys(this.#directory, self.incarnationId, [one]).length > 0;
    if (memory.memberKey !== null && !roots.every(opensWith)) this.#writeMemberKey(memory.memberKey);
    this.#rewriteAutonomous(root.rootKeyMaterial);
    this.#filesOf = epochsOf(roots);
  }

  #writeMemberKey(privateHalf: KeyObject): void {
    const { store, self, memory } = this.#core.parts;
    const roots = { under: rootsOfNextStart(store, memory), known: memory.roots };
    writeMemberKey(this.#directory, self.incarnationId, roots, privateHalf);
  }

  #rewriteAutonomous(rootKeyMaterial: SecretBytes): void {
    if (autonomousUnlockState(this.#directory) !== 'on') return;
    const until = openAutonomously(this.#directory);
    const same = until !== null && sameBytes(until.reveal(), rootKeyMaterial.reveal());
    until?.wipe();
    if (!same) enableAutonomousUnlock(this.#directory, rootKeyMaterial);
  }
}

const epochsOf = (roots: readonly Root[]) => roots.map(({ rootEpochId }) => rootEpochId).join(' ');

/** What this life was given of the root key material that the split is of, in the entry of the split itself, and is here. */
function copiesWith(store: Store, incarnationId: string, { rootEpochId, createdStamp }: Row<'key_split'>) {
  if (rootEpochId === null || createdStamp === null) return [];
  return store.state
    .scan('root_copy', 'life', { equals: [incarnationId, rootEpochId], limit: COPIES_MAX })
    .flatMap((copy) => {
      const made = copy.createdStamp === createdStamp && copy.objectId !== null;
      const object = made ? store.getObject(copy.objectId ?? '') : undefined;
      return object === undefined ? [] : [{ rootEpochId, object }];
    });
}
