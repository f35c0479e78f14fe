/** `npm run bench`: figures as ratios within one run, because machines differ. It proves nothing; tests do. */
import { parseArgs } from 'node:util';
import { benchAgentCall } from './agent-call.ts';
import { benchCapacity } from './capacity.ts';
import { benchCluster } from './cluster/cluster.ts';
import { benchLists } from './lists.ts';
import { benchManager } from './manager.ts';
import { benchPlatform } from './platform.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string' }, minutes: { type: 'string' } },
});
const scale = Number(values.scale ?? 1);
const minutes = Number(values.minutes ?? 10 * scale);
const benches: Readonly<Record<string, () => Promise<void>>> = {
  'agent-call': benchAgentCall,
  capacity: () => benchCapacity(scale),
  cluster: () => benchCluster(scale, minutes),
  lists: () => benchLists(scale),
  manager: () => benchManager(scale),
  platform: benchPlatform,
};

const name = positionals[0] ?? 'agent-call';
const bench = benches[name];
if (bench === undefined || !(scale > 0 && scale <= 1 && minutes > 0)) {
  process.stderr.write(
    `usage: npm run bench -- [${Object.keys(benches).join(' | ')}] [--scale 0.01] [--minutes 10], scale for capacity, cluster, lists and manager, over 0 and at most 1; minutes of creations for cluster\n`,
  );
  process.exit(2);
}
await bench();
