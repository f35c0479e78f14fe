/** The process of the SNMP agent: it parses what strangers send, so it gives root up before the first of their bytes and has nothing but the keys of one SNMP user. It ends with the platform process. */
import { outliveOutput } from '../../log-line.ts';
import { SnmpAgent } from './agent.ts';
import { type FromAgent, type Serve, toAgent } from './messages.ts';

outliveOutput();
const COUNTED_MS = 5_000;
let agent: SnmpAgent | null = null;

const tell = (message: FromAgent) => process.send?.(message);

process.on('message', (raw) => {
  const message = toAgent.parse(raw);
  if (message.t === 'serve') void begin(message);
  else agent?.tell(message.health);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});

async function begin(serve: Serve): Promise<void> {
  agent = new SnmpAgent(serve);
  try {
    await agent.bind();
    if (serve.becomes !== null) become(serve.becomes);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    tell({ t: 'failed', why: code.slice(0, 256) });
    return;
  }
  agent.listen();
  tell({ t: 'listening' });
  setInterval(() => {
    const counted = agent?.takeCounted() ?? null;
    if (counted !== null) tell({ t: 'counted', ...counted });
  }, COUNTED_MS);
}

/** For good. */
function become({ uid, gid }: NonNullable<Serve['becomes']>): void {
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}
