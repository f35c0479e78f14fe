/** What a page has against people with disabilities, by rules that are not ours. It mends nothing. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { within } from '../support/until.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Colours on their way from one theme to another are nobody's to read; a spinner never comes to rest, nor does what is paused. */
const AT_REST = `Promise.all(
  document.getAnimations()
    .filter((one) => one.playState === 'running')
    .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
    .map((one) => one.finished.catch(() => undefined)),
).then(() => undefined)`;
const AT_REST_MS = 30_000;

/** WCAG 2.2 A and AA. */
export async function violations(page: Page): Promise<string[]> {
  await within('the page is at rest', page.evaluate(AT_REST), AT_REST_MS);
  await page.evaluate(AXE);
  const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const run = `axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(values)} } })`;
  const { violations: found }: { violations: { id: string; nodes: { html: string }[] }[] } =
    await page.evaluate(run);
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}
