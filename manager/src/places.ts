/** The places of the Manager: which list each shows, what its rows are called, and what can be done there. What exists and who may is asked of the KMA's own description. */

import type { ColumnOf, InputOf, ListId, OperationId } from './api/types.ts';

/** A list inside the details of one thing, which `by` names as a field of the path or query, or `filter` as a column. */
export type Tab = {
  [Id in ListId]: {
    readonly list: Id;
    /** Where its name alone does not say what it is. */
    readonly title?: string;
    /** Where a row leads to: a place, and the column that names its thing there. */
    readonly opens?: { readonly path: string; readonly id: ColumnOf<Id> };
    /** What makes a row, for the thing, and what acts on one. */
    readonly actions?: readonly OperationId[];
    readonly rowActions?: readonly OperationId[];
  } & (
    | { readonly by: keyof InputOf<Id> & string; readonly filter?: undefined }
    | { readonly by?: undefined; readonly filter: ColumnOf<Id> }
  );
}[ListId];

interface AnyPlace {
  /** Of its address. */
  readonly path: string;
  readonly group: 'cluster' | 'keys' | 'agents' | 'people' | 'security' | 'watch' | 'machine';
  /** What makes a row, or acts on the whole place. */
  readonly actions?: readonly OperationId[];
  /** What acts on one row. */
  readonly rowActions?: readonly OperationId[];
  readonly tabs?: readonly Tab[];
  /** Asked anew by itself. */
  readonly refreshMs?: number;
  /** Somebody may watch what comes up. */
  readonly live?: boolean;
}

/** A list with rows. */
interface PlaceOf<Id extends ListId> extends AnyPlace {
  readonly list: Id;
  readonly show?: OperationId;
  readonly act?: undefined;
  /** Column, and field of the path, that names a row. */
  readonly id?: ColumnOf<Id>;
  /** Columns that are shown first; all of them can be. */
  readonly columns?: readonly ColumnOf<Id>[];
  readonly sort?: ColumnOf<Id> | `-${ColumnOf<Id>}`;
}

/** One thing that is shown, or one act that is begun there, on a page of its own. */
type OtherPlace = AnyPlace & {
  readonly list?: undefined;
  readonly id?: undefined;
  readonly columns?: undefined;
  readonly sort?: undefined;
} & (
    | { readonly show: OperationId; readonly act?: undefined }
    | { readonly show?: undefined; readonly act: OperationId }
  );

export type ListPlace = { [Id in ListId]: PlaceOf<Id> }[ListId];
export type Place = ListPlace | OtherPlace;
/** With a page for one thing. */
export type ShownPlace = Place & { readonly show: OperationId };

/** By which it is known who sees the place. */
export function askedAt({ list, show, act }: Place): OperationId {
  return list ?? show ?? act;
}

export function isShown(place: Place): place is ShownPlace {
  return place.show !== undefined;
}

const HEALTH_MS = 5_000;

