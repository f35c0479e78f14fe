/** Types taken away beforehand: the program runs the same with them kept, with its source changed, and where nothing can be kept. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('../scripts/stripped-types.mjs', import.meta.url));
const root = realpathSync(mkdtempSync(join(tmpdir(), 'openkma-stripped-')));
const entry = join(root, 'src/main.ts');
const caches = join(root, 'node_modules/.cache/openkma-stripped');
after(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  rmSync(caches, { recursive: true, force: true });
  for (const folder of ['scripts', 'src', 'protocol/src', 'agent/src'])
    mkdirSync(join(root, folder), { recursive: true });
  cpSync(PRELOAD, join(root, 'scripts/stripped-types.mjs'));
  writeFileSync(join(root, 'package.json'), '{"type":"module","version":"1"}');
  writeFileSync(join(root, 'src/part.ts'), "export const part: string = 'one';\n");
  writeFileSync(join(root, 'src/elsewhere.ts'), 'export const other: number = 1;\n');
  writeFileSync(entry, "import { part } from './part.ts';\nconsole.log(part satisfies string);\n");
});

function run(...options: string[]): string {
  const preload = ['--import', join(root, 'scripts/stripped-types.mjs')];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...preload, ...options, entry], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout.trim();
}

const versions = () => (existsSync(caches) ? readdirSync(caches) : []);
const kept = () => versions().flatMap((version) => readdirSync(join(caches, version)));

test('the first start keeps all of the program, also what another process loads, and the next one runs it', () => {
  assert.equal(run(), 'one');
  assert.equal(kept().length, 3);
  const [version = ''] = versions();
  for (const name of kept()) {
    const path = join(caches, version, name);
    writeFileSync(path, readFileSync(path, 'utf8').replace("'one'", "'kept'"));
  }
  assert.equal(run(), 'kept');
});

test('changed source is never run as it was before', () => {
  assert.equal(run(), 'one');
  writeFileSync(join(root, 'src/part.ts'), "export const part: string = 'two';\n");
  assert.equal(run(), 'two');
});

test('another release removes what was kept of this one', () => {
  run();
  const before = versions();
  writeFileSync(join(root, 'package.json'), '{"type":"module","version":"2"}');
  writeFileSync(join(root, 'src/part.ts'), "export const part: string = 'two';\n");
  assert.equal(run(), 'two');
  assert.equal(versions().length, 1);
  assert.notDeepEqual(versions(), before);
});

test('a process that may write nothing runs as well, and leaves nothing', () => {
  assert.equal(run('--permission', `--allow-fs-read=${root}/*`), 'one');
  assert.deepEqual(kept(), []);
});

test('an error tells the line and column of the source', () => {
  writeFileSync(entry, 'const text: string = String(1);\nconsole.log(new Error(text).stack);\n');
  for (const start of ['first', 'kept']) assert.match(run(), /main\.ts:2:13/, start);
});
