/** Holds the shape of the code: who may import whom, nothing impure in core/, short files that open with a sentence. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = [
  'src',
  'protocol/src',
  'agent/src',
  'bench',
  'sim',
  'fuzz',
  'scripts',
  'test',
  'protocol/test',
  'agent/test',
]
  .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
  .concat(globSync(['manager/*.ts', 'manager/src/**/*.{ts,tsx}'], { cwd: root }))
  .sort();

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm);
  return [...statements].map((match) => {
    const specifier = match[2] ?? '';
    const from = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
    return { from, typeOnly: match[1] !== undefined };
  });
}

const layerOf = (file: string) =>
  file.startsWith('src/') ? (file.split('/')[1] ?? '') : (file.split('/')[0] ?? '');

/** What each folder below src/ may import at run time from other folders; types may come from anywhere below it. */
const ALLOWED: Record<string, readonly string[]> = {
  core: [],
  'platform-settings': ['security'],
  security: ['core', 'errors.ts'],
  operations: ['core', 'errors.ts', 'security', 'ports.ts', 'backup', 'platform-settings'],
  store: ['core', 'errors.ts', 'security'],
  backup: ['core', 'errors.ts', 'security', 'store', 'setup', 'operations'],
  setup: ['core', 'errors.ts', 'security', 'store', 'operations'],
  replication: ['core', 'errors.ts', 'log-line.ts', 'security', 'version.ts'],
  services: ['core', 'errors.ts', 'log-line.ts', 'ports.ts', 'operations'],
  platform: ['core', 'errors.ts', 'log-line.ts', 'platform-settings', 'ports.ts', 'security'],
  processes: [
    'core',
    'errors.ts',
    'log-line.ts',
    'ports.ts',
    'operations',
    'security',
    'store',
    'backup',
    'setup',
    'services',
    'replication',
    'platform',
    'platform-settings',
    'version.ts',
  ],
  ports: [],
  firewall: ['errors.ts', 'ports.ts'],
  client: ['core', 'errors.ts', 'ports.ts', 'operations'],
  cli: [
    'replication',
    'platform',
    'platform-settings',
    'client',
    'firewall',
    'core',
    'errors.ts',
    'log-line.ts',
    'ports.ts',
    'operations',
    'security',
    'store',
    'backup',
    'setup',
    'services',
    'processes',
    'version.ts',
  ],
};

