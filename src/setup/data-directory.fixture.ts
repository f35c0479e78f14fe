/** Builds data directories with an empty database, with or without autonomous unlocking; for tests only. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { SecretBytes } from '../security/secret-bytes.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { enableAutonomousUnlock, openAutonomously } from './autonomous-unlock-files.ts';
import { buildDataDirectory } from './new-data-directory.ts';

export const enableUnlock = (directory: DataDirectory) =>
  enableAutonomousUnlock(directory, new SecretBytes(randomBytes(32)));

export const build = (
  path: string,
  meanwhile: () => void | Promise<void> = () => undefined,
  last: (directory: DataDirectory) => void = () => undefined,
) =>
  buildDataDirectory(path, async (directory) => {
    writeFileSync(directory.databasePath, '', { mode: 0o600 });
    await meanwhile();
    last(directory);
    return 'built';
  });

export const buildUnlocking = (path: string) => build(path, undefined, enableUnlock);

export const unlocks = (path: string) => openAutonomously(DataDirectory.at(path)) !== null;
