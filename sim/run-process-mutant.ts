/** Runs a test of real processes against a copy of the project in which one line is another one, and tells whether the test has noticed. It changes nothing in the project itself. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit, ProcessMutant } from './process-mutants.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What a KMA and its tests are made of. */
const COPIED = ['agent', 'bin', 'docs', 'package.json', 'protocol', 'scripts', 'src', 'test'];
const PACKAGES = 'node_modules';
const STRIPPED = 'scripts/stripped-types.mjs';
const CODE = 'const CODE: readonly string[] = [';
/** Packages stay where they are, and the confined processes of the copy may read them there. */
export const READS_PACKAGES: Edit = {
  file: 'src/processes/confinement.ts',
  from: CODE,
  to: `${CODE}\n  ...${JSON.stringify(['agent', 'protocol', PACKAGES].map((folder) => `${ROOT}${folder}/*`))},`,
};
const TEST_MS = 10 * 60_000;
const RESULT = /^\s*(not )?ok \d+ - (.*)$/;

/** True where the first test to fail is the one that is named. */
export async function runProcessMutant({ edit, test, fails }: ProcessMutant): Promise<boolean> {
  const copy = mkdtempSync(join(tmpdir(), 'openkma-mutant-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, PACKAGES), join(copy, PACKAGES), 'dir');
    for (const change of [READS_PACKAGES, edit]) writeFileSync(join(copy, change.file), edited(change));
    const output = await outputOf(copy, test);
    if (!resultsIn(output).some(({ name }) => name === fails))
      throw new Error(`${test} did not come to: ${fails}`);
    return resultsIn(output).find(({ ok }) => !ok)?.name === fails;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The file with the line changed; one that is not there once makes no mutant. */
export function edited({ file, from, to }: Edit): string {
  const [before, after, ...more] = readFileSync(join(ROOT, file), 'utf8').split(from);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} has not once: ${from}`);
  return before + to + after;
}

function resultsIn(output: string): readonly { readonly name: string; readonly ok: boolean }[] {
  return output.split('\n').flatMap((line) => {
    const [, not, name] = RESULT.exec(line) ?? [];
    return name === undefined ? [] : [{ name, ok: not === undefined }];
  });
}

function outputOf(folder: string, test: string): Promise<string> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    ['--import', join(folder, STRIPPED), '--test', '--test-reporter=tap', `--test-timeout=${TEST_MS}`, test],
    { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.once('error', reject);
  child.once('close', () => resolve(output));
  return promise;
}
