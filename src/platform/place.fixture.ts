/** Where a KMA of a test listens: the ports of the table for its services, and those given for its platform. It opens none. */
import type { PlatformPlace } from './part.ts';

export function placeAt(address: string, ports: Partial<PlatformPlace['ports']> = {}): PlatformPlace {
  return {
    address,
    ports: { ssh: 1, ntp: 1, snmp: 1, ...ports },
    services: {
      ca: 3331,
      certificate: 3332,
      management: 3333,
      agent: 3334,
      discovery: 3335,
      replication: 3336,
    },
    addresses: [address],
    becomes: null,
  };
}
