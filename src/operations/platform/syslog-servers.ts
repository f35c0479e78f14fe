/** Operations on the syslog servers of one KMA, which get its audit. The key that is loaded for mutual TLS goes in and never comes out again. */
import { z } from 'zod';
import { INTERNAL_ID_BYTES, idFrom } from '../../core/ids.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import { settingRow } from '../../platform-settings/index.ts';
import { SYSLOG_SERVERS_MAX, type SyslogServer } from '../../platform-settings/syslog.ts';
import { machineOfficer, reading } from '../common-settings.ts';
import type { Effect } from '../effects.ts';
import { dateText, flag, name } from '../fields.ts';
import { listOfCore } from '../lists/list.ts';
import { newName } from '../new-name.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { settingsOf } from './common.ts';
import { shownSyslogServer, syslogServerShown } from './shown-syslog-server.ts';
import {
  changedServer,
  type LoadedParts,
  loadParts,
  NO_CLIENT,
  newServer,
  syslogAddress,
  syslogFields,
} from './syslog-input.ts';

const looking = { ...reading, callers: ['SECURITY_OFFICER'] } as const;
const done = z.null();

/** What every change gives. */
function changed(before: readonly SyslogServer[], servers: readonly SyslogServer[], message: string) {
  const keys = servers.map(({ clientKeyPem }) => clientKeyPem);
  const forgets = before.some(({ clientKeyPem }) => !keys.includes(clientKeyPem));
  const effects: Effect[] = [{ effect: 'platform-changed' }];
  if (forgets) effects.push({ effect: 'secret-forgotten' });
  return {
    facts: [],
    local: settingRow('syslog', { servers: [...servers] }),
    output: null,
    effects,
    audit: success(message),
  };
}

/** For the audit: where records go from now on, and whom that is trusted to. */
function textOf(server: SyslogServer): string {
  const { address, port, transport, format, framing, events, serverName, caAbout, clientAbout } = server;
  const hashes = (all: SyslogServer['caAbout']) => all.map(({ sha256 }) => sha256).join(',');
  const tls = `name=${serverName} ca=${hashes(caAbout)} client=${hashes(clientAbout)}`;
  const choices = `format=${format} framing=${framing} events=${events}`;
  return `server=${server.name} address=${address} port=${port} transport=${transport} ${choices}${transport === 'tls' ? ` ${tls}` : ''}`;
}

const named = (servers: readonly SyslogServer[], wanted: string) =>
  servers.find((server) => server.name === wanted);

export const createSyslogServer = operation({
  ...machineOfficer,
  name: 'CreateSyslogServer',
  http: { method: 'POST', path: '/v1/syslog-servers' },
  summary: 'Sends the audit of this KMA to a syslog server, from now on.',
  input: z.strictObject({ server: newName('name of the server'), address: syslogAddress(), ...syslogFields }),
  output: done,
  command: {
    words: ['syslog', 'create'],
    arguments: ['server'],
    example: 'kma syslog create logs --address 192.0.2.14 --ca-certificate-file ca.pem --user officer',
  },
  prepare: async (input, { nowMs }) => loadParts(input, nowMs),
  decide({ server, address, ...given }, context, loaded: LoadedParts) {
    const settings = settingsOf(context);
    const { servers } = settings.syslog;
    if (named(servers, server) !== undefined) return refuse('SYSLOG_SERVER_EXISTS', server);
    if (servers.length >= SYSLOG_SERVERS_MAX) return refuse('TOO_MANY_SYSLOG_SERVERS');
    const id = idFrom(context.random(INTERNAL_ID_BYTES));
    const made = changedServer(newServer(id, server, address), given, loaded, settings);
    return isRefusal(made) ? made : changed(servers, [...servers, made], textOf(made));
  },
});

export const listSyslogServers = listOfCore({
  ...looking,
  name: 'ListSyslogServers',
  http: { method: 'GET', path: '/v1/syslog-servers' },
  summary: 'Lists the syslog servers of this KMA, and how they fare.',
  row: shownSyslogServer,
  key: ['server'],
  order: 'server',
  command: { words: ['syslog', 'list'], example: 'kma syslog list --user officer' },
  rows: (context) => settingsOf(context).syslog.servers.map((server) => syslogServerShown(context, server)),
});

