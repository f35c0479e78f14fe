import { TestKma } from '../test/support/kma.ts';
import { BulkWriter } from './bulk-writer.ts';
import { fillPool, populate } from './population.ts';

const k = Number(process.argv[2]);
const t0 = performance.now();
const log = (w: string) => console.log(((performance.now() - t0) / 1000).toFixed(1), w);
const p = {
  poolKeys: 100_000 * k,
  agentKeys: 100_000 * k,
  agents: 10_000 * k,
  dataUnits: 1_000_000 * k,
  associations: 500_000 * k,
};
const kma = await TestKma.start();
await kma.stop();
log('started');
{
  using w = await BulkWriter.open(kma.data);
  await fillPool(w, p);
}
log('filled');
await kma.resume();
log('resumed');
await kma.backup();
log('backup');
await kma.stop();
{
  using w = await BulkWriter.open(kma.data);
  await populate(w, p, log);
}
log('done');
console.log(kma.folder);
