/** The one table of ports of a KMA and its service processor; listeners, documentation, firewall rules and checks come from it. It opens nothing. */
import { KMA_ROWS } from './ports/kma-rows.ts';
import type { PortRow } from './ports/row.ts';
import { SERVICE_PROCESSOR_ROWS } from './ports/service-processor-rows.ts';
import { PORTS } from './ports/services.ts';

export { CONDITIONS, type Condition, type Party, type PortRow } from './ports/row.ts';
export {
  PLATFORM_PORTS,
  PORTS,
  type Port,
  type ServiceName,
  type SoapPort,
  type SoapService,
  WEB_PORT_INSTEAD,
} from './ports/services.ts';

export {
  PORT_STATES,
  type PortSettings,
  type PortState,
  type PortTarget,
  portStates,
  type Socket,
  type SocketHolder,
} from './ports/states.ts';

/** Every port there is, both directions. What is not in it is closed, and nothing leaves for it. */
export const PORT_TABLE: readonly PortRow[] = [...KMA_ROWS, ...SERVICE_PROCESSOR_ROWS];

const PORT_MAX = 65_535;
/** What may be added to every port of a service, for a second KMA on one machine: each stays a port. */
export const PORT_OFFSET_MAX = PORT_MAX - Math.max(...PORTS.map(({ port }) => port));
