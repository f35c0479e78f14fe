/** Knows whether the demonstration has to set a KMA up: passphrases are shown at the end of a first start, so one that did not get there is begun anew. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { DataDirectory } from '../store/data-directory.ts';

/** Beside the data while a first start is under way: nobody knows the passphrases of a KMA that has it. */
const markerOf = (data: string) => `${data}.first-start`;

/** Removes what an unfinished first start left, unless it is at work; true where there is no KMA then. */
export function isFirstStart(data: string): boolean {
  if (!existsSync(markerOf(data))) return !existsSync(`${data}/kma.db`);
  if (existsSync(`${data}/kma.db`)) {
    const release = DataDirectory.open(data).lock();
    rmSync(data, { recursive: true, force: true });
    release();
  }
  rmSync(`${data}.unlock-key`, { force: true });
  rmSync(markerOf(data), { force: true });
  return true;
}

/** After QuickStart, which takes an empty directory only, so that nothing of anybody else is ever removed. */
export function markUnfinished(data: string): void {
  writeFileSync(markerOf(data), '', { mode: 0o600 });
}

export function markFinished(data: string): void {
  rmSync(markerOf(data), { force: true });
}
