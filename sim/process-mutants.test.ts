/** Mutants of real processes are of the code and the tests as they are: each line to change stands there once, each test by name; and one of them is found. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { edited, READS_PACKAGES } from '../test/support/project-copy.ts';
import { MUTANTS } from './mutants.ts';
import { PROCESS_MUTANTS } from './process-mutants.ts';
import { runProcessMutant } from './run-process-mutant.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const INVARIANTS = 10;

test('each changes a line that is there, and names a test that is there', () => {
  assert.match(edited(READS_PACKAGES), /node_modules\/\*/);
  for (const { name, edit, test: file, fails } of PROCESS_MUTANTS) {
    assert.notEqual(edited(edit), readFileSync(root + edit.file, 'utf8'), name);
    assert.notEqual(edit.file, READS_PACKAGES.file, name);
    assert.ok(readFileSync(root + file, 'utf8').includes(`test('${fails}'`), `${name}: ${fails}`);
  }
});

test('a line that is not there, or twice, makes no mutant', () => {
  const file = 'package.json';
  for (const from of ['no such line', '"']) assert.throws(() => edited({ file, from, to: '' }), /not once/);
});

test('there is a mutant for every invariant, and for the agreement in the end', () => {
  const broken = new Set([
    ...MUTANTS.flatMap(({ breaks }) => breaks),
    ...PROCESS_MUTANTS.map(({ breaks }) => breaks),
  ]);
  for (let invariant = 1; invariant <= INVARIANTS; invariant++)
    assert.ok(([...broken] as unknown[]).includes(invariant), `invariant ${invariant}`);
  assert.ok(broken.has('convergence'));
});

test('each has a name of its own', () => {
  const names = [...MUTANTS, ...PROCESS_MUTANTS].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test('one is found by its test, on a copy of the project', async () => {
  const mutant = PROCESS_MUTANTS.find(({ breaks }) => breaks === 9);
  assert.ok(mutant);
  assert.equal(await runProcessMutant(mutant), true);
});

test('a change that breaks nothing is not found', async () => {
  const mutant = {
    name: 'another word in a comment',
    breaks: 9,
    edit: { file: 'src/version.ts', from: '/** Which OpenKMA', to: '/** What OpenKMA' },
    test: 'src/security/secret-bytes.test.ts',
    fails: 'shows [secret] however it is printed',
  } as const;
  assert.equal(await runProcessMutant(mutant), false);
});
