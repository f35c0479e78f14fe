/** Writes the files of one run of sshd, for root alone, and removes them: configuration, accounts, keys, shells. They are put in place by enter-sandbox.sh. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SupportSetting } from '../../platform-settings/support.ts';
import { accountFiles } from './account-files.ts';
import type { HostKeys } from './host-keys.ts';
import type { SupportLimits } from './limits.ts';
import { rootShellFiles } from './root-shell.ts';
import { SANDBOX } from './sandbox.ts';
import { type ListenAt, sshdConfigText } from './sshd-config.ts';

interface SshdFilesPlan {
  readonly setting: SupportSetting;
  readonly listen: ListenAt;
  readonly limits: SupportLimits;
  readonly kmaName: string;
  readonly hostKeys: HostKeys;
  readonly socketDirectory: string;
}

/** With the program and nothing else to read; no variable of the client comes this far. */
const SUPPORT_SHELL = `#!/bin/sh
exec ${SANDBOX.node} --permission --allow-fs-read=${SANDBOX.supportProgram} --no-warnings --max-old-space-size=64 --max-semi-space-size=1 ${SANDBOX.supportProgram}
`;

export function writeSshdFiles(directory: string, plan: SshdFilesPlan): void {
  removeSshdFiles(directory);
  const etc = join(directory, 'etc');
  mkdirSync(etc, { mode: 0o700 });
  const { setting, hostKeys } = plan;
  const keys = Object.entries(hostKeys.private(setting.hostKeys));
  const files: Readonly<Record<string, string | Buffer>> = {
    ...accountFiles(setting),
    ...Object.fromEntries(keys.map(([kind, bytes]) => [`host-key-${kind}`, bytes])),
    sshd_config: sshdConfigText(setting, plan.listen, plan.limits),
    authorized_keys: setting.authorizedKeys.map((key) => `${key}\n`).join(''),
    banner: `Technical support of the key manager "${plan.kmaName}". For those who were asked to; everything is recorded.\n`,
    'support-shell': SUPPORT_SHELL,
    ...(setting.primaryAdministrator ? rootShellFiles(etc, plan.socketDirectory) : {}),
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(etc, name), content, { mode: 0o600 });
}

export function removeSshdFiles(directory: string): void {
  rmSync(join(directory, 'etc'), { recursive: true, force: true });
}
