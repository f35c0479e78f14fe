/** `npm run bench`: figures as ratios within one run, because machines differ. It proves nothing; tests do. */
import { parseArgs } from 'node:util';
import { benchAgentCall } from './agent-call.ts';
import { benchCapacity } from './capacity.ts';
import { benchLists } from './lists.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { scale: { type: 'string' } } });
const scale = Number(values.scale ?? 1);
const benches: Readonly<Record<string, () => Promise<void>>> = {
  'agent-call': benchAgentCall,
  capacity: () => benchCapacity(scale),
  lists: () => benchLists(scale),
};

const name = positionals[0] ?? 'agent-call';
const bench = benches[name];
if (bench === undefined || !(scale > 0 && scale <= 1)) {
  process.stderr.write(
    `usage: npm run bench -- [${Object.keys(benches).join(' | ')}] [--scale 0.01], scale for capacity and lists, over 0 and at most 1\n`,
  );
  process.exit(2);
}
await bench();