export const PLACES: readonly Place[] = [
  {
    path: '/kmas',
    group: 'cluster',
    list: 'listKmas',
    show: 'showKma',
    id: 'kma',
    columns: [
      'kma',
      'site',
      'responding',
      'responseMs',
      'locked',
      'replicationLag',
      'poolReadyPercent',
      'version',
    ],
    actions: ['createKma', 'acceptLogClock', 'modifyKeyPoolSize'],
    rowActions: ['modifyKma', 'setKmaPassphrase', 'endUnfinishedJoins', 'deleteKma'],
    refreshMs: HEALTH_MS,
  },
  { path: '/lost-kmas', group: 'cluster', list: 'listLostKmas', id: 'kma' },
  {
    path: '/sites',
    group: 'cluster',
    list: 'listSites',
    show: 'showSite',
    id: 'site',
    actions: ['createSite'],
    rowActions: ['modifySite', 'deleteSite'],
  },
  {
    path: '/conflicts',
    group: 'cluster',
    list: 'listConflicts',
    id: 'conflict',
    columns: ['what', 'field', 'kept', 'keptBy', 'other', 'otherBy', 'why', 'takeOther'],
    rowActions: ['settleConflict'],
  },
  {
    path: '/key-policies',
    group: 'keys',
    list: 'listKeyPolicies',
    show: 'showKeyPolicy',
    id: 'policy',
    columns: ['policy', 'description', 'encryptionPeriod', 'cryptoperiod', 'allowAgentsToRevoke'],
    actions: ['createKeyPolicy'],
    rowActions: ['modifyKeyPolicy', 'deleteKeyPolicy'],
  },
  {
    path: '/key-groups',
    group: 'keys',
    list: 'listAllKeyGroups',
    show: 'showKeyGroup',
    id: 'group',
    actions: ['createKeyGroup'],
    rowActions: ['modifyKeyGroup', 'deleteKeyGroup'],
    tabs: [
      {
        list: 'listAgentKeyGroups',
        filter: 'group',
        title: 'Agents',
        opens: { path: '/agents', id: 'agent' },
        actions: ['assignKeyGroup'],
        rowActions: ['setDefaultKeyGroup', 'unassignKeyGroup'],
      },
      { list: 'listKeys', filter: 'group', opens: { path: '/keys', id: 'keyId' } },
    ],
  },
  {
    path: '/keys',
    group: 'keys',
    list: 'listKeys',
    show: 'showKey',
    id: 'keyId',
    columns: ['keyId', 'state', 'group', 'activatedBy', 'activatedAt', 'deactivatesAt', 'dataUnitId'],
    actions: ['compromiseKeys'],
    rowActions: ['changeKeyGroup', 'compromiseKey'],
    tabs: [{ list: 'listKeyHistory', by: 'keyId' }],
  },
  {
    path: '/data-units',
    group: 'keys',
    list: 'listDataUnits',
    show: 'showDataUnit',
    id: 'dataUnitId',
    columns: ['dataUnitId', 'externalTag', 'description', 'state', 'keys', 'createdAt', 'createdBy'],
    rowActions: ['modifyDataUnit', 'destroyKeys'],
    tabs: [
      {
        list: 'listKeys',
        by: 'dataUnitId',
        opens: { path: '/keys', id: 'keyId' },
        rowActions: ['setKeyInUse'],
      },
      { list: 'listBackupsWithKeys', by: 'dataUnitId' },
      { list: 'listBackupsWithDestroyedKeys', by: 'dataUnitId' },
      { list: 'listDataUnitHistory', by: 'dataUnitId' },
    ],
  },
  { path: '/perhaps-issued-keys', group: 'keys', list: 'listPerhapsIssuedKeys', id: 'keyId' },
  {
    path: '/agents',
    group: 'agents',
    list: 'listAgents',
    show: 'showAgent',
    id: 'agent',
    columns: ['agent', 'description', 'site', 'defaultKeyGroup', 'enabled', 'enrolled', 'failedLogins'],
    actions: ['createAgent'],
    rowActions: ['modifyAgent', 'setAgentPassphrase', 'deleteAgent'],
    tabs: [
      {
        list: 'listAgentKeyGroups',
        filter: 'agent',
        title: 'Key groups',
        opens: { path: '/key-groups', id: 'group' },
        actions: ['assignKeyGroup'],
        rowActions: ['setDefaultKeyGroup', 'unassignKeyGroup'],
      },
      {
        list: 'listAgentCertificates',
        by: 'agent',
        title: 'Certificates',
        rowActions: ['revokeAgentCertificate'],
      },
      { list: 'listAgentHistory', by: 'agent' },
    ],
  },
  { path: '/agent-performance', group: 'agents', list: 'listAgentPerformance', id: 'agent' },
  {
    path: '/users',
    group: 'people',
    list: 'listUsers',
    show: 'showUser',
    id: 'user',
    actions: ['createUser'],
    rowActions: ['modifyUser', 'setUserPassphrase', 'endSessions', 'deleteUser'],
  },
  { path: '/roles', group: 'people', list: 'listRoles', id: 'role' },
  { path: '/sessions', group: 'people', list: 'listSessions', id: 'key', refreshMs: HEALTH_MS },
  {
    path: '/certificates',
    group: 'people',
    list: 'listUserCertificates',
    id: 'key',
    columns: ['user', 'purpose', 'state', 'description', 'notAfter'],
    actions: ['saveOwnCertificate', 'issueMonitoringCertificate'],
    rowActions: ['revokeUserCertificate'],
  },
  {
    path: '/pending-operations',
    group: 'people',
    list: 'listPendingOperations',
    show: 'showPendingOperation',
    id: 'pendingId',
    columns: ['operation', 'submittedBy', 'submittedAt', 'kma', 'state'],
    rowActions: ['deletePendingOperation'],
    refreshMs: HEALTH_MS,
  },
  {
    path: '/backups',
    group: 'security',
    list: 'listBackups',
    id: 'backupId',
    columns: ['createdAt', 'kma', 'completedAt', 'downloadedAt', 'destroyedAt', 'usable', 'fileBytes'],
    sort: '-createdAt',
    actions: ['createDatabaseBackup', 'modifyBackupSchedule'],
    rowActions: ['confirmBackupDestroyed'],
  },
  { path: '/restore', group: 'security', act: 'restoreFromFiles' },
  {
    path: '/backup-schedule',
    group: 'security',
    show: 'showBackupSchedule',
    actions: ['modifyBackupSchedule'],
  },
  {
    path: '/lock',
    group: 'security',
    show: 'showLockStatus',
    actions: ['lockKma', 'unlockKma'],
    refreshMs: HEALTH_MS,
  },
  {
    path: '/key-split',
    group: 'security',
    show: 'showKeySplit',
    actions: ['modifyKeySplit', 'createCoreSecurityBackup'],
  },
  {
    path: '/autonomous-unlock',
    group: 'security',
    show: 'showAutonomousUnlock',
    actions: ['setAutonomousUnlock'],
  },
  { path: '/root-ca', group: 'security', show: 'showRootCa', actions: ['renewRootCa'] },
  {
    path: '/web-certificate',
    group: 'security',
    show: 'showWebCertificate',
    actions: ['requestWebCertificate', 'loadWebCertificate', 'removeWebCertificate'],
  },
  { path: '/acceptable-tls', group: 'security', show: 'showAcceptableTls', actions: ['setAcceptableTls'] },
  {
    path: '/security-parameters',
    group: 'security',
    show: 'showSecurityParameters',
    actions: ['modifySecurityParameters'],
  },
  {
    path: '/audit-events',
    group: 'watch',
    list: 'listAuditEvents',
    show: 'showAuditEvent',
    id: 'id',
    columns: ['createdAt', 'severity', 'kmaName', 'operation', 'condition', 'entityId', 'message'],
    actions: ['verifyAudit'],
    live: true,
  },
  { path: '/jobs', group: 'watch', list: 'listJobs', show: 'showJob', id: 'job', refreshMs: 2_000 },
  { path: '/doctor', group: 'watch', act: 'runDoctor' },
  { path: '/current-load', group: 'watch', show: 'showCurrentLoad', refreshMs: HEALTH_MS },
  { path: '/kma-performance', group: 'watch', list: 'listKmaPerformance' },
  {
    path: '/system-messages',
    group: 'watch',
    list: 'listSystemMessages',
    id: 'number',
  },
  { path: '/system-dump', group: 'machine', act: 'createSystemDump' },
  {
    path: '/snmp-managers',
    group: 'machine',
    list: 'listSnmpManagers',
    show: 'showSnmpManager',
    id: 'manager',
    actions: ['createSnmpManager'],
    rowActions: ['modifySnmpManager', 'deleteSnmpManager'],
  },
  {
    path: '/snmp-agent',
    group: 'machine',
    show: 'showHmp',
    actions: ['enableHmp', 'disableHmp'],
    refreshMs: HEALTH_MS,
  },
  {
    path: '/syslog-servers',
    group: 'machine',
    list: 'listSyslogServers',
    show: 'showSyslogServer',
    id: 'server',
    actions: ['createSyslogServer'],
    rowActions: ['modifySyslogServer', 'deleteSyslogServer'],
    refreshMs: HEALTH_MS,
  },
  {
    path: '/ports',
    group: 'machine',
    list: 'listPorts',
    columns: ['port', 'state', 'what', 'direction', 'heldBy', 'targets', 'wrong', 'why'],
    refreshMs: HEALTH_MS,
  },
  {
    path: '/time',
    group: 'machine',
    show: 'showTime',
    actions: ['setNtpServer', 'adjustTime', 'acceptClock'],
    refreshMs: HEALTH_MS,
  },
  {
    path: '/dns',
    group: 'machine',
    show: 'showDns',
    actions: ['setDns', 'lookUpName'],
    refreshMs: HEALTH_MS,
  },
  {
    path: '/technical-support',
    group: 'machine',
    show: 'showTechnicalSupport',
    actions: [
      'enableTechnicalSupport',
      'enableTechnicalSupportForKeys',
      'disableTechnicalSupport',
      'enablePrimaryAdministrator',
      'disablePrimaryAdministrator',
      'regenerateSupportHostKeys',
    ],
    refreshMs: HEALTH_MS,
  },
  { path: '/software-versions', group: 'machine', list: 'listSoftwareVersions', id: 'version' },
];
