/** The directory of chronyd's command socket and drift file: the data directory is closed to its user, and the path of a socket has to be short. It goes with the KMA, and what a killed one left goes with the next. */
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivate } from '../private-file.ts';
import { driftPathIn } from './chrony-config.ts';
import type { ChronyUser } from './chrony-user.ts';

export const RUN_DIRECTORY_PREFIX = join(tmpdir(), 'openkma-time-');
/** Two numbers. */
const DRIFT_BYTES_MAX = 256;

const placePathIn = (home: string): string => join(home, 'run-directory');

/** Of chronyd's user alone. */
export function makeRunDirectory(user: ChronyUser): string {
  const path = mkdtempSync(RUN_DIRECTORY_PREFIX);
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
    this.path = makeRunDirectory(user);
    writePrivate(this.#placePath, this.path);
    if (existsSync(this.#driftPath)) this.#lend(readFileSync(this.#driftPath));
  }

  /** How fast the machine's clock runs, which takes the daemon hours to find out. */
  keepDrift(): void {
    const path = driftPathIn(this.path);
    if (existsSync(path)) writePrivate(this.#driftPath, readFileSync(path).subarray(0, DRIFT_BYTES_MAX));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    rmSync(this.#placePath, { force: true });
  }

  #lend(drift: Uint8Array): void {
    const path = driftPathIn(this.path);
    writeFileSync(path, drift, { mode: 0o600, flag: 'wx' });
    chownSync(path, this.#user.uid, this.#user.gid);
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
