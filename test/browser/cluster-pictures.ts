/** Takes the pictures of a cluster of three KMAs of which one is down. It judges nothing. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { TestCluster } from '../support/cluster.ts';
import { OFFICER } from '../support/kma.ts';
import { until } from '../support/until.ts';
import { logIn, openWindow } from './browser.ts';

const OFFSETS = [7_000, 20_000] as const;
/** Until the others say that a KMA does not answer. */
const MISSED_MS = 90_000;

interface Place {
  readonly pages: string;
  readonly into: string;
  readonly size: { readonly width: number; readonly height: number };
}

export async function takeClusterPictures(browser: Browser, { pages, into, size }: Place): Promise<void> {
  await using cluster = new TestCluster(randomInt(...OFFSETS), pages);
  const cellar = await cluster.first('kma-cellar', '127.0.9.11');
  await cluster.joined(cellar, 'kma-tower', '127.0.9.12');
  const shed = await cluster.joined(cellar, 'kma-shed', '127.0.9.13');
  for (const site of ['north', 'south']) await cellar.ask('CreateSite', { site });
  await shed.stop();
  const missed = async () => {
    const { rows } = await cellar.ask<{ rows: { kma: string; responding: boolean }[] }>('ListKmas', {});
    return rows.some(({ kma, responding }) => kma === shed.name && !responding);
  };
  await until('the others miss a KMA', missed, MISSED_MS);
  const window = await openWindow(browser, `https://${cellar.host}:${cellar.ports.web}`);
  await window.page.setViewportSize(size);
  await logIn(window, OFFICER.name, OFFICER.passphrase);
  await window.page.getByText('2 of 3 respond').waitFor();
  await picture(window.page, '/', join(into, 'cluster.png'));
  await picture(window.page, '/kmas', join(into, 'kmas.png'));
  await window.context.close();
}

async function picture(page: Page, path: string, file: string): Promise<void> {
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  await page
    .getByText(/kma-shed|2 of 3 respond/)
    .first()
    .waitFor();
  await page.screenshot({ path: file });
}
