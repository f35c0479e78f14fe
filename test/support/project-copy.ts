/** A copy of the project in which some lines are other ones, for programs that run from it. It changes nothing in the project itself, and whoever makes a copy removes it. */
import { chmodSync, cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Edit {
  readonly file: string;
  /** Is in the file once. */
  readonly from: string;
  readonly to: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What a KMA is made of. */
export const PROGRAM: readonly string[] = ['agent', 'bin', 'package.json', 'protocol', 'scripts', 'src'];
const PACKAGES = 'node_modules';
const CODE = 'const CODE: readonly string[] = [';
/** Packages stay where they are, and the confined processes of the copy may read them there. */
export const READS_PACKAGES: Edit = {
  file: 'src/processes/confinement.ts',
  from: CODE,
  to: `${CODE}\n  ...${JSON.stringify(['agent', 'protocol', PACKAGES].map((folder) => `${ROOT}${folder}/*`))},`,
};

/** The folder of the copy, which other users may pass through, as fronts of a KMA that root has started do. */
export function copyProject(names: readonly string[], edits: readonly Edit[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'openkma-copy-'));
  chmodSync(copy, 0o711);
  for (const name of names) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, PACKAGES), join(copy, PACKAGES), 'dir');
  for (const edit of [READS_PACKAGES, ...edits]) writeFileSync(join(copy, edit.file), edited(edit));
  return copy;
}

/** The file with the line changed; one that is not there once makes no copy. */
export function edited({ file, from, to }: Edit): string {
  const [before, after, ...more] = readFileSync(join(ROOT, file), 'utf8').split(from);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} has not once: ${from}`);
  return before + to + after;
}
