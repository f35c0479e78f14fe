/** Which program listens on a TCP port, for the message about a taken port. It finds nothing on another system than Linux, and changes nothing. */
import { kernelSockets } from '../platform/ports/kernel.ts';

/** Nobody's: every program counts as a stranger. */
const NO_FAMILY = { parent: 0, instance: '' };

/** "node (process 123)", or null where the holder cannot be seen. */
export function portHolder(port: number): string | null {
  const [holder] = (kernelSockets(NO_FAMILY) ?? [])
    .filter(
      ({ transport, state, local }) => transport === 'tcp' && state === 'listening' && local.port === port,
    )
    .flatMap(({ holders }) => holders);
  return holder === undefined ? null : `${holder.name} (process ${holder.pid})`;
}
