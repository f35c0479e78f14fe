/** The accounts of the private file system of the support sshd, as texts of passwd, group and shadow: nobody of the machine is in them. It writes nothing. */
import { SUPPORT_ACCOUNT, type SupportSetting } from '../../platform-settings/support.ts';
import { SANDBOX } from './sandbox.ts';

/** From the range that systemd gives away for the life of a service, so no person and no file has them. */
export const SUPPORT_ID = 65_171;
const SEPARATED_ID = 65_172;
const NOBODY_ID = 65_534;
const DAY_MS = 24 * 60 * 60 * 1000;

export function accountFiles(setting: SupportSetting): Readonly<Record<string, string>> {
  const { passwordHash, expiresAtMs, primaryAdministrator } = setting;
  const id = primaryAdministrator ? 0 : SUPPORT_ID;
  const shell = primaryAdministrator ? SANDBOX.rootShell : SANDBOX.supportShell;
  // sshd itself refuses the account from the day after, should nobody be there to end it.
  const lastDay = Math.ceil(expiresAtMs / DAY_MS);
  return {
    passwd: lines(
      'root:x:0:0:root:/:/usr/sbin/nologin',
      `${SUPPORT_ACCOUNT}:x:${id}:${id}:OpenKMA technical support:${SANDBOX.home}:${shell}`,
      `sshd:x:${SEPARATED_ID}:${NOBODY_ID}::/run/sshd:/usr/sbin/nologin`,
      `nobody:x:${NOBODY_ID}:${NOBODY_ID}:nobody:/nonexistent:/usr/sbin/nologin`,
    ),
    // sshd gives a terminal to the group "tty" where there is one.
    group: lines('root:x:0:', 'tty:x:5:', `${SUPPORT_ACCOUNT}:x:${SUPPORT_ID}:`, `nogroup:x:${NOBODY_ID}:`),
    // "*" is no password's hash; "!" would lock the account against its keys too.
    shadow: lines(
      'root:*:19000::::::',
      `${SUPPORT_ACCOUNT}:${passwordHash ?? '*'}:19000:0::::${lastDay}:`,
      'sshd:!:19000::::::',
      'nobody:*:19000::::::',
    ),
    // No service of the machine is asked for names of people or of addresses.
    'nsswitch.conf': lines('passwd: files', 'group: files', 'shadow: files', 'hosts: files'),
  };
}

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;
