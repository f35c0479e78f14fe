/** Faults of the code itself that no simulated world can show, since they are in the memory, the files or the ports of real processes: each changes a line in a copy of the project, and a test of real processes has to fail there. Production has no switch for any. */
import type { Edit } from '../test/support/project-copy.ts';

export interface ProcessMutant {
  readonly name: string;
  /** By the numbers of architecture 4. */
  readonly breaks: 7 | 8 | 9;
  readonly edit: Edit;
  /** The file, and the first test in it to fail. */
  readonly test: string;
  readonly fails: string;
}

const REMAINS = 'test/key-remains.test.ts';
const ERASED = 'test/erased-bytes.test.ts';
const HOSTILE = 'test/hostile-management.test.ts';

export const PROCESS_MUTANTS: readonly ProcessMutant[] = [
  {
    name: 'a core that starts locked opens the root key material, and keeps it',
    breaks: 7,
    edit: {
      file: 'src/processes/core/first-steps.ts',
      from: 'if (rootKeyMaterial === null) return;',
      to: 'if (rootKeyMaterial === null) return void Object.assign(globalThis, { kept: openAutonomously(directory) });',
    },
    test: REMAINS,
    fails: 'a locked core has nothing of any key, in whatever form it was given',
  },
  {
    name: 'key wrapping keys outlive the core in the store',
    breaks: 7,
    edit: {
      file: 'src/processes/core/effects.ts',
      from: "'remember-kwk': ({ kwkId, agentId, kwk }, { memory }) => memory.kwks.remember(kwkId, agentId, kwk),",
      to: `'remember-kwk': ({ kwkId, agentId, kwk }, { memory, store }) => {
        memory.kwks.remember(kwkId, agentId, kwk);
        store.setLocal(kwkId, kwk.reveal().toString('hex'));
      },`,
    },
    test: REMAINS,
    fails: 'a locked core has nothing of any key, in whatever form it was given',
  },
  {
    name: 'a key that nobody has logged in with is that of the first user',
    breaks: 8,
    edit: {
      file: 'src/processes/core/known-keys.ts',
      from: 'const session = this.#sessions.find(keySha256, nowMs);',
      to: `const session = this.#sessions.find(keySha256, nowMs) ??
        { user: [...state.page('user', '', 1)][0], roles: ['SECURITY_OFFICER'] };`,
    },
    test: HOSTILE,
    fails: 'a stranger is told nothing but that he is nobody, whatever he sends, and his body is not read',
  },
  {
    name: 'the pages of what is erased are not overwritten',
    breaks: 9,
    edit: {
      file: 'src/store/database.ts',
      from: 'PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;',
      to: 'PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF;',
    },
    test: ERASED,
    fails: 'destroyed keys leave every file of the data directory, and the other keys stay',
  },
  {
    name: 'an erasure is confirmed while the write-ahead log has what was erased',
    breaks: 9,
    edit: {
      file: 'src/processes/core/erasures.ts',
      from: ' || !store.checkpointTruncate()) return [];',
      to: ') return [];',
    },
    test: ERASED,
    fails: 'destroyed keys leave every file of the data directory, and the other keys stay',
  },
];
