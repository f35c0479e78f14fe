/** Releases of the software to upgrade to: the project under a later number each, which reads one replication version more than the one before. It starts none of them. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { REPLICATION_VERSION, VERSION } from '../../src/version.ts';
import { KMA_PROGRAM } from '../support/kma-command.ts';
import { copyProject, type Edit, PROGRAM } from '../support/project-copy.ts';

export interface Release {
  /** How many upgrades lie between the project and it. */
  readonly number: number;
  readonly program: string;
  /** What it reads of what others write. */
  readonly replicationVersion: number;
}

/** The project as it is. */
export const THIS_RELEASE: Release = {
  number: 0,
  program: KMA_PROGRAM,
  replicationVersion: REPLICATION_VERSION,
};

export class Releases {
  readonly #copies: string[] = [];

  after({ number, replicationVersion: before }: Release): Release {
    const replicationVersion = before + 1;
    this.#copies[number] ??= copyProject(PROGRAM, [
      versionLine('src/version.ts', 'REPLICATION_VERSION = ', REPLICATION_VERSION, replicationVersion),
      versionLine('package.json', '"version": ', `"${VERSION}"`, `"${VERSION}-${number + 1}"`),
    ]);
    return {
      number: number + 1,
      program: join(this.#copies[number], 'src', 'cli', 'kma.ts'),
      replicationVersion,
    };
  }

  [Symbol.dispose](): void {
    for (const copy of this.#copies.splice(0)) rmSync(copy, { recursive: true, force: true });
  }
}

function versionLine(file: string, words: string, before: unknown, after: unknown): Edit {
  return { file, from: `${words}${before}`, to: `${words}${after}` };
}
