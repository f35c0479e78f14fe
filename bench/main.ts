/** `npm run bench`: figures as ratios within one run, because machines differ. It proves nothing; tests do. */
import { benchAgentCall } from './agent-call.ts';

const benches: Readonly<Record<string, () => Promise<void>>> = { 'agent-call': benchAgentCall };

const name = process.argv[2] ?? 'agent-call';
const bench = benches[name];
if (bench === undefined) {
  process.stderr.write(`no benchmark "${name}"; there are: ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
await bench();
