/** A report has one heading and every row of every page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReportFormat, reportText } from './report.ts';

const PAGES = [[], [{ a: 1, b: 'x\ty' }], [], [{ a: 2, b: null }]];

async function* pagesOf() {
  yield* PAGES;
}
async function textOf(format: ReportFormat): Promise<string> {
  let text = '';
  for await (const piece of reportText(format, pagesOf())) text += piece;
  return text;
}

test('tab-separated text has one heading, whatever pages its rows came in', async () => {
  assert.equal(await textOf('tsv'), 'a\tb\n1\tx\\ty\n2\t\n');
});

test('JSON lines have one row each', async () => {
  assert.equal(await textOf('json-lines'), '{"a":1,"b":"x\\ty"}\n{"a":2,"b":null}\n');
});
