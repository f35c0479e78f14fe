/** The front process of the agents' services: reaches the core, then listens until told to stop. It opens no file of the KMA. */
import { limitsOfListener } from '../../services/connection-limit.ts';
import { openFront } from '../../services/front.ts';
import { HTTP_LIMITS } from '../../services/http-server.ts';
import { type SupervisorToFront, supervisorToFront } from '../messages.ts';
import { runFront } from '../run-front.ts';
import { CORE_SOCKET_LIMITS, CoreSocket } from './core-socket.ts';

type Start = Extract<SupervisorToFront, { t: 'start' }>;

const nothing = (_start: Start): Promise<null> => Promise.resolve(null);

runFront(supervisorToFront, nothing, async ({ frontSocketPath, listens, connections }, { tls, fail }) => {
  const link = new CoreSocket(frontSocketPath, CORE_SOCKET_LIMITS, fail);
  await link.opened();
  const limits = { ...HTTP_LIMITS, ...limitsOfListener(connections) };
  const front = await openFront({ listens, tls: tls(), link, sharePorts: true, limits });
  return {
    updateTls: (changed) => front.updateTls(changed),
    end: async (deadlineMs) => {
      await front.drain(deadlineMs);
      link.close();
    },
  };
});
