/** A KMA joins as people do it: "kma init --join", then "kma serve", until it has all that the member had; timed, and its memory watched. It sets nothing up at the member. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Person } from '../../test/support/kma.ts';
import { KMA_PROGRAM } from '../../test/support/kma-command.ts';
import { type Member, memoryOf, untilHolds } from './member.ts';

/** Often enough to see a peak that lasts; a look costs some milliseconds. */
const LOOK_MS = 250;

export interface Joined {
  readonly member: Member;
  /** From the command to the last entry and key of the member. */
  readonly seconds: number;
  /** The greatest sum of its processes. */
  readonly megabytes: number;
}

export interface Credentials {
  readonly passphrase: string;
  readonly quorum: readonly Person[];
  readonly caKeySha256: string;
}

export async function joinAndCatchUp(of: Member, member: Member, given: Credentials): Promise<Joined> {
  const had = of.openStore();
  const vector = had.vector();
  had.close();
  const began = performance.now();
  const peakOfInit = await init(of, member, given);
  const [, peakOfServing] = await watched(
    () => member.megabytes(),
    async () => {
      await member.start();
      const store = member.openStore();
      await untilHolds(store, vector).finally(() => store.close());
    },
  );
  const seconds = (performance.now() - began) / 1000;
  return { member, seconds, megabytes: Math.max(peakOfInit, peakOfServing) };
}

/** Gives the greatest memory of the command. */
async function init(of: Member, { place }: Member, given: Credentials): Promise<number> {
  const { name, host, data, folder } = place;
  const answers = join(folder, 'answers.json');
  const addresses = { managementAddress: host, serviceAddress: host };
  const { passphrase, quorum, caKeySha256 } = given;
  writeFileSync(
    answers,
    JSON.stringify({ kmaName: name, passphrase, ...addresses, quorum, autonomousUnlock: true }),
    { mode: 0o600 },
  );
  const joinOf = [
    '--join',
    of.place.host,
    '--port-offset',
    String(place.portOffset),
    '--ca-key',
    caKeySha256,
  ];
  const command = [KMA_PROGRAM, '--data', data, '--json', 'init', ...joinOf, '--answers', answers];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(child.stderr);
  const [[code], peak] = await watched(
    () => memoryOf(child.pid ?? 0),
    () => once(child, 'exit'),
  );
  if (code !== 0) throw new Error(`joining failed: ${await said}`);
  return peak;
}

/** What `work` gives, and the greatest memory seen meanwhile. */
async function watched<T>(megabytes: () => number, work: () => Promise<T>): Promise<readonly [T, number]> {
  let peak = 0;
  const look = setInterval(() => {
    peak = Math.max(peak, megabytes());
  }, LOOK_MS);
  try {
    const done = await work();
    return [done, Math.max(peak, megabytes())];
  } finally {
    clearInterval(look);
  }
}
