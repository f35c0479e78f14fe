// Loads TypeScript whose types were taken away before, so that a process needs neither the time nor the 12 MB for it; it compiles nothing and never fails.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['src', 'protocol/src', 'agent/src'].map((folder) => `${root}${folder}/`);
const ONLY_TESTS = /\.(?:test|fixture|contract)\.ts$/;
const CACHES = `${root}node_modules/.cache/openkma-stripped/`;
/** Of one release and one Node.js: a newer one starts anew and removes this. */
const version = `${process.version}-${sha256(readFileSync(`${root}package.json`)).slice(0, 16)}`;
const cache = `${CACHES}${version}/`;

registerHooks({
  load(url, context, nextLoad) {
    const path = url.startsWith('file:') ? fileURLToPath(url) : '';
    if (!path.endsWith('.ts') || !SOURCES.some((folder) => path.startsWith(folder)))
      return nextLoad(url, context);
    const source = withoutTypes(path);
    return source === null ? nextLoad(url, context) : { format: 'module', source, shortCircuit: true };
  },
});

/** Named by its content, so that changed source finds nothing rather than something old; null leaves it to Node.js. */
function withoutTypes(path) {
  const kept = cache + sha256(readFileSync(path));
  try {
    return readFileSync(kept, 'utf8');
  } catch {
    keepAll();
    return null;
  }
}

let tried = false;
/**
 * One missing means that the program is new or has changed: all of it is kept then, also what only other processes load. Where
 * nothing can be written (a confined process, a program owned by somebody else) each process does the work itself.
 */
function keepAll() {
  if (tried) return;
  tried = true;
  const { emitWarning } = process;
  try {
    // That the function is experimental interests nobody who uses the program; without it all works, slower.
    process.emitWarning = () => {};
    mkdirSync(cache, { recursive: true, mode: 0o755 });
    for (const other of readdirSync(CACHES))
      if (other !== version) rmSync(CACHES + other, { recursive: true });
    const known = new Set(readdirSync(cache));
    for (const folder of SOURCES)
      for (const path of readdirSync(folder, { recursive: true })) keep(folder + path, known);
  } catch {
    // It is an advantage, not a need.
  } finally {
    process.emitWarning = emitWarning;
  }
}

function keep(path, known) {
  if (!path.endsWith('.ts') || ONLY_TESTS.test(path)) return;
  const source = readFileSync(path);
  const name = sha256(source);
  if (known.has(name)) return;
  const unfinished = `${cache}${name}.${process.pid}`;
  writeFileSync(unfinished, stripTypeScriptTypes(source.toString('utf8')), { mode: 0o644 });
  renameSync(unfinished, cache + name);
}

function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}
