/** Looks through every file of a directory for runs of known bytes. It changes nothing. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const RUN_BYTES = 16;
/** The first bytes of a run as a number: a look-up of it settles nearly every place of a file. */
const HEAD_BYTES = 4;

/** By file name, which of the secrets have a run of 16 bytes in it; files without any are left out. */
export function runsIn(directory: string, secrets: readonly Uint8Array[]): Map<string, Set<number>> {
  const runs = runsOf(secrets);
  const found = new Map<string, Set<number>>();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const bytes = readIfThere(join(directory, name));
    const inFile = bytes === null ? new Set<number>() : secretsIn(bytes, runs);
    if (inFile.size > 0) found.set(name, inFile);
  }
  return found;
}

/** Which of the secrets have a run of 16 bytes in these. */
export function secretsInBytes(bytes: Buffer, secrets: readonly Uint8Array[]): Set<number> {
  return secretsIn(bytes, runsOf(secrets));
}

/** All files together. */
export function secretsFound(runs: ReadonlyMap<string, ReadonlySet<number>>): number {
  return new Set([...runs.values()].flatMap((found) => [...found])).size;
}

interface Run {
  readonly bytes: Buffer;
  readonly secret: number;
}

function runsOf(secrets: readonly Uint8Array[]): Map<number, Run[]> {
  const runs = new Map<number, Run[]>();
  for (const [secret, given] of secrets.entries()) {
    const whole = Buffer.from(given);
    for (let at = 0; at + RUN_BYTES <= whole.length; at++) {
      const bytes = whole.subarray(at, at + RUN_BYTES);
      const head = bytes.readInt32LE(0);
      runs.set(head, [...(runs.get(head) ?? []), { bytes, secret }]);
    }
  }
  return runs;
}

function secretsIn(bytes: Buffer, runs: ReadonlyMap<number, readonly Run[]>): Set<number> {
  const found = new Set<number>();
  let head = bytes.length < RUN_BYTES ? 0 : bytes.readInt32LE(0);
  for (let at = 0; at + RUN_BYTES <= bytes.length; at++) {
    for (const run of runs.get(head) ?? [])
      if (run.bytes.equals(bytes.subarray(at, at + RUN_BYTES))) found.add(run.secret);
    head = (head >>> 8) | ((bytes[at + HEAD_BYTES] ?? 0) << 24);
  }
  return found;
}

/** Null for directories, sockets and what a running KMA has just removed. */
function readIfThere(path: string): Buffer | null {
  try {
    return statSync(path).isFile() ? readFileSync(path) : null;
  } catch {
    return null;
  }
}
