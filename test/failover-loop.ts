/** Agents loop while each of three KMAs is killed, locked, cut off and upgraded in turn (to a release that reads a later replication version), and every call that fails is counted: npm run failover -- --minutes 10. Those of okm-agent's library fail never; those of an agent that does only what the protocol says never where somebody wanted it so. */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DEFAULT_SETTINGS } from '@openkma/agent';
import { REPLICATION_VERSION } from '../src/version.ts';
import { AgentLoop } from './chaos/agent-loop.ts';
import { Cluster } from './chaos/cluster.ts';
import { LONG_MS } from './chaos/member.ts';
import { enterNetwork } from './chaos/network.ts';
import { TURNS } from './chaos/turns.ts';
import { until } from './support/until.ts';

const KMAS = 3;
const LIBRARY = ['library-1', 'library-2', 'library-3'] as const;
const PLAIN = ['plain-1', 'plain-2'] as const;
/** Longer than a KMA takes to be known as gone, shorter than an agent waits for an answer. */
const AWAY_MS = 6_000;
const CALM_MS = 3_000;
const SHOWN_MAX = 20;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    away: { type: 'string', default: String(AWAY_MS) },
    timeout: { type: 'string', default: String(DEFAULT_SETTINGS.timeoutMs) },
    /** Each thing happens once, each time to another KMA. */
    short: { type: 'boolean', default: false },
  },
});
const network = await enterNetwork(KMAS);
const turns = TURNS.filter(({ name }) => network.canCut || name !== 'cut off');
await using cluster = new Cluster(network, false);
console.log(network.canCut ? 'each KMA in its network namespace' : 'on loopback: nobody can be cut off');
await cluster.setUp([...LIBRARY, ...PLAIN], { timeoutMs: Number(values.timeout) });

let phase = 'calm';
let planned = true;
let going = true;
const now = () => `${planned ? '' : 'un'}planned ${phase}`;
const library = await Promise.all(
  LIBRARY.map((name) => AgentLoop.withLibrary(name, cluster.profile(name), now)),
);
const plain = await Promise.all(PLAIN.map((name) => AgentLoop.plain(name, cluster.profile(name), now)));
const loops = Promise.all([...library, ...plain].map((loop) => loop.run(() => going)));

// Before its first discovery an agent knows one KMA alone.
await until(
  'all agents know the cluster',
  () => [...library, ...plain].every(({ calls }) => calls > 3),
  LONG_MS,
);
const counts = new Map<string, number>();
const endMs = performance.now() + Number(values.minutes) * 60_000;
do {
  for (const [number, turn] of turns.entries())
    for (const member of values.short ? cluster.members.slice(number % KMAS).slice(0, 1) : cluster.members) {
      phase = `${member.plan.name} ${turn.name}`;
      planned = turn.planned;
      await turn.happen(cluster, member, Number(values.away));
      counts.set(turn.name, (counts.get(turn.name) ?? 0) + 1);
      await pause(CALM_MS);
    }
} while (!values.short && performance.now() < endMs);
going = false;
await loops;

const callsOf = (agents: readonly AgentLoop[]) => agents.reduce((sum, { calls }) => sum + calls, 0);
const failed = library.flatMap(({ failures }) => failures);
const failedPlain = plain.flatMap(({ failures }) => failures);
const failedPlanned = failedPlain.filter(({ phase: when }) => when.startsWith('planned'));
for (const { phase: when, what } of [...failed, ...failedPlain].slice(0, SHOWN_MAX))
  console.log(`${when}: ${what}`);
console.log([...counts].map(([name, times]) => `${name} ${times}`).join(', '));
const reads = cluster.members.map(({ plan, release }) => `${plan.name} ${release.replicationVersion}`);
console.log(
  `replication versions read in the end, ${REPLICATION_VERSION} in the beginning: ${reads.join(', ')}`,
);
console.log(`okm-agent's library: ${callsOf(library)} calls, ${failed.length} failed`);
console.log(
  `an agent as the protocol has it: ${callsOf(plain)} calls, ${failedPlanned.length} failed where it was planned, ${failedPlain.length - failedPlanned.length} where not`,
);
process.exitCode = failed.length + failedPlanned.length === 0 ? 0 : 1;
