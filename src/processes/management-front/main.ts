/** The process of the management port: listens until told to stop, and passes on what known callers ask. It opens no file of the KMA. */
import { operations } from '../../operations/catalogue.ts';
import { openListeners } from '../../services/listeners.ts';
import { ManagerConnections } from '../../services/management/connections.ts';
import { openApiDocument } from '../../services/management/openapi.ts';
import { routerOf } from '../../services/management/routes.ts';
import { createManagementServer } from '../../services/management/server.ts';
import { type SupervisorToManagementFront, supervisorToManagementFront } from '../messages.ts';
import { runFront } from '../run-front.ts';
import { MANAGEMENT_LINK_LIMITS, ManagementCoreLink } from './core-link.ts';

type Start = Extract<SupervisorToManagementFront, { t: 'start' }>;

const router = routerOf(operations);
const openApi = JSON.stringify(openApiDocument(operations));
const managers = new ManagerConnections();

runFront<Start>(supervisorToManagementFront, async ({ managementSocketPath, listens }, tls, fail) => {
  const link = new ManagementCoreLink(managementSocketPath, MANAGEMENT_LINK_LIMITS, fail);
  const front = await openListeners(listens, true, () =>
    createManagementServer({ tls: tls(), link, router, openApi, managers }),
  );
  return {
    updateTls: (changed) => front.updateTls(changed),
    end: async (deadlineMs) => {
      await front.drain(deadlineMs);
      link.close();
    },
  };
});
