/** Asks an NTP server once for the time, before it is set as the server of a KMA: a chronyd that sets nothing and serves nobody. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { PlatformRefusal } from '../refusal.ts';
import { ownFiles } from './chrony-config.ts';
import { type ChronyUser, userArguments } from './chrony-user.ts';
import { CHRONY_PACKAGE, isMissing, PROGRAM_ENVIRONMENT } from './programs.ts';
import { makeRunDirectory } from './run-directory.ts';

/** Three requests. */
const WAIT_SECONDS = 5;
const TIMEOUT_MS = 15_000;
/** What it says when it has measured: how far it would have moved the clock. */
const MEASURED = /System clock wrong by (-?\d+\.\d+) seconds/;

/** By how much the machine's clock is ahead of the server's. Throws where the server gives no usable time. */
export async function probeServer(address: string, port: number, user: ChronyUser): Promise<number> {
  const directory = makeRunDirectory(user);
  try {
    return await measure(address, [
      ...['-Q', '-t', String(WAIT_SECONDS)],
      ...userArguments(user),
      `server ${address} port ${port} iburst maxsamples 1`,
      ...ownFiles(directory),
    ]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function measure(address: string, given: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string) => reject(new PlatformRefusal('NTP_SERVER_UNREACHABLE', why));
    execFile('chronyd', given, { env: PROGRAM_ENVIRONMENT, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const wrong = MEASURED.exec(`${stdout}${stderr}`)?.[1];
      if (wrong !== undefined) resolve(-Number(wrong));
      else if (isMissing(error)) refuse(`chronyd is not installed: package ${CHRONY_PACKAGE}`);
      else refuse(`${address} gave no usable time in ${WAIT_SECONDS} s`);
    });
  });
}
