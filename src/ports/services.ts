/** The rows of the table that a KMA's own services listen on, with what a listener has to know of each. It opens nothing. */

/** A row of Table 1-1 of the OKM manual. */
export interface Port {
  readonly port: number;
  readonly service: ServiceName;
  /** `own-key-tls`: mutual too, but the caller is known by the key he made himself, whoever signed his certificate. */
  readonly transport: 'http' | 'tls' | 'mutual-tls' | 'own-key-tls';
  /** The networks the listener is bound to: agents live on the service network, people and KMAs on the management network. */
  readonly networks: readonly ('management' | 'service')[];
  readonly callers: readonly ('managers' | 'agents' | 'KMAs')[];
}

/** The services that speak SOAP, and are served by the fronts of the agents. */
export type SoapService = 'ca' | 'certificate' | 'agent' | 'discovery';
export type ServiceName = SoapService | 'management' | 'replication' | 'web';

/** A row that a front of the agents can serve. */
export type SoapPort = Port & {
  readonly service: SoapService;
  readonly transport: 'http' | 'tls' | 'mutual-tls';
};

export const PORTS: readonly Port[] = [
  {
    port: 3331,
    service: 'ca',
    transport: 'http',
    networks: ['management', 'service'],
    callers: ['managers', 'agents', 'KMAs'],
  },
  {
    port: 3332,
    service: 'certificate',
    transport: 'tls',
    networks: ['management', 'service'],
    callers: ['managers', 'agents', 'KMAs'],
  },
  {
    port: 3333,
    service: 'management',
    transport: 'own-key-tls',
    networks: ['management'],
    callers: ['managers'],
  },
  {
    port: 3334,
    service: 'agent',
    transport: 'mutual-tls',
    networks: ['management', 'service'],
    callers: ['agents'],
  },
  // Managers come with the keys of their log-ins, which no CA has signed: services/own-key-callers.ts.
  {
    port: 3335,
    service: 'discovery',
    transport: 'mutual-tls',
    networks: ['management', 'service'],
    callers: ['managers', 'agents'],
  },
  {
    port: 3336,
    service: 'replication',
    transport: 'mutual-tls',
    networks: ['management'],
    callers: ['KMAs'],
  },
  // Only where its pages are built.
  {
    port: 443,
    service: 'web',
    transport: 'tls',
    networks: ['management'],
    callers: ['managers'],
  },
];

/** Where the KMA may not bind the port of the web Manager, or somebody else has it. */
export const WEB_PORT_INSTEAD = 8443;

/** What the platform process serves on the management network, each only where it is switched on. */
export const PLATFORM_PORTS = { ssh: 22, ntp: 123, snmp: 161 } as const;
