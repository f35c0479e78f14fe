/** "kma restore": QuickStart mode 3, a KMA out of its backup files, with the quorum of the core security backup. It replaces nothing. */
import { type Restored, restore } from '../backup/restore.ts';
import { isRefusal } from '../core/refusal.ts';
import { OpenKmaError } from '../errors.ts';
import { NOT_DESTROYED_TEXT } from '../operations/restore.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { say } from './output.ts';
import { promptName } from './passphrases.ts';
import { readQuorum } from './quorum.ts';
import { checkedAddress } from './serve-command.ts';

export interface RestoreOptions {
  readonly coreSecurityBackup: string;
  readonly backup: string;
  readonly backupKey: string;
  readonly managementAddress: string;
  readonly serviceAddress: string;
  /** Asked for where it is missing. */
  readonly quorumFile?: string;
}

export async function restoreFromFiles(dataDirectory: string, options: RestoreOptions): Promise<Restored> {
  const places = {
    serviceAddress: checkedAddress(options.serviceAddress),
    managementAddress: checkedAddress(options.managementAddress),
  };
  const quorum = await readQuorum(options.quorumFile);
  const result = await restore({
    dataDirectory,
    coreSecurityBackup: options.coreSecurityBackup,
    backupFile: options.backup,
    backupKeyFile: options.backupKey,
    quorum: quorum.map(({ name, passphrase }) => ({ name, passphrase: SecretBytes.fromText(passphrase) })),
    ...places,
    step: (text) => say(`${text} ...`),
  });
  if (isRefusal(result)) throw new OpenKmaError(result.refused, result.detail);
  say(NOT_DESTROYED_TEXT);
  return result;
}

/** On a terminal, where QuickStart was asked for a restore. */
export async function askRestoreOptions(): Promise<RestoreOptions> {
  const ask = (question: string, option: string) => promptName(question, `"kma restore" with ${option}`);
  return {
    coreSecurityBackup: await ask('file of the core security backup', '--core-security-backup'),
    backup: await ask('file of the backup (OKM-Backup-....dat)', '--backup'),
    backupKey: await ask('file of its key (OKM-BackupKey-....json)', '--backup-key'),
    managementAddress: await ask('address of this KMA on the management network', '--management-address'),
    serviceAddress: await ask('its address on the service network', '--service-address'),
  };
}
