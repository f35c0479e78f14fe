/** Three KMAs as real processes while agents and people work and everything goes wrong; then whether anything acknowledged is missing: npm run chaos -- --operations 2000 --seed 7. It prints a table, and everything follows the seed but how fast the machine is. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { AgentWork } from './chaos/agent-work.ts';
import { CHORES } from './chaos/chores.ts';
import { Cluster } from './chaos/cluster.ts';
import { Draw } from './chaos/draw.ts';
import { Faults } from './chaos/faults.ts';
import { Ledger } from './chaos/ledger.ts';
import { ManagerWork } from './chaos/manager-work.ts';
import { MemoryUse } from './chaos/memory-use.ts';
import { enterNetwork } from './chaos/network.ts';
import { printReport } from './chaos/report.ts';
import { judge } from './chaos/verdict.ts';
import { OFFICER } from './support/kma.ts';
import { until } from './support/until.ts';

const KMAS = 3;
const AGENTS = ['agent-1', 'agent-2', 'agent-3', 'agent-4'] as const;
const STUCK_MS = 300_000;
/** An address for examples (RFC 5737). */
const NOBODY = '192.0.2.53';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '2000' },
    faults: { type: 'string' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const operations = Number(values.operations);
const faultsWanted = Number(values.faults ?? Math.ceil(operations / 30));
const seed = Number(values.seed ?? randomInt(2 ** 31));

const network = await enterNetwork(KMAS);
await using cluster = new Cluster(network, true);
cluster.keeps = values.keep;
console.log(`seed ${seed}, ${operations} operations, ${faultsWanted} faults, ${KMAS} KMAs`);
console.log(network.canCut ? 'each KMA in its network namespace' : 'on loopback: nothing can be cut');
console.log(cluster.losesPower ? 'kma-3 has a disk that loses power' : 'no disk here can lose power');
await cluster.setUp(AGENTS);
// Nobody is asked there, since all addresses are numbers; but each KMA has a platform process, which can be killed as well.
for (const member of cluster.members) await member.ask('SetDns', { servers: [NOBODY] }, OFFICER);
console.log('the cluster is up');

const ledger = new Ledger();
const faults = new Faults(cluster, new Draw(seed, 'faults'));
const memory = new MemoryUse();
let going = true;
const goesOn = () => going;
const step = Math.floor(operations / (faultsWanted + 1));
const work = AGENTS.map(async (name) => {
  const agent = await AgentWork.open(cluster.profile(name), name, ledger, new Draw(seed, name));
  await agent.run(goesOn);
});
for (const [person, chores] of CHORES) {
  const manager = new ManagerWork(cluster, person, ledger, new Draw(seed, person.name));
  work.push(manager.run(chores, goesOn));
}
const ended = Promise.all(work);

for (let number = 1; number <= faultsWanted; number++) {
  const wanted = ledger.acknowledged + step;
  await Promise.race([ended, until(`${wanted} operations`, () => ledger.acknowledged >= wanted, STUCK_MS)]);
  memory.look(cluster);
  console.log(`${String(ledger.acknowledged).padStart(6)}  ${await faults.next()}`);
}
await Promise.race([ended, until('all operations', () => ledger.acknowledged >= operations, STUCK_MS)]);
going = false;
await ended;
await faults.over();
memory.look(cluster);
const verdict = await judge(cluster, ledger);
process.exitCode = printReport({ ledger, faults, growth: memory.growth(), verdict }) ? 0 : 1;
