/** `npm run bench -- manager`: the web Manager before a KMA with 1,000,000 data units, as a browser on the same machine sees it. */
import type { Page } from 'playwright-core';
import { buildManager } from '../scripts/build-manager.ts';
import { PORTS } from '../src/ports.ts';
import { openBrowser } from '../test/browser/browser.ts';
import { AUDITOR, TestKma } from '../test/support/kma.ts';
import { ServedKma } from '../test/support/served-kma.ts';
import { BulkWriter } from './bulk-writer.ts';
import { atMost, type Goal, percentile, printGoals } from './figures.ts';
import { printMachine } from './machine.ts';
import { loggedIn, paintedByAddress, paintedByLink, paintedBySort } from './manager-paint.ts';
import { populate } from './population.ts';

const UNITS = 1_000_000;
const PAINTED_MS = 300;
const FIRST_LOAD_KB = 250;
const TIMES = 20;
const PLACE = '/data-units';

export async function benchManager(scale: number): Promise<void> {
  if (!buildManager()) throw new Error('the pages of the web Manager could not be built');
  const dataUnits = Math.round(UNITS * scale);
  await using kma = await filled(dataUnits);
  printMachine(kma.folder);
  await using served = await ServedKma.start(kma);
  const web = PORTS.find(({ service }) => service === 'web')?.port ?? 0;
  const port = web + served.portOffset;
  const browser = await openBrowser({ host: '127.0.0.1', webPort: port });
  try {
    const { page, firstLoad } = await loggedIn(browser, `https://127.0.0.1:${port}`, AUDITOR);
    const name = `first load of log-in and overview, ${firstLoad.files} scripts and styles, gzip`;
    printGoals(`The web Manager, ${dataUnits} data units, in ${version(page)}`, [
      atMost(name, firstLoad.gzipBytes / 1000, FIRST_LOAD_KB, 'kB', 0),
      await goalOf('first page painted, by its address', () => paintedByAddress(page, PLACE)),
      await goalOf('first page painted, by the link to it', () => paintedByLink(page, 'Data units')),
      await goalOf('first page painted, by ID', () => paintedBySort(page, PLACE, 'Data unit ID')),
    ]);
  } finally {
    await browser.close();
  }
}

async function filled(dataUnits: number): Promise<TestKma> {
  const kma = await TestKma.start();
  await kma.stop();
  using writer = await BulkWriter.open(kma.data);
  const none = { poolKeys: 0, agentKeys: 0, associations: 0 };
  const population = { ...none, agents: 50, dataUnits, auditRecords: 1_000 };
  await populate(writer, population, (what) => void process.stderr.write(`${what} ...\n`));
  return kma;
}

async function goalOf(name: string, paint: () => Promise<number>): Promise<Goal> {
  const takenMs: number[] = [];
  for (let time = 0; time < TIMES; time += 1) takenMs.push(await paint());
  const [middle, worst] = [percentile(takenMs, 0.5), Math.max(...takenMs)];
  const told = `${name} (median ${middle.toFixed(0)} ms): slowest of ${TIMES}`;
  return atMost(told, worst, PAINTED_MS, 'ms', 0);
}

function version(page: Page): string {
  return `Chromium ${page.context().browser()?.version()}`;
}
