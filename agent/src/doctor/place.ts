/** What is to be looked at and from where, and what was found: the data that goes into an examination and comes out of it. */
import type { ClusterMember } from '@openkma/protocol';
import type { TlsMinimum } from '../transport.ts';
import type { Trust } from './certificate-step.ts';
import type { Resolve } from './name-step.ts';
import type { Question } from './soap-question.ts';
import type { Finding, Step } from './step.ts';
import type { Identity } from './tls-step.ts';

export interface Service {
  /** As in the table of ports: "ca", "agent", "replication". */
  readonly service: string;
  readonly port: number;
  /** `mutual`: it asks for a certificate, and says little without one. `tcp`: there is nothing harmless to say. */
  readonly transport: 'http' | 'tls' | 'mutual' | 'tcp' | 'udp';
  /** Null where there is nothing harmless to ask: the connection has to do. */
  readonly question: Question | null;
  /** Of a service over UDP, which knows no connections. */
  readonly probe?: Probe;
}

/** Asks once and judges the answer; `address` is literal. It never throws. */
export type Probe = (address: string, port: number, timeoutMs: number) => Promise<Finding>;

export interface Place {
  /** As the cluster calls the KMA; null where nobody has said. */
  readonly name: string | null;
  /** A name, an IPv4 address, or an IPv6 address in brackets. */
  readonly address: string;
  readonly services: readonly Service[];
  /** Who looks is known elsewhere and not there: his certificate is not shown. */
  readonly stranger?: boolean;
}

/** Who looks, and what he has. */
export interface Standpoint {
  /** For people: "agent drive-1 on host-7". */
  readonly from: string;
  readonly trust: Trust;
  readonly identity: Identity | null;
  readonly minimumTls: TlsMinimum;
  readonly resolve: Resolve;
  readonly nowMs: () => number;
}

export interface ServiceReport {
  readonly service: string;
  readonly port: number;
  readonly steps: readonly Step[];
}

export interface PlaceReport {
  readonly name: string | null;
  readonly address: string;
  /** Of the place as a whole: name, route, clock. */
  readonly steps: readonly Step[];
  readonly services: readonly ServiceReport[];
  /** The KMA's clock against the one here; null where it was not learned. */
  readonly clockAheadMs: number | null;
}

export interface Look {
  readonly report: PlaceReport;
  /** Who the certificates there said it is; null where none was shown. */
  readonly shownName: string | null;
  /** The KMAs that it names. */
  readonly members: readonly ClusterMember[];
}
