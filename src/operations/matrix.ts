/** The matrix of roles and operations (product reference 4.1) as data, with our own rows beside it. Rights live in the operations; a test holds the two together. */
import type { Role } from './operation.ts';

export type Cell = 'yes' | 'quorum' | 'no';

export interface MatrixRow {
  readonly entity: string;
  readonly what: string;
  readonly cells: Readonly<Record<Role, Cell>>;
  /** The operations that make up the row, or where it is to be found, or why it is not there yet. */
  readonly is:
    | { readonly operations: readonly string[] }
    | { readonly elsewhere: string }
    | { readonly later: string };
}

const CELLS: Readonly<Record<string, Cell>> = { Y: 'yes', Q: 'quorum', '.': 'no' };

/** `cells`: Y, Q or . for Security Officer, Compliance Officer, Operator, Backup Operator, Auditor, Quorum Member. */
function row(entity: string, what: string, cells: string, is: MatrixRow['is']): MatrixRow {
  const cell = (place: number): Cell => {
    const found = CELLS[cells[place] ?? ''];
    if (found === undefined) throw new Error(`${entity}, ${what}: ${cells}`);
    return found;
  };
  return {
    entity,
    what,
    cells: {
      SECURITY_OFFICER: cell(0),
      COMPLIANCE_OFFICER: cell(1),
      OPERATOR: cell(2),
      BACKUP_OPERATOR: cell(3),
      AUDITOR: cell(4),
      QUORUM_MEMBER: cell(5),
    },
    is,
  };
}
const ops = (...operations: string[]): MatrixRow['is'] => ({ operations });

const TRANSFER = { later: 'comes with key transfer' };
const SOFTWARE = { later: 'comes with software upgrades' };

