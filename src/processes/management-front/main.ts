/** The process of the ports for people, management and web Manager: listens until told to stop, and passes on what known callers ask. It opens no file of the KMA. */
import { logEvent } from '../../log-line.ts';
import { operations } from '../../operations/catalogue.ts';
import { bindRootsPorts, openListeners, type ServiceServer } from '../../services/listeners.ts';
import { ManagerConnections } from '../../services/management/connections.ts';
import { openApiDocument } from '../../services/management/openapi.ts';
import { routerOf } from '../../services/management/routes.ts';
import { createManagementServer } from '../../services/management/server.ts';
import { type Pages, readPages } from '../../services/web/pages.ts';
import { createWebServer } from '../../services/web/server.ts';
import {
  type PeopleTls,
  type SupervisorToManagementFront,
  supervisorToManagementFront,
} from '../messages.ts';
import { runFront } from '../run-front.ts';
import { MANAGEMENT_LINK_LIMITS, ManagementCoreLink } from './core-link.ts';

type Start = Extract<SupervisorToManagementFront, { t: 'start' }>;

const router = routerOf(operations);
const openApi = JSON.stringify(openApiDocument(operations));
const managers = new ManagerConnections();

async function load({ pages: directory, listens: wanted }: Start) {
  const pages = directory === null ? null : pagesOrNull(directory);
  const listens = wanted.filter(({ service }) => service !== 'web' || pages !== null);
  return { pages, listens, bound: await bindRootsPorts(listens) };
}

/** Pages that are just being built anew, or are gone, are no reason to leave managers without their port. */
function pagesOrNull(directory: string): Pages | null {
  try {
    return readPages(directory);
  } catch (error) {
    logEvent('management front', `no web Manager until the KMA is started again: ${String(error)}`);
    return null;
  }
}

runFront(supervisorToManagementFront, load, async (start, { tls, fail, loaded }) => {
  const { pages, listens, bound } = loaded;
  const link = new ManagementCoreLink(start.managementSocketPath, MANAGEMENT_LINK_LIMITS, fail);
  const make = ({ service }: Start['listens'][number]): ServiceServer<PeopleTls> => {
    if (service === 'management')
      return createManagementServer({ tls: tls(), link, router, openApi, managers });
    if (pages === null) throw new Error('a web Manager needs its pages');
    return createWebServer({ tls, link, router, pages });
  };
  const front = await openListeners(listens, true, make, bound);
  return {
    updateTls: (changed) => front.updateTls(changed),
    end: async (deadlineMs) => {
      await front.drain(deadlineMs);
      link.close();
    },
  };
});
