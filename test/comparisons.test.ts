/** Holds comparisons of secrets to the one that takes the same time for every difference; others are on a list, each with its reason. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const HELPER = 'protocol/src/same-bytes.ts';
const sources = ['src', 'protocol/src', 'agent/src']
  .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
  .filter((file) => !/\.(test|fixture|contract)\.ts$/.test(file) && file !== HELPER)
  .sort();

/** Files that compare bytes in the ordinary way, and why nobody learns a secret from the time it takes. */
const ORDINARY: Record<string, string> = {
  'src/cli/okm/core-security-backup.ts': 'a file just written, read back by its writer',
  'src/cli/demo/agent.ts': "files of the demonstration, the user's own",
  'src/client/enrolled-kma.ts': 'a public key',
  'src/replication/engine-cache.ts': 'entries of a log, which hold no secret',
  'src/store/foreign-entries.ts': 'entries of a log, which hold no secret',
  'src/security/key-split-format.ts': 'the canonical form of an object whose secrets are encrypted',
  'src/security/member-key.ts': 'public keys',
  'src/security/pair-check.ts': 'a fixed text, and a shared secret of two keys made for the check',
  'src/security/random-source.ts': 'two draws that are thrown away',
  'src/security/self-test.ts': 'published vectors',
  'src/platform/doctor/ntp-probe.ts': 'a time that a server repeats',
  'agent/src/balancing.ts': 'site IDs, as a sort key',
};

/** A name that ends like a secret, a proof of one, or what is computed from one. */
const SECRET =
  /(?:^|[.a-z])(proof|secret|response|mac|hmac|tag|passphrase|storedKey|serverKey|clientKey|signature|challenge|digest|checkValue|share|rootKeyMaterial|kwk|reveal\(\))$/i;
/** Compared with these it is asked whether there is one, or of which kind. */
const HARMLESS = /^(undefined|null|true|false|-?\d[\d_]*|'[^']*'|`[^`]*`)$/;

const lines = sources.flatMap((file) =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((text, index) => ({ file, text, place: `${file}:${index + 1}` })),
);

test('one place only calls the comparison in constant time', () => {
  const wrong = lines.filter(({ text }) => /\btimingSafeEqual\b/.test(text));
  assert.deepEqual(
    wrong.map(({ place }) => place),
    [],
  );
});

test('bytes are compared in the ordinary way only where the list says why', () => {
  const found = lines.filter(({ text }) => /\.equals\(|Buffer\.compare\(|\.compare\(/.test(text));
  assert.deepEqual(
    found.filter(({ file }) => !(file in ORDINARY)).map(({ place }) => place),
    [],
  );
  const unused = Object.keys(ORDINARY).filter((file) => !found.some((line) => line.file === file));
  assert.deepEqual(unused, [], 'the list has no entry too many');
});

function comparesSecret(text: string): boolean {
  const comparisons = text.matchAll(
    /(\w[\w.?]*(?:\(\))?|'[^']*')\)? (?:===|!==) (\w[\w.?]*(?:\(\))?|'[^']*'|`[^`]*`)/g,
  );
  return [...comparisons].some(([, left = '', right = '']) => {
    if (HARMLESS.test(left) || HARMLESS.test(right)) return false;
    return SECRET.test(left) || SECRET.test(right);
  });
}

test('what is named like a secret or a proof is not compared with ===', () => {
  const wrong = lines.filter(({ file, text }) => comparesSecret(text) && !(file in ORDINARY));
  assert.deepEqual(
    wrong.map(({ place, text }) => `${place} ${text.trim()}`),
    [],
  );
});

test('the search finds what it is meant to find', () => {
  for (const text of [
    'if (clientResponse === expected) return;',
    'return hex(proof) === other.mac;',
    'const fits = given.signature !== known;',
    'if (key.reveal() === other)',
  ])
    assert.ok(comparesSecret(text), text);
  for (const text of ["row.proof === 'legacy'", 'passphrase === undefined', 'tag.length === 16', 'a === b'])
    assert.ok(!comparesSecret(text), text);
});
