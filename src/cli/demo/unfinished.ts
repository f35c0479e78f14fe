/** Knows whether the demonstration has to set its KMAs up: passphrases are shown at the end of a first start, so one that did not get there is begun anew. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { autonomousUnlockKeyPath } from '../../setup/autonomous-unlock-files.ts';
import { joiningPathOf } from '../../setup/joining-directory.ts';
import { DataDirectory } from '../../store/data-directory.ts';
import { isThere } from './places.ts';

/** Beside the data while a first start is under way: nobody knows the passphrases of a KMA that has it. */
const markerOf = (data: string) => `${data}.first-start`;

/** Removes what an unfinished first start left, unless it is at work; true where there is no KMA then. `every`: the first one's place and those of the others. */
export function isFirstStart(every: readonly string[]): boolean {
  const [first = ''] = every;
  if (!existsSync(markerOf(first))) return !isThere(first);
  const unfinished = every.filter((data) => existsSync(markerOf(data)));
  // All before any is removed: at times the first one alone does not run.
  const releases = unfinished.filter(isThere).map((data) => DataDirectory.at(data).lock());
  // The first one last: a removal that is cut short is gone on with.
  for (const data of unfinished.toReversed()) removeUnfinished(data);
  for (const release of releases) release();
  return true;
}

function removeUnfinished(data: string): void {
  rmSync(data, { recursive: true, force: true });
  rmSync(autonomousUnlockKeyPath(data), { force: true });
  rmSync(joiningPathOf(data), { recursive: true, force: true });
  rmSync(markerOf(data), { force: true });
}

/** Where nothing was before, so that nothing of anybody else is ever removed. The place itself may be below what is not there yet. */
export function markUnfinished(data: string): void {
  mkdirSync(dirname(data), { recursive: true });
  writeFileSync(markerOf(data), '', { mode: 0o600 });
}

/** The first one first: without its marker the others' mean nothing. */
export function markFinished(every: readonly string[]): void {
  for (const data of every) rmSync(markerOf(data), { force: true });
}
