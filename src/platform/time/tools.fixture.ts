/** What a part of the platform is lent, for tests of the time part: a directory of its own, literal addresses, notes that are kept. It starts nothing. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformNote, PlatformTools } from '../part.ts';
import { placeAt } from '../place.fixture.ts';

export interface TestTools extends PlatformTools {
  readonly notes: PlatformNote[];
  readonly names: Map<string, readonly string[]>;
  remove(): void;
}

export function testTools(address: string, ntp: number): TestTools {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-test-'));
  const directory = join(folder, 'time');
  mkdirSync(directory, { mode: 0o700 });
  const notes: PlatformNote[] = [];
  const names = new Map<string, readonly string[]>();
  return {
    directory,
    socketDirectory: directory,
    states: () => new Map(),
    place: placeAt(address, { ntp }),
    async resolve(name) {
      const found = isIP(name) === 0 ? names.get(name) : [name];
      if (found === undefined) throw new Error(`no address of ${name}`);
      return found;
    },
    audit: {
      newestRow: () => 0,
      read: async () => ({ records: [], throughRow: 0, looked: 0, oldestRow: 0 }),
      onNew: () => undefined,
    },
    note: (note) => notes.push(note),
    changed: () => undefined,
    log: () => undefined,
    nowMs: () => Date.now(),
    notes,
    names,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The chronyd that runs with the configuration in this directory. */
export function chronydOf(directory: string): number | null {
  const config = join(directory, 'chrony.conf');
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && argumentsOf(name).includes(config));
  return pid === undefined ? null : Number(pid);
}

function argumentsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
