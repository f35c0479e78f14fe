/** A child process for the crash test: commits entries for ever and prints each position after its commit. */
import { writeSync } from 'node:fs';
import { entryOf, INCARNATION } from './store.fixture.ts';
import { openStore } from './store.ts';

const store = openStore({ path: process.argv[2] ?? '', mode: 'write' });
for (let n = store.logLength(INCARNATION) + 1; ; n++) {
  store.transaction(() => store.appendEntry(INCARNATION, entryOf(n)));
  writeSync(1, `${n}\n`);
}
