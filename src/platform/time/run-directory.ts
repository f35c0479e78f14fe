/** The directory of chronyd's command socket and drift file: the data directory is closed to its user, and the path of a socket has to be short. It goes with the KMA, and what a killed one left goes with the next. */
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivate } from '../private-file.ts';
import { driftPathIn } from './chrony-config.ts';
import type { ChronyUser } from './chrony-user.ts';
import { readLentFile } from './lent-file.ts';

export const RUN_DIRECTORY_PREFIX = join(tmpdir(), 'openkma-time-');
const DRIFT_BYTES_MAX = 256;
/** Two numbers: what else its user may have put there is not kept for him. */
const DRIFT = /^\s*-?\d+\.\d+\s+\d+\.\d+\s*$/;

const placePathIn = (home: string): string => join(home, 'run-directory');

/** Of chronyd's user alone, with the drift that it is lent. The directory becomes his last: in one of his he could put a link in the place of what is given to him. */
export function makeRunDirectory(user: ChronyUser, drift: Uint8Array | null = null): string {
  const path = mkdtempSync(RUN_DIRECTORY_PREFIX);
  if (drift !== null) {
    writeFileSync(driftPathIn(path), drift, { mode: 0o600, flag: 'wx' });
    chownSync(driftPathIn(path), user.uid, user.gid);
  }
  chownSync(path, user.uid, user.gid);
  return path;
}

export class RunDirectory {
  readonly path: string;
  readonly #user: ChronyUser;
  /** What is kept of it beyond this process, in a directory that the daemon's user cannot reach. */
  readonly #placePath: string;
  readonly #driftPath: string;

  /** `home`: the part's own directory. */
  constructor(home: string, user: ChronyUser) {
    this.#user = user;
    this.#placePath = placePathIn(home);
    this.#driftPath = join(home, 'drift');
    this.path = makeRunDirectory(user, existsSync(this.#driftPath) ? readFileSync(this.#driftPath) : null);
    writePrivate(this.#placePath, this.path);
  }

  /** How fast the machine's clock runs, which takes the daemon hours to find out. */
  keepDrift(): void {
    const drift = readLentFile(driftPathIn(this.path), this.#user.uid, DRIFT_BYTES_MAX);
    if (drift !== null && DRIFT.test(drift.toString('latin1'))) writePrivate(this.#driftPath, drift);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    rmSync(this.#placePath, { force: true });
  }
}

/** Of a KMA that was killed. */
export function removeLeftRunDirectory(home: string): void {
  const placePath = placePathIn(home);
  if (!existsSync(placePath)) return;
  const left = readFileSync(placePath, 'utf8');
  if (left.startsWith(RUN_DIRECTORY_PREFIX) && !left.slice(RUN_DIRECTORY_PREFIX.length).includes('/'))
    rmSync(left, { recursive: true, force: true });
  rmSync(placePath, { force: true });
}
