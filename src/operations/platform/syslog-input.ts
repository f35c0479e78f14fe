/** What is given of a syslog server: the fields, the certificates and the key read and checked, and a whole server made of them. It stores nothing. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { isHost } from '../../platform-settings/dns.ts';
import type { PlatformSettings } from '../../platform-settings/index.ts';
import {
  EVENTS_SENT,
  SYSLOG_FORMATS,
  SYSLOG_FRAMINGS,
  SYSLOG_PORTS,
  SYSLOG_TRANSPORTS,
  type SyslogServer,
} from '../../platform-settings/syslog.ts';
import { readCertificates, readClient } from '../../security/pem-credentials.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { certificates, privateKey, text } from '../fields.ts';

const host = (what: string) => text(1, 253, what).refine(isHost, 'an address, or a name as DNS has them');

/** Each may be left out. */
export const syslogFields = {
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({ description: `${SYSLOG_PORTS.tls} of TLS, ${SYSLOG_PORTS.tcp} of TCP unless given` }),
  transport: z.enum(SYSLOG_TRANSPORTS).optional().meta({ description: 'TLS unless given' }),
  format: z.enum(SYSLOG_FORMATS).optional().meta({ description: 'RFC 5424 unless given' }),
  framing: z
    .enum(SYSLOG_FRAMINGS)
    .optional()
    .meta({ description: 'where messages end; octet counting unless given, and always with TLS' }),
  events: z
    .enum(EVENTS_SENT)
    .optional()
    .meta({ description: 'all audit records, or alarms alone as SNMP managers get them; all unless given' }),
  serverName: host("name in the server's certificate, where it is not the address").optional(),
  caCertificate: certificates("the CA of the server's certificate; needed with TLS").optional(),
  clientCertificate: certificates('what this KMA shows the server (mutual TLS)').optional(),
  clientKey: privateKey('the key of that certificate, not under a passphrase').optional(),
};
export const syslogAddress = () => host('address or name of the server');

const given = z.strictObject({ ...syslogFields, address: syslogAddress().optional() });
export type GivenSyslogServer = z.infer<typeof given>;

/** What was loaded; empty where nothing was given. */
export type LoadedParts = Partial<
  Pick<SyslogServer, 'caPem' | 'caAbout' | 'clientCertificatePem' | 'clientKeyPem' | 'clientAbout'>
>;

const unusable = (what: string, why: string) => refuse('SYSLOG_CERTIFICATE_UNUSABLE', `${what}: ${why}`);

interface GivenPem {
  readonly caCertificate?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: SecretBytes | undefined;
}

export function loadParts(pem: GivenPem, nowMs: number): LoadedParts | Refusal {
  const { caCertificate, clientCertificate, clientKey } = pem;
  let parts: LoadedParts = {};
  if (caCertificate !== undefined) {
    const ca = readCertificates(caCertificate, nowMs);
    if (typeof ca === 'string') return unusable('CA certificate', ca);
    parts = { caPem: ca.pem, caAbout: ca.about };
  }
  if (clientCertificate === undefined && clientKey === undefined) return parts;
  if (clientCertificate === undefined || clientKey === undefined)
    return unusable('client certificate', 'it and its key are given together');
  const client = readClient(clientCertificate, clientKey, nowMs);
  if (typeof client === 'string') return unusable('client certificate', client);
  return {
    ...parts,
    clientCertificatePem: client.pem,
    clientKeyPem: client.keyPem,
    clientAbout: client.about,
  };
}

export const NO_CLIENT = { clientCertificatePem: '', clientKeyPem: '', clientAbout: [] } as const;
const NO_TLS = { serverName: '', caPem: '', caAbout: [], ...NO_CLIENT } as const;

/** A server that is new is changed from this. */
export function newServer(id: string, name: string, address: string): SyslogServer {
  const choices = { transport: 'tls', format: 'rfc5424', framing: 'octet-counting', events: 'all' } as const;
  return { id, name, address, port: SYSLOG_PORTS.tls, ...choices, ...NO_TLS };
}

/** `server` with what is given in place of what was; what TCP has no use for goes. */
export function changedServer(
  server: SyslogServer,
  { port, transport, format, framing, events, serverName, address }: GivenSyslogServer,
  loaded: LoadedParts,
  settings: PlatformSettings,
): SyslogServer | Refusal {
  const next = {
    ...server,
    address: address ?? server.address,
    transport: transport ?? server.transport,
    format: format ?? server.format,
    framing: framing ?? server.framing,
    events: events ?? server.events,
    serverName: serverName ?? server.serverName,
    ...loaded,
  };
  // A port that nobody chose follows the transport.
  const usual = server.port === SYSLOG_PORTS[server.transport];
  next.port = port ?? (usual ? SYSLOG_PORTS[next.transport] : server.port);
  if (isIP(next.address) === 0 && settings.dns.servers.length === 0)
    return refuse('DNS_NOT_CONFIGURED', next.address);
  if (next.transport === 'tls') {
    if (next.caPem === '') return unusable('CA certificate', 'TLS needs that of the server');
    if (next.framing === 'newline') return refuse('INVALID_PARAMETERS', 'TLS counts octets (RFC 5425)');
    return next;
  }
  if (serverName !== undefined || Object.keys(loaded).length > 0)
    return refuse('INVALID_PARAMETERS', 'certificates and their names are for TLS');
  return { ...next, ...NO_TLS };
}
