/** What is sent for a path: a file of the build, the page itself for places inside it, and nothing else. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PAGE_HEADERS, readPages } from './pages.ts';

test('files by their own paths, the page for every place, and no way out of the directory', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'openkma-pages-'));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html>'.padEnd(2000, ' '));
  writeFileSync(join(directory, 'assets/a-1234.js'), 'x');
  writeFileSync(join(directory, 'keys.html'), '<!doctype html>keys');
  writeFileSync(join(directory, '.built'), 'mark');
  const pages = readPages(directory);
  const page = pages.find('/');
  assert.equal(page?.headers['Content-Type'], 'text/html; charset=utf-8');
  assert.equal(page?.headers['Cache-Control'], 'no-cache');
  assert.ok((page?.compressed?.length ?? 2000) < 200);
  for (const place of ['/agents', '/agents/drive-1', '/agents/drive.example.com', '/users/50%25/sheet'])
    assert.equal(pages.find(place), page, place);
  assert.equal(String(pages.find('/keys')?.body), '<!doctype html>keys', 'its own');
  assert.equal(pages.find('/keys/1'), page, 'a thing there has none');
  assert.match(pages.find('/assets/a-1234.js')?.headers['Cache-Control'] ?? '', /immutable/);
  assert.equal(pages.find('/assets/a-1234.js')?.compressed, null, 'one byte is not worth it');
  for (const path of ['/assets/none', '/assets/none.js', '/a.html', '/../index.html', '/..%2findex.html'])
    assert.equal(pages.find(path), null, path);
});

test('scripts come from here alone, and nobody frames the page', () => {
  const policy = PAGE_HEADERS['Content-Security-Policy'] ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https:|\*/);
});
