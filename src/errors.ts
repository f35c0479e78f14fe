/** The one register of errors: code, number, text, HTTP status and what to do. It holds no logic beyond looking a row up. */

export interface ErrorRow {
  /** Fault number: 1000-1158 as the OKM family uses them (protocol section 9), 2000 and up are our own. */
  readonly number: number;
  /** Short, free of secrets and names, and free of the words that OKM agents take for a server failure (protocol 9). */
  readonly text: string;
  readonly httpStatus: number;
  /** What the reader can do about it. */
  readonly advice: string;
}

const row = (number: number, httpStatus: number, text: string, advice: string): ErrorRow => ({
  number,
  httpStatus,
  text,
  advice,
});

export const ERRORS = {
  ACCESS_DENIED: row(
    1000,
    403,
    'Access denied',
    'Check that the caller is enabled and may use this operation, key group or key.',
  ),
  SERVER_BUSY: row(1001, 503, 'Server busy', 'Try again shortly, or at another KMA.'),
  AUTHENTICATION_FAILED: row(
    1002,
    401,
    'Authentication failed',
    'Check name and passphrase; after too many failures a new passphrase must be set.',
  ),
  AGENT_INVALID_PARAMETERS: row(
    1008,
    400,
    'Invalid parameters',
    'Compare the request with the limits of the protocol.',
  ),
  AGENT_KEY_DOES_NOT_EXIST: row(
    1009,
    404,
    'Key does not exist',
    'Check the key ID; a key of another cluster must be imported first.',
  ),
  AGENT_KEY_DESTROYED: row(
    1010,
    410,
    'Key destroyed',
    'The key is gone for good; data encrypted with it cannot be read.',
  ),
  AGENT_DATA_UNIT_ID_NOT_FOUND_EXTERNAL_ID_EXISTS: row(
    1011,
    409,
    'Data unit ID unknown but external unique ID in use',
    'Use the data unit that owns the external unique ID.',
  ),
  INVALID_DATA_UNIT_ID: row(1013, 400, 'Invalid data unit ID', 'A data unit ID is 32 hex digits.'),
  INVALID_KEY_ID: row(1014, 400, 'Invalid key ID', 'A key ID is 60 hex digits.'),
  AGENT_DUPLICATE_EXTERNAL_ID: row(
    1015,
    409,
    'External unique ID already exists',
    'Retrieve the data unit by its external unique ID instead.',
  ),
  AGENT_INVALID_EXTERNAL_ID: row(
    1016,
    400,
    'Invalid external unique ID',
    'An external unique ID is 1 to 32 bytes as hex.',
  ),
  AGENT_APPLIANCE_LOCKED: row(
    1018,
    423,
    'KMA is locked',
    'Unlock the KMA with a quorum ("kma unlock"), or use another KMA.',
  ),
  DATA_UNIT_NOT_FOUND: row(1020, 404, 'Data unit not found', 'Check the data unit ID.'),
  AGENT_NO_READY_KEYS: row(
    1021,
    503,
    'No ready keys',
    'Take a database backup ("kma backup"), so that generated keys become ready.',
  ),
  INVALID_PARAMETERS: row(1022, 400, 'Invalid parameters', 'The detail names the field and what it accepts.'),
  KMA_EXISTS: row(1024, 409, 'A KMA of this name exists', 'Choose another name.'),
  KMA_DOES_NOT_EXIST: row(1025, 404, 'KMA does not exist', 'See "kma status" for the name.'),
  AGENT_EXISTS: row(
    1028,
    409,
    'An agent of this name exists',
    'Choose another agent ID, or modify the existing agent.',
  ),
  AGENT_DOES_NOT_EXIST: row(1029, 404, 'Agent does not exist', 'List agents with "kma agent list".'),
  USER_EXISTS: row(1031, 409, 'A user of this name exists', 'Choose another user ID.'),
  USER_DOES_NOT_EXIST: row(1032, 404, 'User does not exist', 'List users with "kma user list".'),
  ONLY_SECURITY_OFFICER_DELETE: row(
    1037,
    409,
    'The only enabled Security Officer cannot be deleted or disabled',
    'Create another Security Officer first.',
  ),
  ONLY_SECURITY_OFFICER_ROLE: row(
    1038,
    409,
    'The only enabled Security Officer cannot lose the role',
    'Create another Security Officer first.',
  ),
  SITE_EXISTS: row(1039, 409, 'A site of this name exists', 'Choose another site ID.'),
  SITE_DOES_NOT_EXIST: row(1040, 404, 'Site does not exist', 'List sites with "kma site list".'),
  SITE_IN_USE: row(1041, 409, 'Site is in use', 'Move its agents and KMAs to another site first.'),
  INVALID_PASSPHRASE: row(
    1043,
    400,
    'Passphrase breaks the rules',
    '8 to 64 characters of at least three of the classes upper case, lower case, digit, special; without the name.',
  ),
  AGENT_ALREADY_IN_KEY_GROUP: row(1045, 409, 'Agent has this key group already', 'Nothing needs to be done.'),
  AGENT_NOT_IN_KEY_GROUP: row(
    1047,
    409,
    'Agent does not have this key group',
    'Assign the key group to the agent first ("kma group assign").',
  ),
  CORE_SECURITY_ALREADY_LOCKED: row(1048, 409, 'KMA is locked already', 'Nothing needs to be done.'),
  CORE_SECURITY_ALREADY_UNLOCKED: row(1049, 409, 'KMA is unlocked already', 'Nothing needs to be done.'),
  BACKUP_IN_PROGRESS: row(
    1050,
    409,
    'A backup is running',
    'Wait until it has finished; "kma status" shows it.',
  ),
  BACKUP_DOES_NOT_EXIST: row(1051, 404, 'Backup does not exist', 'List backups with "kma backup-list".'),
  BACKUP_DESTROYED: row(1052, 409, 'Backup has been destroyed', 'Use another backup.'),
  BACKUP_FILE_INVALID: row(
    1055,
    400,
    'Backup files or passphrases do not fit together',
    'Check that backup file, backup key file and core security backup belong to one cluster and are undamaged, and the quorum passphrases.',
  ),
  RESTORE_TARGET_NOT_EMPTY: row(
    1056,
    409,
    'The directory to restore into is not empty',
    'Give a new directory with --data.',
  ),
  APPLIANCE_LOCKED: row(1080, 423, 'KMA is locked', 'Unlock it with a quorum: "kma unlock".'),
  KEY_POLICY_EXISTS: row(1093, 409, 'A key policy of this name exists', 'Choose another key policy ID.'),
  KEY_POLICY_DOES_NOT_EXIST: row(
    1094,
    404,
    'Key policy does not exist',
    'List key policies with "kma policy list".',
  ),
  KEY_POLICY_IN_USE: row(1095, 409, 'Key policy is in use', 'Give its key groups another key policy first.'),
  KEY_GROUP_EXISTS: row(1099, 409, 'A key group of this name exists', 'Choose another key group ID.'),
  KEY_GROUP_DOES_NOT_EXIST: row(
    1100,
    404,
    'Key group does not exist',
    'List key groups with "kma group list".',
  ),
  KEY_GROUP_IN_USE: row(1101, 409, 'Key group is in use', 'A key group that has keys or agents stays.'),
  KEY_DOES_NOT_EXIST: row(1102, 404, 'Key does not exist', 'List keys with "kma key list".'),
  KEY_ALREADY_COMPROMISED: row(1103, 409, 'Key is compromised already', 'Nothing needs to be done.'),
  LIMIT_EXCEEDED: row(1106, 409, 'Limit exceeded', 'The detail names the limit.'),
  NEED_CORE_SECURITY_BACKUP: row(
    1114,
    409,
    'A core security backup is needed first',
    'Take one: "kma core-security-backup --to DIR".',
  ),
  KEY_NOT_DESTROYABLE: row(
    1115,
    409,
    'Only deactivated or compromised keys can be destroyed',
    'Wait for the end of the cryptoperiod, or declare the key compromised first.',
  ),
  NOT_SUPPORTED: row(1134, 501, 'Not supported', 'See the list of operations.'),
  AGENT_KWK_NOT_REGISTERED: row(
    1135,
    409,
    'Key wrapping key is not registered',
    'Register a key wrapping key at this KMA and repeat the call.',
  ),
  AGENT_KWK_ID_MISMATCH: row(
    1136,
    409,
    'Key wrapping key ID does not match',
    'Register a key wrapping key at this KMA and repeat the call.',
  ),
  FIPS_MODE_REQUIRED: row(
    1142,
    403,
    'Only wrapped keys are allowed',
    'Let the agent use the wrapped calls (a discovery frequency above 0).',
  ),
  MANAGER_INTERNAL: row(
    1149,
    500,
    'Core security error',
    'See the audit log and the log of the core process.',
  ),
  QUORUM_NOT_MET: row(
    1152,
    403,
    'The quorum is not met',
    'Give as many different key split credentials as the threshold asks for; no hint tells which was wrong.',
  ),
  CORE_SECURITY_NOT_FOUND: row(1158, 500, 'Core security was not found', 'Restore this KMA from a backup.'),

  SERVER_ERROR: row(
    2000,
    500,
    'Server Error',
    'Nothing was changed. See the log of the core process; try again or use another KMA.',
  ),
  CLOCK_ODD: row(
    2001,
    503,
    'The clock of this KMA is not to be trusted',
    'Set the clock right, or accept the time with a quorum ("kma clock accept"). Keys can be retrieved meanwhile.',
  ),
  STORE_UNWRITABLE: row(
    2002,
    503,
    'The store cannot be written',
    'Check free space and the file system of the data directory; nothing was changed, and it goes on by itself once there is space.',
  ),
  PORT_TAKEN: row(
    2003,
    500,
    'A port is in use',
    'Stop the program named in the detail, take other ports (--port-offset 10000; agents then enrol with the same option), or listen on another address (--listen).',
  ),
  DATA_DIRECTORY_IN_USE: row(
    2004,
    409,
    'Another KMA runs on this data directory',
    'Stop it first, or give another directory with --data.',
  ),
  DATA_DIRECTORY_LOOSE: row(
    2005,
    500,
    'The data directory can be read by others',
    'Run the chmod command named in the detail.',
  ),
  DATA_DIRECTORY_EMPTY: row(
    2006,
    404,
    'No KMA was set up in this directory',
    'Run "kma init --data DIR" first, or "npm start" for a demonstration.',
  ),
  DATA_DIRECTORY_INITIALISED: row(
    2007,
    409,
    'A KMA was set up in this directory already',
    'QuickStart runs once; give another directory with --data.',
  ),
  NOT_RUNNING: row(
    2008,
    503,
    'No KMA is running on this data directory',
    'Start it with "kma serve --data DIR".',
  ),
  BACKUP_INSIDE_DATA: row(
    2009,
    400,
    'A backup must not be written into the data directory',
    'Give a directory on another medium with --to.',
  ),
  SCHEMA_TOO_NEW: row(
    2010,
    409,
    'The data directory was written by a newer version',
    'Run the newer version of OpenKMA.',
  ),
  USAGE: row(2011, 400, 'The command line is not understood', "See the command's --help."),
  PATH_TOO_LONG: row(
    2012,
    400,
    'The path of the data directory is too long',
    'Use a path of at most 90 bytes: a Unix socket lies in it.',
  ),
  DATA_DIRECTORY_NOT_EMPTY: row(
    2013,
    409,
    'The directory holds other files',
    'Give a new or an empty directory with --data; move an unlock key that the detail names to where its KMA is.',
  ),
  ADDRESS_UNUSABLE: row(
    2014,
    500,
    'An address or port cannot be listened on',
    'Give an address of this machine (--listen) and ports above 1023.',
  ),
  DATA_DIRECTORY_UNMOVABLE: row(
    2021,
    409,
    'A finished data directory cannot be moved to this place',
    'Give a directory below it with --data, such as DIR/kma: the parent must be writable, and the directory no mount point.',
  ),
  ERROR_STATE: row(
    2015,
    503,
    'The KMA has stopped itself',
    'The detail names the reason. Start it again: it goes on when its self-test passes. If it stops again, install OpenKMA anew, or restore a backup on another machine.',
  ),
  SELF_TEST_FAILED: row(
    2017,
    500,
    'The self-test failed, and nothing was made',
    'The detail names the primitives. Install OpenKMA anew, or use another machine.',
  ),
  STORE_DAMAGED: row(
    2016,
    500,
    'The store is damaged',
    'Restore this KMA from its last backup on a sound disk. Until then it changes nothing, and keys whose rows are sound can be retrieved.',
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** An error for programs at the edge (command line, start-up), where there is no caller to answer with a value. */
export class OpenKmaError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  constructor(code: ErrorCode, detail?: string) {
    super(detail === undefined ? ERRORS[code].text : `${ERRORS[code].text}: ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}
