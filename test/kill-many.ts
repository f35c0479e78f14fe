/** Kills the core with signal 9 many times under load and prints a table: node test/kill-many.ts [kills]. It is not part of npm test, because it takes minutes. */
import { AgentLoad } from './support/agent-load.ts';
import { killCoreUnderLoad } from './support/core-kills.ts';
import { TestKma } from './support/kma.ts';

const KILLS = Number(process.argv[2] ?? 100);
const AGENTS = 4;
const ROW_EVERY = 10;

const row = (...cells: (string | number)[]) =>
  console.log(cells.map((cell) => String(cell).padStart(14)).join(''));

await using kma = await TestKma.start();
const load = await AgentLoad.of(kma, AGENTS);
row('kills', 'acknowledged', 'unanswered');
const unanswered = () => [...load.failures.values()].reduce((sum, count) => sum + count, 0);
const result = await killCoreUnderLoad(kma, load, KILLS, (kills, acknowledged) => {
  if (kills % ROW_EVERY === 0 || kills === KILLS) row(kills, acknowledged, unanswered());
});
load.close();
const missing = new Set([...result.missing, ...result.notRetrievable]);
console.log();
row('kills', 'acknowledged', 'missing', 'issued twice', 'not audited', 'damage');
row(
  result.kills,
  result.acknowledged,
  missing.size,
  result.issuedTwice.length,
  result.notAuditedOnce.length,
  result.damage.length,
);
process.exitCode =
  missing.size + result.issuedTwice.length + result.notAuditedOnce.length + result.damage.length === 0
    ? 0
    : 1;
