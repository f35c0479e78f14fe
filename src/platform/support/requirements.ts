/** What technical support needs of the machine: root, namespaces, OpenSSH. It installs nothing and says what is missing. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PlatformRefusal } from '../refusal.ts';
import { DAEMON_ENVIRONMENT, SSHD_PROGRAM } from './sshd.ts';

const run = promisify(execFile);
/** The first that cuts idle sessions by itself; Debian 12 has it. */
const OLDEST = [9, 2] as const;
const PROBE_MS = 10_000;

/** Throws a PlatformRefusal where something is missing. */
export async function checkRequirements(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new PlatformRefusal('SUPPORT_NEEDS_ROOT', 'this KMA was not started as root');
  const version = await sshdVersion();
  const [, major, minor] = /^OpenSSH_(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]))
    throw new PlatformRefusal('SUPPORT_NOT_INSTALLED', `${version} is older than ${OLDEST.join('.')}`);
  await run('ssh-keygen', ['-?'], { env: DAEMON_ENVIRONMENT }).catch(missing('ssh-keygen'));
  await run('unshare', ['--mount', '--pid', '--fork', 'true'], {
    env: DAEMON_ENVIRONMENT,
    timeout: PROBE_MS,
  }).catch((error: unknown) => {
    throw new PlatformRefusal(
      'SUPPORT_NEEDS_ROOT',
      `this root may make no namespaces, as in a container without CAP_SYS_ADMIN: ${firstLine(error)}`,
    );
  });
}

/** It tells its version with its usage, and counts that as a failure. */
export async function sshdVersion(): Promise<string> {
  const told = await run(SSHD_PROGRAM, ['-?'], { env: DAEMON_ENVIRONMENT }).catch(missing(SSHD_PROGRAM));
  return /OpenSSH_[^\s,]+/.exec(`${told.stderr}${told.stdout}`)?.[0] ?? 'unknown';
}

function missing(program: string) {
  return (error: { code?: unknown; stdout?: string; stderr?: string }) => {
    if (error.code === 'ENOENT') throw new PlatformRefusal('SUPPORT_NOT_INSTALLED', `${program} is missing`);
    return { stdout: error.stdout ?? '', stderr: error.stderr ?? '' };
  };
}

const firstLine = (error: unknown) =>
  String(error instanceof Error ? error.message : error)
    .split('\n')
    .slice(0, 2)
    .join(' ');