test('arrows point inward: a folder imports only the folders below it', () => {
  const wrong: string[] = [];
  for (const file of sources.filter((name) => name.startsWith('src/') && !name.endsWith('.test.ts'))) {
    const allowed = ALLOWED[layerOf(file)];
    for (const { from, typeOnly } of importsOf(file)) {
      if (!from.startsWith('src/') || typeOnly) continue;
      const target = layerOf(from);
      if (target !== layerOf(file) && allowed !== undefined && !allowed.includes(target))
        wrong.push(`${file} -> ${from}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the simulated world runs the pure code and nothing of a process, and nobody imports it', () => {
  const below = ['core', 'operations', 'replication', 'security', 'errors.ts'];
  /** A rule over any store, which only stands among those of SQLite. */
  const rules = ['src/store/foreign-entries.ts'];
  const outward = sources
    .filter((file) => file.startsWith('sim/') && !file.endsWith('.test.ts'))
    .flatMap((file) =>
      importsOf(file)
        .filter(
          ({ from, typeOnly }) =>
            from.startsWith('src/') && !typeOnly && !rules.includes(from) && !below.includes(layerOf(from)),
        )
        .map(({ from }) => `${file} -> ${from}`),
    );
  const inward = sources
    .filter((file) => !file.startsWith('sim/'))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => from.startsWith('sim/'))
        .map(({ from }) => `${file} -> ${from}`),
    );
  assert.deepEqual([...outward, ...inward], []);
});

/** What a process has loaded once it is there, by the first specifier that leads out of the project. */
function loadedBy(entry: string): ReadonlySet<string> {
  const packages = new Set<string>();
  const seen = new Set([entry]);
  for (const file of seen)
    for (const { from, typeOnly } of importsOf(file)) {
      if (typeOnly) continue;
      if (from.startsWith('src/')) seen.add(from);
      else packages.add(from);
    }
  return packages;
}

test('what reads and writes X.509, and the dialogues of a terminal, cost the memory of no process that does neither', () => {
  const dear = ['@peculiar/x509', 'reflect-metadata', 'pkijs', 'commander'];
  for (const process of ['front', 'management-front', 'reader', 'replicator', 'platform']) {
    const packages = loadedBy(`src/processes/${process}/main.ts`);
    assert.ok(packages.has('zod'), `${process}: its imports are followed`);
    assert.deepEqual(
      dear.filter((name) => packages.has(name)),
      [],
      process,
    );
  }
  assert.ok(loadedBy('src/processes/core/main.ts').has('@peculiar/x509'), 'the core has it');
});

test('core imports nothing from outside core but types, no package and no Node module', () => {
  const wrong = sources
    .filter((file) => file.startsWith('src/core/') && !/\.(test|contract|fixture)\.ts$/.test(file))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ from, typeOnly }) => !typeOnly && !from.startsWith('src/core/'))
        .map(({ from }) => `${file} -> ${from}`),
    );
  assert.deepEqual(wrong, []);
});

test('core reads no clock and no randomness and does no input or output', () => {
  const impure =
    /Date\.now|new Date\(\)|Math\.random|performance\.(?!ts\b)|process\.|setTimeout|setInterval|fetch\(|console\.|require\(/;
  const wrong = sources
    .filter((file) => file.startsWith('src/core/') && !/\.(test|contract|fixture)\.ts$/.test(file))
    .filter((file) => impure.test(readFileSync(join(root, file), 'utf8')));
  assert.deepEqual(wrong, []);
});

test('the core and the reader have one clock, that of the KMA', () => {
  const wrong = sources
    .filter((file) => /^src\/processes\/(core|reader)\//.test(file) && !file.endsWith('.test.ts'))
    .filter((file) => /Date\.now|new Date\(\)/.test(readFileSync(join(root, file), 'utf8')));
  assert.deepEqual(wrong, ['src/processes/core/kma-clock.ts']);
});

test('a KMA looks names up in one place, by the servers that are set for it', () => {
  const looking = sources
    .filter((file) => file.startsWith('src/') && !/\.(test|fixture)\.ts$/.test(file))
    .filter((file) => importsOf(file).some(({ from }) => /^(node:)?dns(\/|$)/.test(from)));
  // Before a KMA joins it has no settings. The doctor asks a server that is set whether it answers, and uses no name it gives.
  assert.deepEqual(looking, [
    'src/cli/join-command.ts',
    'src/platform/doctor/dns-probe.ts',
    'src/platform/names/look-ups.ts',
  ]);
});

test('the protocol package knows neither server nor agent, and the agent knows only the protocol', () => {
  const wrong = sources.flatMap((file) => {
    const own = file.startsWith('protocol/src/')
      ? 'protocol/'
      : file.startsWith('agent/src/')
        ? 'agent/'
        : null;
    if (own === null) return [];
    return importsOf(file)
      .filter(({ from }) => /^(src|protocol|agent)\//.test(from) && !from.startsWith(own))
      .map(({ from }) => `${file} -> ${from}`);
  });
  assert.deepEqual(wrong, []);
  const named = sources.filter((file) => file.startsWith('protocol/src/')).flatMap(importsOf);
  assert.deepEqual(
    named.filter(({ from }) => from.startsWith('@openkma/')),
    [],
  );
});

test('the web Manager knows a KMA by the description of its interface alone', () => {
  const wrong = sources
    .filter((file) => file.startsWith('manager/'))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => /^(src|protocol|agent)\/|^@openkma\//.test(from))
        .map(({ from }) => `${file} -> ${from}`),
    );
  assert.deepEqual(wrong, []);
});

test('every file opens with a sentence that says what it is', () => {
  const wrong = sources.filter((file) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(join(root, file), 'utf8')));
  assert.deepEqual(wrong, []);
});

test('no file is longer than 400 lines', () => {
  const wrong = sources.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 401);
  assert.deepEqual(wrong, []);
});

test('nothing is left for later and no type is switched off', () => {
  const pattern = new RegExp(
    ['TO', 'DO|FIX', 'ME|XX', 'X\\b|@ts-ig', 'nore|@ts-no', 'check|\\bas an', 'y\\b'].join(''),
  );
  assert.deepEqual(
    sources.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8'))),
    [],
  );
});
