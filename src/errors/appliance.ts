/** What is wrong with a KMA itself or where it is to run: the disk, the directory, the ports. No logic. */
import { type ErrorRow, row } from './row.ts';

export const APPLIANCE_ERRORS = {
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
  ROOT_CA_CHANGED: row(
    2065,
    409,
    'The root CA was renewed by somebody else meanwhile',
    'Look at it with "kma root-ca show"; renew it again only if that is still wanted.',
  ),
  SHA1_CUTS_AGENTS_OFF: row(
    2066,
    409,
    'Certificates signed with SHA-1 would cut agents off',
    'Agents that ask for TLS 1.2 or later refuse them. Take SHA-256; or, where only older agents are left, accept their TLS first with "kma tls set 1.0".',
  ),
  JOIN_FAILED: row(
    2110,
    403,
    'The KMA cannot join the cluster',
    'The audit of the member says more. Nothing was set up; what the newcomer made of itself lies beside its data directory, and the same command goes on with it.',
  ),
  JOIN_BROKEN_OFF: row(
    2111,
    503,
    'The join was broken off',
    'Give the same command again: it goes on where it was, as long as the member keeps its copy (ten minutes).',
  ),
  ROOT_KEY_MATERIAL_REPLACED: row(
    2130,
    423,
    'This KMA does not have the root key material of today',
    'Another KMA was deleted as lost, and the root key material replaced. Unlock this KMA with a quorum ("kma unlock"), and it has it.',
  ),
  STORE_DAMAGED: row(
    2016,
    500,
    'The store is damaged',
    'Restore this KMA from its last backup on a sound disk. Until then it changes nothing, and keys whose rows are sound can be retrieved.',
  ),
} as const satisfies Record<string, ErrorRow>;