const certificate = z.strictObject({ subject: z.string(), sha256: z.string(), notAfter: z.string() });

export const showSyslogServer = operation({
  ...looking,
  name: 'ShowSyslogServer',
  http: { method: 'GET', path: '/v1/syslog-servers/{server}' },
  summary: 'Shows a syslog server with its certificates, and how it fares.',
  input: z.strictObject({ server: name('name of the server') }),
  output: shownSyslogServer.extend({
    serverName: z.string(),
    caCertificates: z.array(certificate),
    clientCertificates: z.array(certificate),
  }),
  command: {
    words: ['syslog', 'show'],
    arguments: ['server'],
    example: 'kma syslog show logs --user officer',
  },
  decide({ server }, context) {
    const found = named(settingsOf(context).syslog.servers, server);
    if (found === undefined) return refuse('SYSLOG_SERVER_DOES_NOT_EXIST', server);
    const shown = (all: SyslogServer['caAbout']) =>
      all.map(({ notAfterMs, ...about }) => ({ ...about, notAfter: dateText(notAfterMs) }));
    return {
      facts: [],
      output: {
        ...syslogServerShown(context, found),
        serverName: found.serverName,
        caCertificates: shown(found.caAbout),
        clientCertificates: shown(found.clientAbout),
      },
    };
  },
});

export const modifySyslogServer = operation({
  ...machineOfficer,
  name: 'ModifySyslogServer',
  http: { method: 'PATCH', path: '/v1/syslog-servers/{server}' },
  summary: 'Changes a syslog server; it goes on where it was. Without TLS its certificates are forgotten.',
  input: z.strictObject({
    server: name('name of the server'),
    address: syslogAddress().optional(),
    ...syslogFields,
    mutualTls: flag("false forgets this KMA's certificate and key").optional(),
  }),
  output: done,
  command: {
    words: ['syslog', 'modify'],
    arguments: ['server'],
    example: 'kma syslog modify logs --events alarms --user officer',
  },
  async prepare(input, context) {
    if (named(settingsOf(context).syslog.servers, input.server) === undefined)
      return refuse('SYSLOG_SERVER_DOES_NOT_EXIST', input.server);
    return loadParts(input, context.nowMs);
  },
  decide({ server, mutualTls, ...given }, context, loaded: LoadedParts) {
    const settings = settingsOf(context);
    const { servers } = settings.syslog;
    const before = named(servers, server);
    if (before === undefined) return refuse('SYSLOG_SERVER_DOES_NOT_EXIST', server);
    const kept = mutualTls === false ? { ...before, ...NO_CLIENT } : before;
    const next = changedServer(kept, given, loaded, settings);
    if (isRefusal(next)) return next;
    if (mutualTls === true && next.clientKeyPem === '')
      return refuse('SYSLOG_CERTIFICATE_UNUSABLE', 'client certificate: it and its key are needed');
    return changed(
      servers,
      servers.map((other) => (other === before ? next : other)),
      `${textOf(next)} before: ${textOf(before)}`,
    );
  },
});

export const deleteSyslogServer = operation({
  ...machineOfficer,
  name: 'DeleteSyslogServer',
  http: { method: 'DELETE', path: '/v1/syslog-servers/{server}' },
  summary: 'Sends nothing more to a syslog server, and forgets it with its certificates.',
  input: z.strictObject({ server: name('name of the server') }),
  output: done,
  command: {
    words: ['syslog', 'delete'],
    arguments: ['server'],
    example: 'kma syslog delete logs --user officer',
  },
  decide({ server }, context) {
    const { servers } = settingsOf(context).syslog;
    const found = named(servers, server);
    if (found === undefined) return refuse('SYSLOG_SERVER_DOES_NOT_EXIST', server);
    return changed(
      servers,
      servers.filter((other) => other !== found),
      textOf(found),
    );
  },
});

export const syslogOperations = [
  createSyslogServer,
  listSyslogServers,
  showSyslogServer,
  modifySyslogServer,
  deleteSyslogServer,
];
