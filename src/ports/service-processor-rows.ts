/** The rows of the service processor, a computer of its own beside the KMA: documentation, firewall and doctor name them, and the KMA opens none. */
import type { PortRow } from './row.ts';

const own = {
  owner: 'service-processor',
  networks: ['service processor'],
  condition: 'always',
} as const;
const listens = { ...own, direction: 'listening', parties: ['managers'] } as const;
const connects = { ...own, direction: 'connecting' } as const;
const dns = { ...connects, port: 53, what: 'DNS', condition: 'DNS', parties: ['DNS servers'] } as const;

export const SERVICE_PROCESSOR_ROWS: readonly PortRow[] = [
  { ...listens, name: 'sp-ssh', port: 22, transport: 'tcp', what: 'SSH' },
  { ...listens, name: 'sp-http', port: 80, transport: 'tcp', what: 'web, HTTP' },
  { ...listens, name: 'sp-https', port: 443, transport: 'tcp', what: 'web, HTTPS' },
  { ...listens, name: 'sp-ipmi', port: 623, transport: 'udp', what: 'IPMI' },
  {
    ...listens,
    name: 'sp-snmp-agent',
    port: 161,
    transport: 'udp',
    what: 'SNMP agent',
    parties: ['monitoring stations'],
  },
  {
    ...connects,
    name: 'sp-snmp',
    port: 161,
    transport: 'udp',
    what: 'SNMP',
    condition: 'SNMP',
    parties: ['SNMP managers'],
  },
  { ...dns, name: 'sp-dns', transport: 'udp' },
  { ...dns, name: 'sp-dns-tcp', transport: 'tcp' },
  {
    ...connects,
    name: 'sp-dhcp',
    port: 68,
    transport: 'udp',
    what: 'DHCP',
    condition: 'DHCP',
    parties: ['DHCP servers'],
  },
];