/** The product's own rows. */
export const MATRIX: readonly MatrixRow[] = [
  row('Console', 'log in, log out', 'YYYYYY', { elsewhere: '`kma console` at the appliance' }),
  row('Console', 'show root CA certificate', 'YYYYYY', ops('ShowRootCa')),
  row('Console', 'set TLS versions', 'Y.....', ops('SetAcceptableTls')),
  row('Console', 'set management and service IP, gateways, DNS', 'Y.....', {
    elsewhere: '`kma serve` is given its addresses; the machine has its gateways; for DNS see "DNS: modify"',
  }),
  row(
    'Console',
    'enable technical support, enable primary administrator',
    'Y.....',
    ops(
      'EnableTechnicalSupport',
      'EnableTechnicalSupportForKeys',
      'RegenerateSupportHostKeys',
      'EnablePrimaryAdministrator',
    ),
  ),
  row(
    'Console',
    'disable technical support, disable primary administrator',
    'Y.Y...',
    ops('DisableTechnicalSupport', 'DisablePrimaryAdministrator'),
  ),
  row('Console', 'reboot, shut down KMA', '..Y...', ops('RebootKma', 'ShutDownKma')),
  row('Console', 'log KMA back into cluster', 'Q.....', {
    elsewhere: '`kma rejoin` and `kma console` at the appliance',
  }),
  row('Console', "set user's passphrase", 'Q.....', {
    elsewhere: '`kma console` at the appliance, see "User: modify, set passphrase"',
  }),
  row('Console', 'reset to factory default, zeroise', 'Y.....', ops('ResetKma')),
  row('Console', 'renew root CA', 'Y.....', ops('RenewRootCa')),
  row('Manager', 'change own passphrase', 'YYYYYY', ops('ChangeOwnPassphrase')),
  row('Manager', 'connect', 'YYYYYY', ops('ShowSession', 'LogOut')),
  row('Manager', 'profiles, options', 'YYYYYY', { elsewhere: 'kept by the client: okm, a browser' }),
  row('Manager', 'save own certificates', 'YYYYYY', ops('SaveOwnCertificate')),
  row('Key split configuration', 'view', 'Y.....', ops('ShowKeySplit')),
  row('Key split configuration', 'modify', 'Q.....', ops('ModifyKeySplit')),
  row('Autonomous unlock', 'view', 'Y.....', ops('ShowAutonomousUnlock')),
  row('Autonomous unlock', 'modify', 'Q.....', ops('SetAutonomousUnlock')),
  row('Lock status', 'view', 'YYYYYY', ops('ShowLockStatus')),
  row('KMA lock', 'lock', 'Y.....', ops('LockKma')),
  row('KMA lock', 'unlock', 'Q.....', ops('UnlockKma')),
  row(
    'Core security backup',
    'create',
    'Y.....',
    ops('CreateCoreSecurityBackup', 'ConfirmCoreSecurityBackupDownloaded'),
  ),
  row('Site', 'list', 'Y.Y...', ops('ListSites', 'ShowSite')),
  row('Site', 'create, modify, delete', 'Y.....', ops('CreateSite', 'ModifySite', 'DeleteSite')),
  row('Security parameters', 'view', 'YYYYYY', ops('ShowSecurityParameters')),
  row('Security parameters', 'open the modify screen', 'Y...Y.', {
    elsewhere:
      'a screen: "Security parameters" in the web Manager shows them; the form is for who may modify',
  }),
  row('Security parameters', 'modify', 'Y.....', ops('ModifySecurityParameters')),
  row('KMA', 'list, view', 'YYYYYY', ops('ListKmas', 'ShowKma', 'ListLostKmas')),
  row('KMA', 'create', 'Q.....', ops('CreateKma')),
  row('KMA', 'modify', 'Q.....', ops('ModifyKma')),
  row('KMA', 'set passphrase', 'Q.....', ops('SetKmaPassphrase')),
  row('KMA', 'delete', 'Y.....', ops('DeleteKma', 'EndUnfinishedJoins')),
  row('KMA', 'key pool size: modify', '...Y..', ops('ModifyKeyPoolSize')),
  row('User', 'list, view', 'Y.....', ops('ListUsers', 'ShowUser')),
  row('User', 'create', 'Q.....', ops('CreateUser')),
  row('User', 'modify, set passphrase', 'Q.....', ops('ModifyUser', 'SetUserPassphrase')),
  row('User', 'delete', 'Y.....', ops('DeleteUser')),
  row('Role', 'list, details', 'Y.....', ops('ListRoles')),
  row(
    'Pending quorum operation',
    'list, view, delete',
    'Y....Y',
    ops('ListPendingOperations', 'ShowPendingOperation', 'DeletePendingOperation'),
  ),
  row('Pending quorum operation', 'approve', '.....Y', ops('ApprovePendingOperation')),
  row('Key policy', 'list, view', '.Y....', ops('ListKeyPolicies', 'ShowKeyPolicy')),
  row(
    'Key policy',
    'create, modify, delete',
    '.Y....',
    ops('CreateKeyPolicy', 'ModifyKeyPolicy', 'DeleteKeyPolicy'),
  ),
  row('Key group', 'list, view', '.YY...', ops('ListAllKeyGroups', 'ShowKeyGroup')),
  row(
    'Key group',
    'create, modify, delete',
    '.Y....',
    ops('CreateKeyGroup', 'ModifyKeyGroup', 'DeleteKeyGroup'),
  ),
  row('Agent and key group', 'list', '.YY...', ops('ListAgentKeyGroups')),
  row(
    'Agent and key group',
    'modify, set default key group',
    '.Y....',
    ops('AssignKeyGroup', 'UnassignKeyGroup', 'SetDefaultKeyGroup'),
  ),
  row('Transfer partner and key group', 'list', '.YY...', TRANSFER),
  row('Transfer partner and key group', 'modify', '.Y....', TRANSFER),
  row('Agent', 'list, view', '.YY...', ops('ListAgents', 'ShowAgent')),
  row(
    'Agent',
    'create, modify, set passphrase, delete',
    '..Y...',
    ops('CreateAgent', 'ModifyAgent', 'SetAgentPassphrase', 'DeleteAgent'),
  ),
  row('Agent', 'performance list', '.YY...', ops('ListAgentPerformance')),
  row('Data unit', 'list, view, its keys', 'YYYYYY', ops('ListDataUnits', 'ShowDataUnit')),
  row('Data unit', 'modify', '..Y...', ops('ModifyDataUnit', 'SetKeyInUse')),
  row('Key', 'change key group', '.Y....', ops('ChangeKeyGroup')),
  row('Key', 'compromise', '.Y....', ops('CompromiseKey', 'CompromiseKeys')),
  row('Key', 'destroy', '..Y...', ops('DestroyKeys')),
  row('Key', 'list, view', 'YYYYYY', ops('ListKeys', 'ShowKey')),
  row('Transfer public key', 'list', 'Y.....', TRANSFER),
  row('Transfer public key', 'create', 'Y.....', TRANSFER),
  row('Transfer partner', 'list, view', 'YYY...', TRANSFER),
  row('Transfer partner', 'create', 'Q.....', TRANSFER),
  row('Transfer partner', 'modify', 'Q.....', TRANSFER),
  row('Transfer partner', 'delete', 'Y.....', TRANSFER),
  row('Key transfer', 'export, import', '..Y...', TRANSFER),
  row('Backup', 'list, view', 'YYYY..', ops('ListBackups', 'ListBackupsWithKeys')),
  row(
    'Backup',
    'create, download, confirm destruction',
    '...Y..',
    ops('CreateDatabaseBackup', 'ReadBackupPiece', 'ConfirmBackupDownloaded', 'ConfirmBackupDestroyed'),
  ),
  row('Backup', 'restore', 'Q.....', ops('RestoreFromFiles')),
  row('Backup', 'with destroyed keys of a data unit: list', '.YYY..', ops('ListBackupsWithDestroyedKeys')),
  row('SNMP manager', 'list, view', 'Y.Y.Y.', ops('ListSnmpManagers', 'ShowSnmpManager')),
  row(
    'SNMP manager',
    'create, modify, delete',
    'Y.....',
    ops('CreateSnmpManager', 'ModifySnmpManager', 'DeleteSnmpManager'),
  ),
  row(
    'Remote syslog',
    'list, create, modify, delete',
    'Y.....',
    ops(
      'ListSyslogServers',
      'ShowSyslogServer',
      'CreateSyslogServer',
      'ModifySyslogServer',
      'DeleteSyslogServer',
    ),
  ),
  row('Hardware management pack', 'enable, disable', 'Y.....', ops('EnableHmp', 'DisableHmp')),
  row('Audit event', 'list, details', 'YYYYYY', ops('ListAuditEvents', 'ShowAuditEvent')),
  row(
    'Audit event',
    'history of an agent, a data unit, a key',
    '.Y..Y.',
    ops('ListAgentHistory', 'ListDataUnitHistory', 'ListKeyHistory'),
  ),
  row('System dump', 'create, download', 'Y.Y...', ops('CreateSystemDump')),
  row('System time', 'view', 'YYYYYY', ops('ShowTime')),
  row('System time', 'modify', 'Y.....', ops('AdjustTime')),
  row('System time', 'NTP server', 'Y.....', ops('SetNtpServer')),
  row('Software version', 'list', 'YYYYYY', ops('ListSoftwareVersions')),
  row('Software version', 'upload and apply', '..Q...', SOFTWARE),
  row('Software version', 'activate, switch replication version', 'Y.....', SOFTWARE),
  row('Current load, KMA performance', 'query', 'YYYYYY', ops('ShowCurrentLoad', 'ListKmaPerformance')),
  row('Network configuration', 'view', 'YYYYYY', {
    later: 'comes with network configuration; addresses, DNS and ports are shown already',
  }),
];

