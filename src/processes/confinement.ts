/** What the children may do by Node's permission model: files only where listed, no workers, no processes but the platform's, and no add-ons but the replicator's. It does not bind SQLite. */
import { fileURLToPath } from 'node:url';
import { RUN_DIRECTORY_PREFIX } from '../platform/time/run-directory.ts';
import { FIRST_TO_GO_PATH, SESSION_NICENESS_PATH } from './stand-behind.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a front may read: the program, so that a front that was taken over finds no data directory. */
const CODE: readonly string[] = [
  `${ROOT}package.json`,
  `${ROOT}scripts/stripped-types.mjs`,
  ...['src', 'protocol', 'agent', 'node_modules'].map((folder) => `${ROOT}${folder}/*`),
];

/** Tells machines apart, for the detection of copied data directories; and the clock that counts suspended time. */
const MACHINE: readonly string[] = ['/etc/machine-id', '/proc/uptime'];

/**
 * The data directory, and the key of autonomous unlocking beside it, which is written under another name first. What may be
 * read is named by the beginning of both: with a directory and a longer name beside it in one list, Node finds the directory
 * itself no more.
 */
export function confinedCore(dataDirectory: string, runtimeDirectory: string): string[] {
  const unlockKey = `${dataDirectory}.unlock-key`;
  const runtime = `${runtimeDirectory}/*`;
  return confined(
    [...CODE, ...MACHINE, `${dataDirectory}*`, runtime],
    [`${dataDirectory}/*`, unlockKey, `${unlockKey}~`, runtime],
  );
}

/** Of those that agents do not wait for: the heap grows by 40 % before what is old is collected, where V8 lets it double and more, so that what a long list leaves behind is gone as soon. */
const OFTEN_COLLECTED = ['--heap-growing-percent=40'];

/** The program, the database and staged copies: none of the local files, which hold keys. It may say that it stands behind others. */
export function confinedReader(dataDirectory: string, runtimeDirectory: string): string[] {
  const own = [`${dataDirectory}/staging/*`, `${runtimeDirectory}/*`];
  return [
    ...OFTEN_COLLECTED,
    ...confined([...CODE, `${dataDirectory}/kma.db`, ...own], [...own, ...STANDING]),
  ];
}

export function confinedFront(): string[] {
  return confined(CODE, []);
}

/** `pages`: of the web Manager. */
export function confinedManagementFront(pages: string | null): string[] {
  return [...OFTEN_COLLECTED, ...confined(pages === null ? CODE : [...CODE, `${pages}/*`], [])];
}

/**
 * The program, the engine's cache, staged copies and the sockets. The engine is native code, which Node's permission model does not bind: it
 * keeps JavaScript that was taken over from the local files and the store, and holds no further.
 */
export function confinedReplicator(dataDirectory: string, runtimeDirectory: string): string[] {
  const cacheDirectory = `${dataDirectory}/replication`;
  // Copies for KMAs that join, and encrypted ones.
  const staging = `${dataDirectory}/staging/*`;
  const own = [cacheDirectory, `${cacheDirectory}/*`, `${runtimeDirectory}/*`];
  // What loads the add-on asks which C library there is; the warning tells what is said above.
  const engine = ['/etc/alpine-release'];
  return [
    '--allow-addons',
    '--disable-warning=PERM0001',
    ...confined([...CODE, ...engine, staging, ...own], own),
  ];
}

/** Of those that agents do not wait for. */
const STANDING: readonly string[] = [SESSION_NICENESS_PATH, FIRST_TO_GO_PATH];

/** What the machine tells of itself: sockets, sensors, which system it is, whom it trusts. */
const SYSTEM: readonly string[] = [
  '/proc/*',
  '/sys/*',
  '/etc/ssl/*',
  '/etc/os-release',
  '/usr/lib/os-release',
  // Which user chronyd becomes.
  '/etc/passwd',
];

/**
 * The program, what the machine tells of itself, its own directory and the sockets. It starts daemons, which this does not bind: it keeps
 * JavaScript that was taken over from the local files and the store, and holds no further.
 */
export function confinedPlatform(directory: string, runtimeDirectory: string): string[] {
  const own = [directory, `${directory}/*`, `${runtimeDirectory}/*`, `${RUN_DIRECTORY_PREFIX}*`];
  return [
    // What grows without end is to end by itself, and not to take the memory of the core.
    '--max-old-space-size=192',
    '--allow-child-process',
    '--disable-warning=SecurityWarning',
    ...confined([...CODE, ...SYSTEM, ...own], [...own, ...STANDING]),
  ];
}

/** Options for node; a path may end in `*`. */
function confined(readable: readonly string[], writable: readonly string[]): string[] {
  return [
    '--permission',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    ...writable.map((path) => `--allow-fs-write=${path}`),
  ];
}
