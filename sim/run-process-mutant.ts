/** Runs a test of real processes against a copy of the project in which one line is another one, and tells whether the test has noticed. It changes nothing in the project itself. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject, PROGRAM } from '../test/support/project-copy.ts';
import type { ProcessMutant } from './process-mutants.ts';

/** And what tests need. */
const COPIED = [...PROGRAM, 'docs', 'test'];
const STRIPPED = 'scripts/stripped-types.mjs';
const TEST_MS = 10 * 60_000;
const RESULT = /^\s*(not )?ok \d+ - (.*)$/;

/** True where the first test to fail is the one that is named. */
export async function runProcessMutant({ edit, test, fails }: ProcessMutant): Promise<boolean> {
  const copy = copyProject(COPIED, [edit]);
  try {
    const output = await outputOf(copy, test);
    if (!resultsIn(output).some(({ name }) => name === fails))
      throw new Error(`${test} did not come to: ${fails}`);
    return resultsIn(output).find(({ ok }) => !ok)?.name === fails;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
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