/** What the product has that is no row of its roles, and is not there yet. */
export const ELSE_TO_COME: readonly (readonly [what: string, later: string])[] = [
  [
    'Join: fetch the software that fits from the member, and install it',
    `${SOFTWARE.later}; until then a KMA that is too old is refused with the release to install`,
  ],
];

/** What the product does not have. */
export const OWN_ROWS: readonly MatrixRow[] = [
  row('Hardware management pack', 'view', 'Y.Y.Y.', ops('ShowHmp')),
  row('Web Manager certificate', 'view', 'YYYYYY', ops('ShowWebCertificate')),
  row(
    'Web Manager certificate',
    'request, load, remove',
    'Y.....',
    ops('RequestWebCertificate', 'LoadWebCertificate', 'RemoveWebCertificate'),
  ),
  row('Backup schedule', 'view', 'YYYY..', ops('ShowBackupSchedule')),
  row('Backup schedule', 'modify', '...Y..', ops('ModifyBackupSchedule')),
  row('Backup', 'send the files to restore from', 'Y.....', ops('SendRestoreFile', 'ShowRestoreFiles')),
  row('Job', 'list and view own', 'YYYYYY', ops('ListJobs', 'ShowJob')),
  row('Session', 'list, end those of a user', 'Y.....', ops('ListSessions', 'EndSessions')),
  row(
    'User certificate',
    'list, revoke own (Security Officer: of all users)',
    'YYYYYY',
    ops('ListUserCertificates', 'RevokeUserCertificate'),
  ),
  row('User certificate', 'issue for monitoring', 'Y.....', ops('IssueMonitoringCertificate')),
  row('Agent certificate', 'list', '.YY...', ops('ListAgentCertificates')),
  row('Agent certificate', 'revoke', '..Y...', ops('RevokeAgentCertificate')),
  row('Technical support', 'view', 'Y.Y.Y.', ops('ShowTechnicalSupport')),
  row('System messages', 'list', 'Y.Y...', ops('ListSystemMessages')),
  row('Metrics', 'read', 'YYYYYY', ops('ShowMetrics')),
  row('Clock', 'accept records of a KMA whose clock was ahead', 'Q.....', ops('AcceptLogClock')),
  row('Clock', 'accept the time after it was found odd', 'Q.....', ops('AcceptClock')),
  row('Conflict', 'list', 'YYY.Y.', ops('ListConflicts')),
  row('Conflict', 'settle', 'YYY...', ops('SettleConflict')),
  row('Key', 'list keys perhaps issued by an ended life', 'YYYYYY', ops('ListPerhapsIssuedKeys')),
  row('TLS versions', 'view', 'YYYYYY', ops('ShowAcceptableTls')),
  row('Port', 'list', 'YYYYYY', ops('ListPorts')),
  row('DNS', 'view', 'YYYYYY', ops('ShowDns')),
  row('DNS', 'modify', 'Y.....', ops('SetDns')),
  row('DNS', 'look a name up', 'Y.Y...', ops('LookUpName')),
  row('Doctor', 'look at the other KMAs and servers', 'YYYYYY', ops('RunDoctor')),
  row('Audit event', 'verify the chains', 'YYYYYY', ops('VerifyAudit')),
];
