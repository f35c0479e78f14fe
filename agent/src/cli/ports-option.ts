/** The ports of a KMA that stands beside another on one machine: every default with the same number added. */
import { DEFAULT_PORTS, type Ports } from '../enrolment.ts';
import { numberBetween } from './context.ts';

export const PORT_MAX = 65_535;

export const portOffsetOption = numberBetween(0, PORT_MAX - Math.max(...Object.values(DEFAULT_PORTS)), true);

export function offsetPorts(offset: number): Ports {
  return {
    ca: DEFAULT_PORTS.ca + offset,
    certificate: DEFAULT_PORTS.certificate + offset,
    agent: DEFAULT_PORTS.agent + offset,
    discovery: DEFAULT_PORTS.discovery + offset,
  };
}
