/** The platform process: time, support access, monitoring and names of this KMA, all that agents can do without. It opens neither the store nor a local file, and its end ends no other process. */
import { logEvent, outliveOutput } from '../../log-line.ts';
import { expectMessage } from '../messages.ts';
import { standBehind } from '../stand-behind.ts';
import { supervisorToPlatform } from './messages.ts';
import { Platform } from './platform.ts';

outliveOutput();
process.umask(0o077);
let platform: Platform | null = null;

process.on('message', (raw) => {
  const message = expectMessage(supervisorToPlatform, raw);
  if (message.t === 'stop') return void stop();
  platform = new Platform(message);
  standBehind();
});
// The supervisor is gone: what was started here must not go on without it.
process.on('disconnect', () => void stop());
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop());

async function stop(): Promise<void> {
  await platform?.stop().catch((error: unknown) => logEvent('platform', String(error)));
  process.exit(0);
}
